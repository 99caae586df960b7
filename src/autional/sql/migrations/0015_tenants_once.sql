-- A tenant that is deleted is over at once and goes in batches; its id, kept as a keyed hash, is never given out again.
alter table tenants add deleted_at timestamptz;

create table deleted_tenants (
    id_hmac    bytea primary key,
    deleted_at timestamptz not null
);
