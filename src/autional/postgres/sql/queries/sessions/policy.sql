-- name: session_policy
-- of the tenant
select given from session_policies where home = $1

-- name: put_session_policy
-- of each bucket
insert into session_policies (home, given, absolute, idle) values ($1, $2, $3, $4)
on conflict (home) do update set given = excluded.given, absolute = excluded.absolute, idle = excluded.idle

-- name: delete_session_policy
-- of each bucket
delete from session_policies where home = $1

-- name: preview_policy
-- of each bucket, added up
-- What new limits would do to the sessions that are active at $2, if they were applied to those.
with limits as (
    select aal, ($3::interval[])[aal] as absolute, ($4::interval[])[aal] as idle from generate_series(1, 3) as aal
)
select
    count(*) as active,
    count(*) filter (
        where created_at + absolute < expires_at or least(created_at + absolute, last_active_at + idle) < idle_expires_at
    ) as shortened,
    count(*) filter (where least(created_at + absolute, last_active_at + idle) <= $2) as ended
from sessions join limits using (aal)
where home = $1 and state = 'live' and idle_expires_at > $2::timestamptz

-- name: preview_limits
-- of each bucket, added up
-- How many users have more active sessions at $2 than a sign-in would leave them: in all by the limits of their roles $4
-- (otherwise $3), by device type $5 and by agent $6; and how many those are beyond it.
with
active as materialized (
    select user_id, role, device_type, act ->> 'sub' as agent, count(*) as sessions from sessions
    where home = $1 and state = 'live' and idle_expires_at > $2::timestamptz
    group by user_id, role, device_type, agent
),
beyond as (
    select user_id, sum(sessions) - max(coalesce(($4::jsonb ->> role)::bigint, $3::bigint)) as sessions from active
    where agent is null
    group by user_id
    union all
    select user_id, sum(sessions) - ($5::jsonb ->> device_type)::bigint from active
    where $5 ? device_type and agent is null
    group by user_id, device_type
    union all
    select user_id, sum(sessions) - $6::bigint from active
    where agent is not null
    group by user_id, agent
),
worst as (select user_id, max(sessions) as sessions from beyond where sessions > 0 group by user_id)
select count(*) as users, coalesce(sum(sessions), 0)::bigint as sessions from worst

-- name: preview_retention
-- of each bucket, added up
-- How many ended sessions would be removed, if they were kept for $3 before $2.
select count(*) as sessions from sessions
where home = $1 and state in ('revoked', 'expired') and ended_at < $2::timestamptz - $3::interval

-- name: shorten_sessions
-- of each bucket
-- Gives the sessions that go on the new limits where those are shorter; what would have ended before now ends now.
with limits as (
    select aal, ($3::interval[])[aal] as absolute, ($4::interval[])[aal] as idle from generate_series(1, 3) as aal
),
shorter as (
    select
        session_id,
        least(idle_timeout, idle) as idle_timeout,
        greatest(least(expires_at, created_at + absolute), $2::timestamptz) as expires_at,
        greatest(least(idle_expires_at, created_at + absolute, last_active_at + idle), $2) as idle_expires_at
    from sessions join limits using (aal)
    where home = $1 and state = 'live' and sessions.idle_expires_at > $2
    order by session_id
    for update of sessions
)
update sessions set
    idle_timeout = shorter.idle_timeout,
    expires_at = shorter.expires_at,
    idle_expires_at = shorter.idle_expires_at,
    expiry_minute = minute_of(shorter.idle_expires_at)
from shorter
where sessions.home = $1 and sessions.session_id = shorter.session_id

-- name: shorten_sessions_of_agents
-- of each bucket
-- Has every session of an agent end with those that it was begun from at the latest.
select shorten_children($1, array(
    select distinct unnest(begun_from) from sessions where home = $1 and begun_from is not null and ended_at is null
))
