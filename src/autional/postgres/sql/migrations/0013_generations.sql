-- Barriers are generations instead of instants: what was issued under another generation than the present one is over.
-- Databases that had a barrier begin at 1, so that nothing of before it comes back.
alter table tenants
    add session_generation integer not null default 0,
    add access_generation integer not null default 0,
    add refresh_generation integer not null default 0,
    add signing_out_reason text; -- sessions of an earlier generation are being ended for this

alter table sessions
    add tenant_generation integer not null default 0, -- the tenant's session_generation when it began
    add access_generation integer not null default 0;

update tenants set access_generation = 1, refresh_generation = 1
where exists (select from not_before where not_before.tenant_id = tenants.tenant_id);
drop table not_before;

-- A refresh token says its session and is authenticated by the service's key: no secret is stored.
alter table refresh_tokens
    drop column secret_sha256,
    add access_id text, -- the access token that was issued with it
    add access_expires_at timestamptz,
    add depth integer not null default 0, -- how many came before it
    add generation integer not null default 0, -- the tenant's refresh_generation when it was issued
    add revoked_at timestamptz,
    add repeated_late boolean not null default false;

-- Every access token is on record until no check could accept it any more; those of operators belong to no session.
alter table access_tokens
    alter session_id drop not null,
    add kind text not null default 'session' check (kind in ('session', 'exchange', 'operator')),
    add user_id text,
    add role text check (role in ('user', 'security_admin', 'admin', 'platform_admin')),
    add issued_by text, -- who had it exchanged
    add tenant_generation integer not null default 0,
    add session_generation integer not null default 0,
    add check (session_id is not null or user_id is not null and role is not null);

drop index access_tokens_by_session;
create index access_tokens_by_session on access_tokens (tenant_id, session_id, issued_at);
create index access_tokens_by_user on access_tokens (tenant_id, user_id) where session_id is null;
create index access_tokens_by_expiry on access_tokens (expires_at);
create index blacklist_by_expiry on blacklist (expires_at);

alter table idempotency_keys add access_id text;

drop function if exists create_session;
drop function if exists refresh_session;
drop function if exists reissue_tokens;
drop function if exists erase_user;
drop function if exists end_session;
drop function if exists end_sessions;
