-- What is personal in an entry of the audit log, apart from it: each value with whom it belongs to. The entry's hash is
-- over the commitments, so that an erasure removes values and salts and leaves the chain as it is.
create table audit_values (
    tenant_id  text not null,
    sequence   bigint not null,
    place      integer not null,
    path       text[] not null, -- where it stands in the details
    subject    bytea, -- keyed hash of whom it belongs to; null: of nobody who is known, or of all that the entry mentions
    user_id    text,
    value      text, -- null, with its salt: erased
    salt       bytea,
    commitment bytea not null,
    foreign_tenant text, -- of a user of another tenant, who acted here: its tenant
    foreign_user   text,
    primary key (tenant_id, sequence, place),
    foreign key (tenant_id, sequence) references audit_entries on delete cascade
);

create index audit_values_by_user on audit_values (tenant_id, user_id, sequence) where user_id is not null;
create index audit_values_by_foreign_user on audit_values (foreign_tenant, foreign_user) where foreign_user is not null;
create index audit_values_by_value on audit_values (tenant_id, value, sequence) where length(value) <= 128;
create index audit_values_of_nobody on audit_values (tenant_id)
where subject is null and value is not null and path[array_upper(path, 1)] in ('ip', 'search');
create index audit_entries_by_action on audit_entries (tenant_id, action, sequence);
create index audit_entries_by_actor on audit_entries (tenant_id, (details ->> 'actor'), sequence);

drop function if exists append_audit;

-- Who asked to be forgotten, until that is done; afterwards the log knows by a keyed hash.
create table erasures (
    tenant_id    text not null references tenants on delete cascade,
    user_id      text not null,
    subject      bytea not null,
    request_id   text not null,
    requested_at timestamptz not null,
    leased_until timestamptz not null default '-infinity',
    until        bigint not null, -- the last entry of the log at that moment: what comes later is of somebody new
    position     bigint not null default 0, -- the last entry of the log that was looked at
    traces       text[], -- addresses and devices of the user, to be found where nobody is named
    primary key (tenant_id, user_id)
);

alter table sessions drop constraint sessions_user_id_check; -- empty: erased
alter table sessions add constraint sessions_user_id_check check (length(user_id) <= 128);
update sessions set user_id = '' where user_id = 'erased' and end_reason = 'erasure';
