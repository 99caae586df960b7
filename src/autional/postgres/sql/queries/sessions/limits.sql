-- name: session_limits
-- of the tenant
select max_sessions, by_role, by_device_type, on_overflow, max_sessions_per_agent from session_limits where home = $1

-- name: put_session_limits
-- of each bucket
insert into session_limits (home, max_sessions, by_role, by_device_type, on_overflow, max_sessions_per_agent)
values ($1, $2, $3, $4, $5, $6)
on conflict (home) do update set
    max_sessions = excluded.max_sessions, by_role = excluded.by_role, by_device_type = excluded.by_device_type,
    on_overflow = excluded.on_overflow, max_sessions_per_agent = excluded.max_sessions_per_agent

-- name: delete_session_limits
-- of each bucket
delete from session_limits where home = $1
