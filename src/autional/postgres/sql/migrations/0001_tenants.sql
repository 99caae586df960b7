-- Every other table knows a tenant by its home: a number that follows from the tenant's id (core/ids.py) times 1,024, so
-- that a tenant which outgrows one machine can be split into as many buckets.
create table tenants (
    home               bigint primary key,
    tenant_id          text not null unique check (tenant_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$'),
    name               text not null check (length(name) between 1 and 200),
    created_at         timestamptz not null,
    disabled_at        timestamptz,
    deleted_at         timestamptz, -- over at once; its records go in batches, and its own row last
    -- Barriers: what was issued under another generation than the present one is over.
    session_generation integer not null default 0,
    access_generation  integer not null default 0,
    refresh_generation integer not null default 0,
    signing_out_reason text, -- sessions of an earlier generation are being ended for this
    tokens_pruned_to   timestamptz not null default '-infinity' -- tokens of sessions that ended before are gone
);

-- The id of a deleted tenant, kept as a keyed hash, is never given out again.
create table deleted_tenants (
    id_hmac    bytea primary key,
    deleted_at timestamptz not null
);

create table api_keys (
    api_key_id    text primary key,
    name          text not null check (length(name) between 1 and 200),
    secret_sha256 bytea not null,
    role          text not null check (role in ('service', 'security_admin', 'admin', 'platform_admin')),
    tenant_ids    text[], -- null: every tenant
    created_at    timestamptz not null,
    revoked_at    timestamptz,
    check (role <> 'platform_admin' or tenant_ids is null)
);

create table signing_keys (
    key_id         text primary key,
    generation     integer not null unique, -- two processes that add the next one at once: one of them does
    public_jwk     jsonb not null,
    sealed_private bytea not null,
    created_at     timestamptz not null,
    signs_from     timestamptz not null, -- every node has read the key by then
    retired_at     timestamptz
);

-- What is decided at the first start and stays.
create table installation (
    only_row boolean primary key default true check (only_row),
    issuer   text not null -- the `iss` of tokens, where no setting says it
);

-- When each kind of housekeeping last began and last succeeded, on any node.
create table housekeeping (
    task     text primary key,
    begun_at timestamptz not null,
    done_at  timestamptz
);

-- What a tenant asked for, and what follows from it for the levels 1 to 3 (a null idle timeout: none).
create table session_policies (
    home     bigint primary key references tenants on delete cascade,
    given    jsonb not null,
    absolute interval[] not null check (cardinality(absolute) = 3),
    idle     interval[] not null check (cardinality(idle) = 3)
);

-- How many sessions a user may have at once, and what happens beyond that.
create table session_limits (
    home           bigint primary key references tenants on delete cascade,
    max_sessions   integer check (max_sessions > 0),
    by_role        jsonb not null, -- wins over max_sessions
    by_device_type jsonb not null, -- holds beside the other
    on_overflow    text not null check (on_overflow in ('refuse', 'end_oldest', 'end_least_recently_active'))
);

create table jwt_configs (
    home           bigint primary key references tenants on delete cascade,
    access_expiry  interval not null,
    refresh_expiry interval not null,
    leeway         interval not null
);

-- What each fact weighs for a tenant, where it is not the default.
create table risk_weights (
    home    bigint primary key references tenants on delete cascade,
    weights jsonb not null
);

-- How long a tenant keeps ended sessions, where it is not the default.
create table retentions (
    home       bigint primary key references tenants on delete cascade,
    keep_ended interval not null
);
