-- name: count_use
-- of the session $2
insert into session_usage (home, session_id, day, uses)
select home, session_id, (coalesce($3::timestamptz, statement_timestamp()) at time zone 'UTC')::date, 1 from sessions where home = $1 and session_id = $2
on conflict (home, session_id, day) do update set uses = session_usage.uses + 1
returning uses

-- name: session_usage
-- of the session $2
select day, uses from session_usage where home = $1 and session_id = $2 order by day
