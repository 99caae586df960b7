-- name: session_policy
select given from session_policies where home = $1

-- name: put_session_policy
insert into session_policies (home, given, absolute, idle) values ($1, $2, $3, $4)
on conflict (home) do update set given = excluded.given, absolute = excluded.absolute, idle = excluded.idle

-- name: delete_session_policy
delete from session_policies where home = $1

-- name: shorten_sessions
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
