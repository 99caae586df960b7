-- A tenant that is deleted is over at once and goes in batches; its id, kept as a keyed hash, is never given out again.
alter table tenants add deleted_at timestamptz;

create table deleted_tenants (
    id_hmac    bytea primary key,
    deleted_at timestamptz not null
);

-- The platform has a log of its own.
alter table audit_heads drop constraint audit_heads_tenant_id_fkey;
alter table audit_entries drop constraint audit_entries_tenant_id_fkey;

alter table access_tokens drop constraint access_tokens_kind_check;
alter table access_tokens add ancestors text[]; -- the tokens that it was exchanged from: it ends with any of them
alter table access_tokens add check (kind in ('session', 'reissue', 'exchange', 'operator'));
