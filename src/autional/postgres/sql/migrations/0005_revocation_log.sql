-- The revocation log, told in one order: a row gets its position once every transaction that could come before it is over.
alter table revocations
    add column transaction_id xid8 not null default pg_current_xact_id(),
    add column position bigint, -- dense in a tenant; null: not yet placed
    drop constraint revocations_kind_check,
    add constraint revocations_kind_check check (
        kind in ('session', 'token', 'user', 'tenant', 'restored', 'established', 'assurance')
    );

create index revocations_unplaced on revocations (transaction_id, revocation_id) where position is null;
create unique index revocations_by_position on revocations (home, position) where position is not null;

-- How far the log of a tenant goes.
create table revocation_heads (
    home      bigint primary key references tenants on delete cascade,
    position  bigint not null default 0, -- of the last row that was placed
    pruned_to bigint not null default 0 -- rows up to here may be gone
);
