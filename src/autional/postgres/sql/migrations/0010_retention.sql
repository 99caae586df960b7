-- How long a tenant keeps ended sessions, where it is not the default.
create table retentions (
    tenant_id  text primary key references tenants on delete cascade,
    keep_ended interval not null
);

drop function if exists purge_expired;
