-- Rows of hot tables refer to others without foreign keys, each of which would lock the parent's row at every insert: who
-- inserts holds the gate or the session's row, and who deletes a parent deletes its children.

-- What browsers and apps say they are, each text once a tenant, under 63 bits of its hash.
create table user_agents (
    home          bigint not null,
    user_agent_id bigint not null,
    user_agent    text not null,
    primary key (home, user_agent_id)
);

-- A session is over the instant a deadline passes. `state` says only what a write said: a live row may be overdue.
create table sessions ( -- in an order without padding, what has a fixed width first
    home               bigint not null,
    session_id         uuid not null,
    created_at         timestamptz not null,
    last_active_at     timestamptz not null,
    expires_at         timestamptz not null,
    idle_expires_at    timestamptz not null check (idle_expires_at <= expires_at),
    expiry_minute      integer not null, -- floor of the epoch of idle_expires_at in minutes
    tenant_generation  integer not null default 0, -- the tenant's session_generation when it began
    access_generation  integer not null default 0,
    aal                smallint not null check (aal between 1 and 3),
    risk_score         smallint not null default 0 check (risk_score between 0 and 100),
    idle_timeout       interval,
    ended_at           timestamptz,
    user_agent_id      bigint,
    latitude           real,
    longitude          real,
    state              text not null default 'live' check (state in ('live', 'revoked', 'expired')),
    user_id            text not null check (length(user_id) <= 128), -- empty: erased
    role               text not null check (role in ('user', 'security_admin', 'admin', 'platform_admin')),
    amr                text not null, -- with a space after each but the last
    device_type        text not null check (device_type in ('desktop', 'mobile', 'tablet', 'tv', 'bot', 'other')),
    device_model       text,
    app_id             text,
    device_id          text,
    device_fingerprint text,
    browser            text,
    os                 text,
    ip                 inet,
    country            text,
    city               text,
    risk_facts         jsonb not null default '{}', -- strength of each fact that counts, above 0 and up to 1
    end_reason         text,
    primary key (home, session_id),
    check ((state = 'live') = (ended_at is null))
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- Statements on a named session say `ended_at is null` instead of `state = 'live'`: the planner must not prefer this
-- index to the primary key.
create index sessions_live_by_expiry on sessions (home, expiry_minute) where state = 'live';
create index sessions_ended on sessions (home, state, ended_at) where ended_at is not null;
-- Lists are in the order of (created_at, id), with times from the database: no list is ordered by the time in an id.
create index sessions_by_creation on sessions (home, created_at, session_id);
-- Equality and prefixes by one index.
create index sessions_by_user on sessions (home, user_id text_pattern_ops, created_at, session_id);
create index sessions_by_device on sessions (home, device_id, created_at, session_id) where device_id is not null;
create index sessions_by_ip on sessions (home, ip) where ip is not null;
create index sessions_by_risk on sessions (home, risk_score, created_at, session_id) where risk_score > 0;

create index sessions_by_user_agent on sessions (home, user_agent_id) where user_agent_id is not null;

-- Sessions by the state their rows say, spread over slots so that concurrent writes do not wait for each other.
-- Only sums over the slots mean anything: a session may enter through one and leave through another.
create table session_counters (
    home           bigint not null,
    slot           smallint not null,
    device_type    text not null,
    live           bigint not null,
    revoked        bigint not null,
    expired        bigint not null,
    purged_revoked bigint not null default 0, -- of records that are gone: a lifetime's total outlives them
    purged_expired bigint not null default 0,
    changed_minute integer not null, -- of the epoch, when they last changed
    primary key (home, slot, device_type)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- A refresh token with the access token that was issued with it, whose id differs by the last bit (access_of). Its text
-- says its session and is authenticated by the service's key: no secret is stored.
create table token_pairs (
    home               bigint not null,
    refresh_id         uuid not null,
    session_id         uuid not null,
    issued_at          timestamptz not null,
    expires_at         timestamptz not null,
    access_expires_at  timestamptz not null,
    depth              integer not null default 0, -- how many came before it
    refresh_generation integer not null, -- of the tenant when it was issued, like the next one
    tenant_generation  integer not null,
    session_generation integer not null, -- the session's access_generation
    reissued           boolean not null default false, -- to who had proved more, not for a refresh token
    consumed_at        timestamptz,
    successor_id       uuid, -- null in a consumed token that nothing but a new one replaced
    consumed_under     bytea, -- the Idempotency-Key under which it was exchanged: the same client may ask again
    revoked_at         timestamptz,
    repeated_late      boolean not null default false,
    primary key (home, refresh_id)
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create index token_pairs_by_creation on token_pairs (home, issued_at, refresh_id);
create index token_pairs_by_session on token_pairs (home, session_id);

-- Access tokens that were issued alone, on record until no check could accept them any more; those of operators belong to
-- no session.
create table access_tokens (
    home               bigint not null,
    token_id           uuid not null,
    session_id         uuid,
    kind               text not null check (kind in ('refresh', 'exchange', 'operator')),
    user_id            text,
    role               text check (role in ('user', 'security_admin', 'admin', 'platform_admin')),
    issued_at          timestamptz not null,
    expires_at         timestamptz not null,
    tenant_generation  integer not null,
    session_generation integer not null default 0,
    ancestors          uuid[], -- the tokens that it was exchanged from: it ends with any of them
    primary key (home, token_id),
    check (session_id is not null or user_id is not null and role is not null)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create index access_tokens_by_creation on access_tokens (home, issued_at, token_id);
create index access_tokens_by_session on access_tokens (home, session_id, issued_at);
create index access_tokens_by_user on access_tokens (home, user_id) where session_id is null;
create index access_tokens_by_expiry on access_tokens (expires_at);

-- What a client asked for under an Idempotency-Key, so that a retry has one effect and the same answer.
create table idempotency_keys (
    home           bigint not null,
    key_sha256     bytea not null,
    request_sha256 bytea not null,
    session_id     uuid not null,
    refresh_id     uuid not null,
    created_at     timestamptz not null,
    primary key (home, key_sha256)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create index idempotency_keys_by_age on idempotency_keys (created_at);

-- Single tokens that end before their time; an entry ends with the token's own life.
create table blacklist (
    home       bigint not null references tenants on delete cascade,
    token_id   uuid not null,
    token_type text not null check (token_type in ('access', 'refresh')),
    user_id    text not null,
    reason     text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (home, token_id)
);

create index blacklist_by_creation on blacklist (home, created_at, token_id);
create index blacklist_by_user on blacklist (home, user_id);
create index blacklist_by_expiry on blacklist (expires_at);

-- One row for each thing that was ended before its time, with who ended it, by which request and job: the transaction of
-- an act says so (act_by), and what it ends notes it.
create table revocations (
    home          bigint not null references tenants on delete cascade,
    revocation_id bigint generated always as identity,
    at            timestamptz not null,
    kind          text not null check (kind in ('session', 'token', 'user', 'tenant')),
    subject_id    uuid, -- of the session or token
    user_id       text,
    reason        text not null,
    by_user       text default nullif(current_setting('autional.by_user', true), ''),
    by_tenant     text default nullif(current_setting('autional.by_tenant', true), ''), -- of a user of another tenant
    by_key        text default nullif(current_setting('autional.by_key', true), ''),
    job_id        text default nullif(current_setting('autional.job_id', true), ''),
    request_id    text default nullif(current_setting('autional.request_id', true), ''),
    primary key (home, revocation_id)
);

create index revocations_by_subject on revocations (home, subject_id) where subject_id is not null;
create index revocations_by_user on revocations (home, user_id) where user_id is not null;
create index revocations_by_actor on revocations (home, by_user) where by_user is not null;
create index revocations_of_everybody on revocations (home, at) where kind = 'tenant';
create index revocations_by_age on revocations (home, at);
