-- What lets an earlier state of the database be put back without bringing to life what was ended since.

alter table tenants add constraint tenants_home_check check (home <> 0); -- that is the platform's

alter table api_keys add column closed_at timestamptz; -- by a restoration, until somebody enables it

-- Each time that an earlier state was put back; the last one's epoch goes into the ids of events and cursors.
create table restorations (
    epoch       text primary key,
    restored_at timestamptz not null,
    state_at    timestamptz, -- about when the state was current
    finished_at timestamptz -- no node starts before: everything of that state is over
);

-- Who was erased, by a keyed hash, so that it can be done again in an earlier state.
create table erased_users (
    home         bigint not null references tenants on delete cascade,
    subject      bytea not null,
    requested_at timestamptz not null,
    primary key (home, subject, requested_at)
);
