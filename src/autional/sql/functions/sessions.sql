-- Hot writes, each one statement for its caller. The tenant comes first in every one: on Citus it decides the node.

-- Adds to the statistics of a tenant. The slot follows the connection, so that connections do not wait for each other.
create or replace function add_to_counters(
    _tenant_id text, _device_type text, _live bigint, _revoked bigint, _expired bigint
) returns void language sql as $$
    insert into session_counters as counters (tenant_id, slot, device_type, live, revoked, expired)
    values (_tenant_id, pg_backend_pid() % 64, _device_type, _live, _revoked, _expired)
    on conflict (tenant_id, slot, device_type) do update set
        live = counters.live + excluded.live,
        revoked = counters.revoked + excluded.revoked,
        expired = counters.expired + excluded.expired
$$;

-- Whether the session was created: not when the tenant is unknown or disabled.
create or replace function create_session(
    _tenant_id text, _session_id text, _user_id text, _role text, _aal smallint, _amr text[], _device_type text,
    _app_id text, _device_id text, _device_fingerprint text, _browser text, _os text, _user_agent text, _ip inet,
    _now timestamptz, _idle_timeout interval, _expires_at timestamptz, _idle_expires_at timestamptz,
    _token_id text, _token_sha256 bytea
) returns boolean language plpgsql as $$
begin
    insert into sessions (
        tenant_id, session_id, user_id, role, aal, amr, device_type,
        app_id, device_id, device_fingerprint, browser, os, user_agent, ip,
        created_at, last_active_at, idle_timeout, expires_at, idle_expires_at, expiry_minute
    )
    select
        tenant_id, _session_id, _user_id, _role, _aal, _amr, _device_type,
        _app_id, _device_id, _device_fingerprint, _browser, _os, _user_agent, _ip,
        _now, _now, _idle_timeout, _expires_at, _idle_expires_at, floor(extract(epoch from _idle_expires_at) / 60)
    from tenants
    where tenant_id = _tenant_id and disabled_at is null;
    if not found then
        return false;
    end if;
    insert into refresh_tokens (tenant_id, token_id, session_id, secret_sha256, issued_at, expires_at)
    values (_tenant_id, _token_id, _session_id, _token_sha256, _now, _expires_at);
    perform add_to_counters(_tenant_id, _device_type, 1, 0, 0);
    return true;
end
$$;

-- Ends a session, of this user only where one is named. False when there is none; true also when it ended before,
-- which changes nothing. A session that is overdue becomes what it already was: expired, at its deadline.
create or replace function end_session(
    _tenant_id text, _session_id text, _user_id text, _reason text, _now timestamptz
) returns boolean language plpgsql as $$
declare
    ended record;
begin
    update sessions set
        state = case when idle_expires_at <= _now then 'expired' else 'revoked' end,
        ended_at = least(idle_expires_at, _now),
        end_reason = case when idle_expires_at <= _now then null else _reason end
    where tenant_id = _tenant_id and session_id = _session_id and state = 'live'
        and (_user_id is null or user_id = _user_id)
    returning device_type, state into ended;
    if found then
        perform add_to_counters(
            _tenant_id, ended.device_type, -1, (ended.state = 'revoked')::int, (ended.state = 'expired')::int
        );
        return true;
    end if;
    return exists (
        select from sessions
        where tenant_id = _tenant_id and session_id = _session_id and (_user_id is null or user_id = _user_id)
    );
end
$$;
