create table tenants (
    tenant_id   text primary key check (tenant_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$'),
    name        text not null check (length(name) between 1 and 200),
    created_at  timestamptz not null,
    disabled_at timestamptz
);

create table api_keys (
    api_key_id    text primary key,
    name          text not null check (length(name) between 1 and 200),
    secret_sha256 bytea not null,
    tenant_ids    text[], -- null: every tenant
    created_at    timestamptz not null,
    revoked_at    timestamptz
);

create table signing_keys (
    key_id         text primary key,
    generation     integer not null unique, -- two processes that add the next one at once: one of them does
    public_jwk     jsonb not null,
    sealed_private bytea not null,
    created_at     timestamptz not null
);

-- A session is over the instant a deadline passes. `state` says only what a write said: a live row may be overdue.
create table sessions (
    tenant_id          text not null references tenants on delete cascade,
    session_id         text not null,
    user_id            text not null check (length(user_id) between 1 and 128),
    role               text not null check (role in ('user', 'security_admin', 'admin', 'platform_admin')),
    aal                smallint not null check (aal between 1 and 3),
    amr                text[] not null,
    device_type        text not null check (device_type in ('desktop', 'mobile', 'tablet', 'tv', 'bot', 'other')),
    app_id             text,
    device_id          text,
    device_fingerprint text,
    browser            text,
    os                 text,
    user_agent         text,
    ip                 inet,
    created_at         timestamptz not null,
    last_active_at     timestamptz not null,
    idle_timeout       interval,
    expires_at         timestamptz not null,
    idle_expires_at    timestamptz not null check (idle_expires_at <= expires_at),
    expiry_minute      integer not null, -- floor of the epoch of idle_expires_at in minutes
    state              text not null default 'live' check (state in ('live', 'revoked', 'expired')),
    ended_at           timestamptz,
    end_reason         text,
    primary key (tenant_id, session_id),
    check ((state = 'live') = (ended_at is null))
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- Statements on a named session say `ended_at is null` instead of `state = 'live'`: the planner must not prefer this
-- index to the primary key.
create index sessions_live_by_expiry on sessions (tenant_id, expiry_minute) where state = 'live';
create index sessions_ended on sessions (tenant_id, state, ended_at) where ended_at is not null;
create index sessions_by_user on sessions (tenant_id, user_id, session_id);

create table refresh_tokens (
    tenant_id     text not null,
    token_id      text not null,
    session_id    text not null,
    secret_sha256 bytea not null,
    issued_at     timestamptz not null,
    expires_at    timestamptz not null,
    primary key (tenant_id, token_id),
    foreign key (tenant_id, session_id) references sessions on delete cascade
);

create index refresh_tokens_by_session on refresh_tokens (tenant_id, session_id);

-- Sessions by the state their rows say, spread over slots so that concurrent writes do not wait for each other.
-- Only sums over the slots mean anything: a session may enter through one and leave through another.
create table session_counters (
    tenant_id      text not null references tenants on delete cascade,
    slot           smallint not null,
    device_type    text not null,
    live           bigint not null,
    revoked        bigint not null,
    expired        bigint not null,
    purged_revoked bigint not null default 0, -- of records that are gone: a lifetime's total outlives them
    purged_expired bigint not null default 0,
    primary key (tenant_id, slot, device_type)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- What a tenant asked for, and what follows from it for the levels 1 to 3 (a null idle timeout: none).
create table session_policies (
    tenant_id text primary key references tenants on delete cascade,
    given     jsonb not null,
    absolute  interval[] not null check (cardinality(absolute) = 3),
    idle      interval[] not null check (cardinality(idle) = 3)
);

-- The statistics as they were: each minute for a day, each hour for a month, each day for ever.
create table statistics_samples (
    tenant_id        text not null references tenants on delete cascade,
    resolution       text not null check (resolution in ('minute', 'hour', 'day')),
    at               timestamptz not null, -- start of the minute, hour or day
    read_at          timestamptz not null, -- the instant the numbers are true for
    active           bigint not null,
    expired          bigint not null,
    revoked          bigint not null,
    purged_revoked   bigint not null,
    purged_expired   bigint not null,
    device_breakdown jsonb not null,
    primary key (tenant_id, resolution, at)
);
