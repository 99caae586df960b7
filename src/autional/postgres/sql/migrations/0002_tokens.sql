alter table refresh_tokens
    add consumed_at  timestamptz,
    add successor_id text; -- null in a consumed token that nothing but a new one replaced

drop index refresh_tokens_by_session;
create index refresh_tokens_by_session on refresh_tokens (tenant_id, session_id, issued_at);

-- Every access token that was issued for a session, for those who look after them; none is checked by this.
create table access_tokens (
    tenant_id  text not null,
    token_id   text not null,
    session_id text not null,
    issued_at  timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, token_id),
    foreign key (tenant_id, session_id) references sessions on delete cascade
);

create index access_tokens_by_session on access_tokens (tenant_id, session_id);

-- Single tokens that end before their time; an entry ends with the token's own life.
create table blacklist (
    tenant_id    text not null references tenants on delete cascade,
    token_id     text not null,
    blacklist_id text not null,
    token_type   text not null check (token_type in ('access', 'refresh')),
    user_id      text not null,
    reason       text not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    primary key (tenant_id, token_id),
    unique (tenant_id, blacklist_id)
);

-- Tokens of a user that were issued before this instant are over; the user '' stands for the whole tenant.
create table not_before (
    tenant_id  text not null references tenants on delete cascade,
    user_id    text not null,
    token_type text not null check (token_type in ('access', 'refresh')),
    not_before timestamptz not null,
    primary key (tenant_id, user_id, token_type)
);

-- One row for each thing that was ended before its time, whoever ended it and how.
create table revocations (
    tenant_id     text not null references tenants on delete cascade,
    revocation_id bigint generated always as identity,
    at            timestamptz not null,
    kind          text not null check (kind in ('session', 'token', 'user', 'tenant')),
    subject       text not null,
    user_id       text,
    reason        text not null,
    primary key (tenant_id, revocation_id)
);

create index revocations_by_subject on revocations (tenant_id, subject);

create table jwt_configs (
    tenant_id      text primary key references tenants on delete cascade,
    access_expiry  interval not null,
    refresh_expiry interval not null,
    leeway         interval not null
);

-- What a client asked for under an Idempotency-Key, so that a retry has one effect and the same answer.
create table idempotency_keys (
    tenant_id      text not null references tenants on delete cascade,
    key_sha256     bytea not null,
    request_sha256 bytea not null,
    session_id     text not null,
    token_id       text not null,
    created_at     timestamptz not null,
    primary key (tenant_id, key_sha256)
);

drop function if exists create_session;

alter table signing_keys
    add signs_from timestamptz not null default '-infinity', -- every node has read the key by then
    add retired_at timestamptz;
