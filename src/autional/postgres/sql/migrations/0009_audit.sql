-- What administrators and services did, each entry chained to the one before. What is personal stands in the details,
-- which an erasure may remove: the chain is over their hash.
create table audit_entries (
    tenant_id      text not null references tenants on delete cascade,
    sequence       bigint not null,
    at             timestamptz not null,
    action         text not null,
    request_id     text not null,
    details        jsonb, -- null: erased
    details_sha256 bytea not null,
    previous_hash  bytea not null,
    hash           bytea not null,
    primary key (tenant_id, sequence)
);

create table audit_heads (
    tenant_id text primary key references tenants on delete cascade,
    sequence  bigint not null,
    hash      bytea not null
);
