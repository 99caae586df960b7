-- Makes a session that has just begun one of the console: of the level that its user has there, within the deadlines of that
-- level and its own, with a secret and without tokens.
create or replace function begin_console_session(
    _home bigint, _session_id uuid, _console_session_id text, _secret_sha256 bytea, _aal smallint,
    _idle interval, _absolute interval
) returns void language plpgsql as $$
declare
    begun timestamptz := (select created_at from sessions where home = _home and session_id = _session_id);
    absolute_limit interval;
    idle_limit interval;
begin
    select absolute[_aal], idle[_aal] into absolute_limit, idle_limit from session_policies where home = _home;
    _idle := least(_idle, idle_limit); -- of nulls, which are no limit, the other one
    _absolute := least(_absolute, absolute_limit);
    update sessions set
        aal = _aal,
        idle_timeout = least(idle_timeout, _idle),
        expires_at = least(expires_at, begun + _absolute),
        idle_expires_at = least(idle_expires_at, begun + _idle, begun + _absolute),
        expiry_minute = minute_of(least(idle_expires_at, begun + _idle, begun + _absolute))
    where home = _home and session_id = _session_id;
    delete from token_pairs where home = _home and session_id = _session_id;
    insert into console_sessions (console_session_id, secret_sha256, home, session_id, aal)
    values (_console_session_id, _secret_sha256, _home, _session_id, _aal);
end
$$;
