-- Devices on which a user need not prove everything again after an idle end (NIST SP 800-63B-4 §5.1).
create table trusted_devices (
    home             bigint not null references tenants on delete cascade,
    device_id        text not null,
    user_id          text not null check (length(user_id) between 1 and 128),
    fingerprint_hash text not null,
    device_name      text,
    device_type      text,
    browser          text,
    os               text,
    ip               inet,
    created_at       timestamptz not null,
    trusted_until    timestamptz not null,
    primary key (home, device_id),
    unique (home, user_id, fingerprint_hash)
);

create index trusted_devices_by_fingerprint on trusted_devices (home, fingerprint_hash);
create index trusted_devices_by_end on trusted_devices (trusted_until);

-- How often a session was used on a day (UTC).
create table session_usage (
    home       bigint not null,
    session_id uuid not null,
    day        date not null,
    uses       bigint not null,
    primary key (home, session_id, day),
    foreign key (home, session_id) references sessions on delete cascade
);

-- When the statistics were read: each minute of a day, each hour of a month, each day of ten years.
create table sampling_rounds (
    resolution text not null check (resolution in ('minute', 'hour', 'day')),
    at         timestamptz not null, -- start of the minute, hour or day
    read_at    timestamptz not null, -- the instant the numbers are true for
    primary key (resolution, at)
);

-- The numbers of a tenant at a reading, where something had changed since the one before.
create table statistics_samples (
    home             bigint not null references tenants on delete cascade,
    resolution       text not null check (resolution in ('minute', 'hour', 'day')),
    at               timestamptz not null,
    read_at          timestamptz not null,
    active           bigint not null,
    expired          bigint not null,
    revoked          bigint not null,
    purged_revoked   bigint not null,
    purged_expired   bigint not null,
    device_breakdown jsonb not null,
    primary key (home, resolution, at)
);

create index statistics_samples_by_age on statistics_samples (resolution, at);

-- Revocations of many sessions, done a batch at a time by whichever process holds the lease. Each ends the very sessions
-- that its dry run showed: they are kept by name, and the dry run is the job that waits to be confirmed.
create table jobs (
    home          bigint not null references tenants on delete cascade,
    job_id        text not null,
    filter        jsonb not null,
    as_of         timestamptz not null, -- the instant at which the filter was shown: nothing newer is touched
    kept_session  uuid,
    reason        text not null,
    requested_by  text not null,
    total         bigint not null, -- no more than this is ended
    done          bigint not null default 0,
    already_ended bigint not null default 0, -- sessions that had ended or gone when their turn came
    state         text not null default 'waiting' check (state in ('shown', 'waiting', 'running', 'done', 'cancelled')),
    leased_until  timestamptz not null default '-infinity',
    created_at    timestamptz not null,
    finished_at   timestamptz,
    by_user       text,
    by_tenant     text,
    by_key        text,
    request_id    text,
    primary key (home, job_id)
);

create index jobs_open on jobs (created_at) where finished_at is null;
create index jobs_by_end on jobs (finished_at) where finished_at is not null;

create table job_sessions (
    home       bigint not null,
    job_id     text not null,
    session_id uuid not null,
    primary key (home, job_id, session_id),
    foreign key (home, job_id) references jobs on delete cascade
);

-- What administrators and services did, each entry chained to the one before; the platform (home 0) has a log of its own.
create table audit_entries (
    home           bigint not null,
    sequence       bigint not null,
    at             timestamptz not null,
    action         text not null,
    request_id     text not null,
    details        jsonb,
    details_sha256 bytea not null,
    previous_hash  bytea not null,
    hash           bytea not null,
    primary key (home, sequence)
);

create index audit_entries_by_action on audit_entries (home, action, sequence);
create index audit_entries_by_actor on audit_entries (home, (details ->> 'actor'), sequence);
create index audit_entries_by_request on audit_entries (home, request_id);

create table audit_heads (
    home     bigint primary key,
    sequence bigint not null,
    hash     bytea not null
);

-- What is personal in an entry of the audit log, apart from it: each value with whom it belongs to. The entry's hash is
-- over the commitments, so that an erasure removes values and salts and leaves the chain as it is.
create table audit_values (
    home           bigint not null,
    sequence       bigint not null,
    place          integer not null,
    path           text[] not null, -- where it stands in the details
    subject        bytea, -- keyed hash of whom it belongs to; null: of nobody who is known, or of all that the entry mentions
    user_id        text,
    value          text, -- null, with its salt: erased
    salt           bytea,
    commitment     bytea not null,
    foreign_tenant text, -- of a user of another tenant, who acted here: its tenant
    foreign_user   text,
    primary key (home, sequence, place),
    foreign key (home, sequence) references audit_entries on delete cascade
);

create index audit_values_by_user on audit_values (home, user_id, sequence) where user_id is not null;
create index audit_values_by_foreign_user on audit_values (foreign_tenant, foreign_user) where foreign_user is not null;
create index audit_values_by_value on audit_values (home, value, sequence) where length(value) <= 128;
create index audit_values_of_nobody on audit_values (home)
where subject is null and value is not null and path[array_upper(path, 1)] in ('ip', 'search');

-- Who asked to be forgotten, until that is done; afterwards the log knows by a keyed hash.
create table erasures (
    home         bigint not null references tenants on delete cascade,
    user_id      text not null,
    subject      bytea not null,
    request_id   text not null,
    requested_at timestamptz not null,
    leased_until timestamptz not null default '-infinity',
    until        bigint not null, -- the last entry of the log at that moment: what comes later is of somebody new
    position     bigint not null default 0, -- the last entry of the log that was looked at
    forgotten    boolean not null default false, -- all but the user agents, which only the user had
    pruned       boolean not null default false, -- and those
    traces       text[], -- addresses and devices of the user, to be found where nobody is named
    primary key (home, user_id)
);
