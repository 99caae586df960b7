-- The revocation log, told in one order: a row gets its position once every transaction that could come before it is over.
alter table revocations
    add column transaction_id xid8 not null default pg_current_xact_id(),
    add column position bigint, -- dense in a tenant; null: not yet placed
    add column app_id text, -- of the session
    add column details jsonb, -- of an alert: its numbers; of an end: by which generations tokens are over
    drop constraint revocations_kind_check,
    add constraint revocations_kind_check check (
        kind in ('session', 'token', 'user', 'tenant', 'restored', 'established', 'assurance', 'tokens', 'alert')
    );

create index revocations_unplaced on revocations (transaction_id, revocation_id) where position is null;
create unique index revocations_by_position on revocations (home, position) where position is not null;

-- How far the log of a tenant goes.
create table revocation_heads (
    home      bigint primary key references tenants on delete cascade,
    position  bigint not null default 0, -- of the last row that was placed
    pruned_to bigint not null default 0 -- rows up to here may be gone
);

-- Whether begun sessions of a tenant are in its log too: somebody asked to be told of them.
alter table tenants add column tells_sessions boolean not null default false;

-- Who is told of the events of a tenant, by which protocol.
create table receivers (
    home           bigint not null references tenants on delete cascade,
    receiver_id    text not null,
    protocol       text not null check (
        protocol in ('webhook', 'backchannel_logout', 'global_token_revocation', 'ssf_push', 'ssf_poll')
    ),
    url            text, -- null: it asks itself
    audience       text not null, -- the client id of a client, otherwise the `aud` of what it gets
    app_id         text, -- told of sessions of this app only
    description    text not null default '',
    kinds          text[] not null, -- of events
    sealed_secrets bytea[] not null default '{}', -- sealed by the master key; the first signs
    overlap_until  timestamptz, -- until when what is signed by the second secret is signed too
    created_at     timestamptz not null,
    status         text not null default 'enabled' check (status in ('enabled', 'paused', 'disabled')),
    status_reason  text, -- paused: what it is to be told waits; disabled: it is told of nothing
    owner_key      text, -- the API key that made a stream of security events, and alone may change it
    event_types    text[], -- that it asked for; null: all
    sealed_header  bytea, -- the Authorization of what is pushed, sealed by the master key
    failures       integer not null default 0, -- in a row
    suspended_until timestamptz not null default '-infinity', -- nothing is sent before: it failed
    told_to        bigint not null, -- up to where deliveries have been written down
    has_work       boolean not null default false,
    primary key (home, receiver_id)
);

create index receivers_with_work on receivers (home, receiver_id) where has_work;

-- What a receiver is to be told, until it was, and then the record of it.
create table deliveries (
    home         bigint not null,
    receiver_id  text not null,
    position     bigint not null,
    subject      bigint not null, -- hash of what it is about: one after the other; 0 once it is over
    leads        boolean not null, -- the first about its subject
    state        text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
    event_at     timestamptz not null,
    due_at       timestamptz not null,
    dies_at      timestamptz not null, -- when it is given up
    attempts     integer not null default 0,
    attempted_at timestamptz,
    lag          real, -- seconds from the event to its delivery
    answer       text, -- the status or the error of the last attempt
    control      jsonb, -- of the stream itself, at a position below 0: what it was asked to verify, or its new status
    primary key (home, receiver_id, position),
    foreign key (home, receiver_id) references receivers on delete cascade
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- Users of whom a stream is not told.
create table stream_exclusions (
    home        bigint not null,
    receiver_id text not null,
    user_sha256 bytea not null,
    primary key (home, receiver_id, user_sha256),
    foreign key (home, receiver_id) references receivers on delete cascade
);

create index deliveries_to_claim on deliveries (home, receiver_id, due_at) where state = 'waiting' and leads;
create index deliveries_waiting on deliveries (home, receiver_id, position) where state = 'waiting';
create index deliveries_by_subject on deliveries (home, receiver_id, subject, position) where state = 'waiting';
create index deliveries_dead on deliveries (home, receiver_id, position) where state = 'dead';
create index deliveries_by_end on deliveries (dies_at) where state = 'waiting';
create index deliveries_by_position on deliveries (home, position);
create index deliveries_by_age on deliveries (event_at);

-- Token Status Lists: whether the access tokens of a tenant say where their status is published.
alter table tenants add column lists_tokens boolean not null default false;

-- The tokens that stand in a list, by a number that decides list and index.
create sequence token_numbers;
create table listed_tokens (
    number             bigint primary key default nextval('token_numbers'),
    home               bigint not null,
    token_id           uuid not null,
    session_id         uuid,
    tenant_generation  integer not null,
    session_generation integer not null,
    aal                smallint not null,
    ancestors          uuid[],
    expires_at         timestamptz not null,
    checked            boolean not null default false, -- since it was put there, and since the log said more
    revoked_at         timestamptz,
    unique (home, token_id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create index listed_tokens_unchecked on listed_tokens (number) where not checked;
create index listed_tokens_by_number on listed_tokens (home, number) where revoked_at is null;
create index listed_tokens_by_session on listed_tokens (home, session_id) where revoked_at is null;
create index listed_tokens_by_ancestor on listed_tokens using gin (ancestors) where ancestors is not null and revoked_at is null;
create index listed_tokens_revoked on listed_tokens (number, revoked_at) where revoked_at is not null;
create index listed_tokens_by_expiry on listed_tokens (expires_at);

-- The lists that are published: a version for each change.
create table status_lists (
    list       bigint primary key,
    version    bigint not null default 1,
    changed_at timestamptz not null,
    expires_at timestamptz not null, -- of its last token
    retired_at timestamptz -- every token of it is over, and no more will be in it: it is not published any more
);

-- How far the log of a tenant has been brought into the lists, from when its tokens stood in them first.
create table listing_heads (
    home     bigint primary key references tenants on delete cascade,
    position bigint not null,
    looked_to bigint not null default 0, -- of the numbers that are looked at again, since everybody was signed out
    look_to   bigint not null default 0
);

-- What was heard without a delivery of its own: who read which rows of a log as a stream, and when the status lists had
-- them; a row a second at most for each.
create table readings (
    home           bigint not null references tenants on delete cascade,
    channel        text not null check (channel in ('feed', 'status_list')),
    reader         text not null, -- an API key or a session; empty for the lists
    first_position bigint not null,
    last_position  bigint not null,
    at             timestamptz not null,
    lag            real -- seconds, of the slowest of them; null: it had missed them
);

create index readings_by_position on readings (home, last_position);
create index readings_by_age on readings (at);

-- What a tenant calls unusual: more in an hour than so many times the same hour of the last weeks.
create table alert_rules (
    home    bigint not null references tenants on delete cascade,
    measure text not null check (measure in ('logins', 'revocations', 'reuse', 'risk')),
    factor  real not null check (factor >= 1),
    minimum integer not null check (minimum > 0), -- fewer are never unusual
    primary key (home, measure)
);

create table alerts (
    home     bigint not null references tenants on delete cascade,
    alert_id bigint generated always as identity,
    measure  text not null,
    at       timestamptz not null,
    value    bigint not null,
    expected real not null,
    ended_at timestamptz,
    primary key (home, alert_id)
);

create unique index alerts_open on alerts (home, measure) where ended_at is null;
create index revocations_of_reuse on revocations (home, at) where reason = 'refresh_token_reuse';
