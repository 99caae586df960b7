-- name: sample_statistics
-- Writes down the numbers of every tenant, true for $1, under the minute, the hour and the day that $1 is in where
-- nothing stands there yet.
with
counted as (
    select home, device_type, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired,
        sum(purged_revoked) as purged_revoked, sum(purged_expired) as purged_expired
    from session_counters
    group by home, device_type
),
summed as (
    select home, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired,
        sum(purged_revoked) as purged_revoked, sum(purged_expired) as purged_expired,
        jsonb_object_agg(device_type, live + revoked + expired) filter (where live + revoked + expired > 0)
            as device_breakdown
    from counted
    group by home
),
overdue as (
    select home, (
        select count(*) from sessions
        where sessions.home = tenants.home and state = 'live'
            and expiry_minute > 0 and expiry_minute <= minute_of($1::timestamptz) and idle_expires_at <= $1
    ) as sessions
    from tenants
    where disabled_at is null
)
insert into statistics_samples (
    home, resolution, at, read_at,
    active, expired, revoked, purged_revoked, purged_expired, device_breakdown
)
select home, resolution, date_trunc(resolution, $1, 'UTC'), $1,
    coalesce(live, 0) - overdue.sessions, coalesce(expired, 0) + overdue.sessions, coalesce(revoked, 0),
    coalesce(purged_revoked, 0), coalesce(purged_expired, 0), coalesce(device_breakdown, '{}')
from overdue left join summed using (home), unnest(array['minute', 'hour', 'day']) as resolution
on conflict do nothing

-- name: prune_samples
-- Samples that are finer than their age at $1 deserves, at most $2.
with gone as (
    delete from statistics_samples where ctid = any (array(
        (
            select ctid from statistics_samples
            where resolution = 'minute' and at < $1::timestamptz - interval '1 day'
            limit $2
        )
        union all
        (
            select ctid from statistics_samples
            where resolution = 'hour' and at < $1 - interval '31 days'
            limit $2
        )
        union all
        (
            select ctid from statistics_samples
            where resolution = 'day' and at < $1 - interval '10 years'
            limit $2
        )
    ))
    returning 1
)
select count(*) as removed from gone

-- name: session_statistics
-- set
-- The counters say what was written; the sessions whose deadline passed since are moved from live to expired here.
-- Calls for the same tenant and instant share one reading.
-- A range with two ends is what the planner takes for small: with one end it would reckon with a third of all rows.
with
call as materialized (
    select home, coalesce(at, statement_timestamp()) as at, turn
    from unnest($1::bigint[], $2::timestamptz[]) with ordinality as call (home, at, turn)
),
reading as materialized (
    select
        asked.home, asked.at, live - overdue.sessions as active, expired + overdue.sessions as expired, revoked,
        device_breakdown
    from (select distinct home, at from call) as asked
        join tenants on tenants.home = asked.home and disabled_at is null
        cross join lateral (
            select
                coalesce(sum(live), 0)::bigint as live,
                coalesce(sum(revoked), 0)::bigint as revoked,
                coalesce(sum(expired), 0)::bigint as expired,
                coalesce(
                    jsonb_object_agg(device_type, live + revoked + expired) filter (where live + revoked + expired > 0),
                    '{}'
                ) as device_breakdown
            from (
                select device_type, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired
                from session_counters
                where home = asked.home
                group by device_type
            ) as counted
        ) as counted
        cross join lateral (
            select count(*) as sessions
            from sessions
            where home = asked.home and state = 'live'
                and expiry_minute > 0 and expiry_minute <= minute_of(asked.at) and idle_expires_at <= asked.at
        ) as overdue
)
select turn, active, expired, revoked, device_breakdown, at as updated_at
from call join reading using (home, at)

-- name: user_statistics
-- The same for one user, from the user's own sessions.
with
counted as (
    select
        device_type,
        count(*) filter (where state = 'live' and idle_expires_at > coalesce($2::timestamptz, statement_timestamp())) as active,
        count(*) filter (
            where state = 'expired' or state = 'live' and idle_expires_at <= coalesce($2, statement_timestamp())
        ) as expired,
        count(*) filter (where state = 'revoked') as revoked,
        count(*) as sessions
    from sessions
    where home = $1 and user_id = $3
    group by device_type
)
select
    coalesce(sum(active), 0)::bigint as active,
    coalesce(sum(expired), 0)::bigint as expired,
    coalesce(sum(revoked), 0)::bigint as revoked,
    coalesce(jsonb_object_agg(device_type, sessions) filter (where sessions > 0), '{}') as device_breakdown,
    coalesce($2, statement_timestamp()) as updated_at
from (values (true)) as always left join counted on true
where exists (select from tenants where home = $1 and disabled_at is null)
having count(*) > 0

-- name: recounted_statistics
-- Brute force over every session of the tenant: what the two above must equal.
select
    device_type,
    count(*) filter (where state = 'live' and idle_expires_at > $2::timestamptz) as active,
    count(*) filter (where state = 'expired' or state = 'live' and idle_expires_at <= $2) as expired,
    count(*) filter (where state = 'revoked') as revoked,
    count(*) as sessions
from sessions
where home = $1
group by device_type

-- name: statistics_history
-- The last sample of each step of $5 between $3 and $4, from those kept at the resolution $2.
select distinct on (date_bin($5, at, 'epoch'))
    read_at, active, expired, revoked, purged_revoked, purged_expired, device_breakdown
from statistics_samples
where home = $1 and resolution = $2
    and at >= date_trunc($2, $3::timestamptz, 'UTC') and at <= $4 and read_at between $3 and $4
order by date_bin($5, at, 'epoch'), at desc

-- name: add_to_counters
select add_to_counters($1, $2, $3, $4, $5)
