-- Tenants that outgrow one machine. Each of their buckets is a tenant of its own here, with a name of its own (acme/3): a
-- user is whole in one of them. The row under the tenant's own id is disabled from the beginning of time, so that a node
-- which does not know yet that the tenant is split refuses everything of it.
create table split_tenants (
    tenant_id text primary key,
    buckets   integer not null check (buckets between 2 and 512)
);

alter table tenants drop constraint tenants_tenant_id_check,
    add constraint tenants_tenant_id_check check (tenant_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}(/[1-9][0-9]{0,2})?$');
