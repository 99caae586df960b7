-- name: count_use
insert into session_usage (tenant_id, session_id, day, uses)
select tenant_id, session_id, (coalesce($3::timestamptz, statement_timestamp()) at time zone 'UTC')::date, 1 from sessions where tenant_id = $1 and session_id = $2
on conflict (tenant_id, session_id, day) do update set uses = session_usage.uses + 1
returning uses

-- name: session_usage
select day, uses from session_usage where tenant_id = $1 and session_id = $2 order by day
