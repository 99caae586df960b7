-- name: session_devices
-- of each bucket
-- Sessions of a tenant by device type and status at $2, by the counters, corrected by the sessions that are overdue.
with
reading as (select coalesce($2::timestamptz, statement_timestamp()) as at),
overdue as (
    select device_type, count(*) as sessions from sessions, reading
    where home = $1 and state = 'live'
        and expiry_minute > 0 and expiry_minute <= minute_of(reading.at) and idle_expires_at <= reading.at
    group by device_type
),
counted as (
    select device_type, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired
    from session_counters where home = $1
    group by device_type
)
select device_type, (live - coalesce(sessions, 0))::bigint as active, (expired + coalesce(sessions, 0))::bigint as expired,
    revoked::bigint as revoked, at as updated_at
from counted left join overdue using (device_type) cross join reading
where live + revoked + expired > 0
order by live + revoked + expired desc, device_type

-- name: ask_for_breakdown
-- Says that somebody looks at the breakdown of a tenant at $2; written down once in ten seconds.
select ask_for_breakdown($1, $2)

-- name: session_breakdown
select counted_at, sessions, is_whole, apps, countries, risk, agents from session_breakdowns where home = $1

-- name: breakdowns_to_count
-- Tenants whose breakdown somebody looked at within ten minutes of $1, and that was not counted within a minute.
select tenant_id from session_breakdowns join tenants using (home)
where asked_at > $1::timestamptz - interval '10 minutes'
    and (counted_at is null or counted_at < $1 - interval '50 seconds')

-- name: prune_breakdowns
with gone as (
    delete from session_breakdowns where home = any (array(
        select home from session_breakdowns where asked_at < $1::timestamptz - interval '1 day' limit $2
    ))
    returning 1
)
select count(*) as done from gone

-- name: count_breakdown
-- Counts the active sessions of a tenant at $2, up to $3 of them; risk is medium from $4 on and high from $5.
with
looked_at as materialized (
    select app_id, country, risk_score, act ->> 'sub' as agent from sessions
    where home = $1 and state = 'live' and idle_expires_at > $2::timestamptz
    limit $3 + 1
),
apps as (
    select jsonb_agg(jsonb_build_array(app_id, sessions) order by sessions desc, app_id) as found from (
        select app_id, count(*) as sessions from looked_at where app_id is not null
        group by app_id order by sessions desc, app_id limit 10
    ) as named
),
countries as (
    select jsonb_agg(jsonb_build_array(country, sessions) order by sessions desc, country) as found from (
        select country, count(*) as sessions from looked_at where country is not null
        group by country order by sessions desc, country limit 10
    ) as named
),
agents as (
    select jsonb_agg(jsonb_build_array(agent, sessions) order by sessions desc, agent) as found from (
        select agent, count(*) as sessions from looked_at where agent is not null
        group by agent order by sessions desc, agent limit 10
    ) as named
),
risk as (
    select count(*) as sessions, jsonb_build_object(
        'low', count(*) filter (where risk_score < $4::smallint),
        'medium', count(*) filter (where risk_score >= $4 and risk_score < $5::smallint),
        'high', count(*) filter (where risk_score >= $5)
    ) as found
    from looked_at
)
update session_breakdowns set
    counted_at = $2, sessions = least(risk.sessions, $3), is_whole = risk.sessions <= $3,
    apps = coalesce(apps.found, '[]'), countries = coalesce(countries.found, '[]'), agents = coalesce(agents.found, '[]'), risk = risk.found
from apps, countries, agents, risk
where home = $1
