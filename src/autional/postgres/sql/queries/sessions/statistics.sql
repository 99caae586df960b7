-- name: sample_statistics
-- Notes that the statistics are read at $1, under the minute, the hour and the day that $1 is in where nothing is noted
-- yet, with the numbers of the tenants in which something changed since the time before: by a write, or by a deadline.
with
begun as (
    insert into sampling_rounds (resolution, at, read_at)
    select resolution, date_trunc(resolution, $1::timestamptz, 'UTC'), $1
    from unnest(array['minute', 'hour', 'day']) as resolution
    on conflict do nothing
    returning resolution, at
),
due as materialized ( -- a write that was still under way then is of one of the two minutes before
    select begun.resolution, begun.at, coalesce(minute_of(max(earlier.read_at)) - 2, 0) as since
    from begun left join sampling_rounds as earlier
        on earlier.resolution = begun.resolution and earlier.at < begun.at
    group by begun.resolution, begun.at
),
written as (
    select home, max(changed_minute) as changed_minute from session_counters
    where changed_minute >= (select min(since) from due)
    group by home
),
overdue as (
    select home, count(*) as sessions from sessions
    where state = 'live' and expiry_minute > 0 and expiry_minute <= minute_of($1) and idle_expires_at <= $1
    group by home
),
changed as materialized (
    select home, coalesce(changed_minute, 0) as changed_minute, coalesce(overdue.sessions, 0) as overdue
    from written full join overdue using (home)
),
standing as ( -- not those that are being removed
    select home from tenants where home in (select home from changed)
    for key share skip locked -- not on Citus
),
summed as (
    select home, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired,
        sum(purged_revoked) as purged_revoked, sum(purged_expired) as purged_expired,
        jsonb_object_agg(device_type, live + revoked + expired) filter (where live + revoked + expired > 0)
            as device_breakdown
    from (
        select home, device_type, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired,
            sum(purged_revoked) as purged_revoked, sum(purged_expired) as purged_expired
        from changed join session_counters using (home)
        group by home, device_type
    ) as counted
    group by home
)
insert into statistics_samples (
    home, resolution, at, read_at,
    active, expired, revoked, purged_revoked, purged_expired, device_breakdown
)
select home, due.resolution, due.at, $1, live - overdue, expired + overdue, revoked, purged_revoked, purged_expired,
    coalesce(device_breakdown, '{}')
from changed join summed using (home) join standing using (home) join due on overdue > 0 or changed_minute >= since
on conflict do nothing

-- name: prune_samples
-- Samples that are finer than their age at $1 deserves, at most $2; of each resolution the last of a tenant stays that is
-- of before: it says what the first readings that are kept have seen.
with kept_since as (
    select resolution, $1::timestamptz - age as since
    from (values ('minute', interval '1 day'), ('hour', interval '31 days'), ('day', interval '10 years')) as kept (resolution, age)
),
rounds as (
    delete from sampling_rounds using kept_since
    where sampling_rounds.resolution = kept_since.resolution and at < since
),
gone as (
    delete from statistics_samples where ctid = any (array( -- not on Citus
        select old.ctid -- not on Citus
        from kept_since join statistics_samples as old on old.resolution = kept_since.resolution and old.at < since -- not on Citus
        where exists ( -- not on Citus
            select from statistics_samples as newer -- not on Citus
            where newer.home = old.home and newer.resolution = old.resolution and newer.at > old.at and newer.at < since -- not on Citus
        ) -- not on Citus
        limit $2 -- not on Citus
    )) -- not on Citus
    -- on Citus: delete from statistics_samples as old where $2::integer > 0 and (
    -- on Citus:     (old.resolution = 'minute' and old.at < $1 - interval '1 day' and exists (select from statistics_samples as newer where newer.home = old.home and newer.resolution = old.resolution and newer.at > old.at and newer.at < $1 - interval '1 day'))
    -- on Citus:     or (old.resolution = 'hour' and old.at < $1 - interval '31 days' and exists (select from statistics_samples as newer where newer.home = old.home and newer.resolution = old.resolution and newer.at > old.at and newer.at < $1 - interval '31 days'))
    -- on Citus:     or (old.resolution = 'day' and old.at < $1 - interval '10 years' and exists (select from statistics_samples as newer where newer.home = old.home and newer.resolution = old.resolution and newer.at > old.at and newer.at < $1 - interval '10 years'))
    -- on Citus: )
    returning 1
)
select count(*) as done from gone

-- name: session_statistics
-- set
-- of each bucket by buckets_statistics
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
        call.home as home, call.at as at, live - overdue.sessions as active, expired + overdue.sessions as expired, revoked,
        device_breakdown
    from (select distinct home, at from call) as call
        join tenants on tenants.home = call.home and disabled_at is null
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
                where home = call.home
                group by device_type
            ) as counted
        ) as counted
        cross join lateral (
            select count(*) as sessions
            from sessions
            where home = call.home and state = 'live'
                and expiry_minute > 0 and expiry_minute <= minute_of(call.at) and idle_expires_at <= call.at
        ) as overdue
)
select turn, active, expired, revoked, device_breakdown, at as updated_at, at as read_until
from call join reading using (home, at)

-- name: buckets_statistics
-- The same for the buckets $1 of a tenant together, at $2. One database reads them at one instant, each worker of a Citus
-- cluster at its own: the earliest and the latest are in the answer.
select
    coalesce(sum(live - overdue), 0)::bigint as active,
    coalesce(sum(expired + overdue), 0)::bigint as expired,
    coalesce(sum(revoked), 0)::bigint as revoked,
    coalesce(jsonb_object_agg(device_type, live + revoked + expired) filter (where live + revoked + expired > 0), '{}')
        as device_breakdown,
    min(read_from) as updated_at,
    max(read_until) as read_until
from (
    select
        device_type, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired, sum(overdue) as overdue,
        min(at) as read_from, max(at) as read_until
    from (
        select
            tenants.home, device_type, coalesce(live, 0) as live, coalesce(revoked, 0) as revoked,
            coalesce(expired, 0) as expired, coalesce(overdue.sessions, 0) as overdue,
            coalesce($2::timestamptz, statement_timestamp()) as at
        from tenants
            left join (
                select home, device_type, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired
                from session_counters
                where home = any ($1::bigint[])
                group by home, device_type
            ) as counted using (home)
            left join (
                select home, device_type, count(*) as sessions
                from sessions
                where home = any ($1) and state = 'live' and expiry_minute > 0
                    and expiry_minute <= minute_of(coalesce($2, statement_timestamp()))
                    and idle_expires_at <= coalesce($2, statement_timestamp())
                group by home, device_type
            ) as overdue using (home, device_type)
        where tenants.home = any ($1) and disabled_at is null
    ) as of_bucket
    group by device_type
) as of_type
having count(*) > 0

-- name: user_statistics
-- of the user $3
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
    coalesce($2, statement_timestamp()) as updated_at, coalesce($2, statement_timestamp()) as read_until
from (values (true)) as always left join counted on true
where exists (select from tenants where home = $1 and disabled_at is null)
having count(*) > 0

-- name: recounted_statistics
-- of each bucket
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
-- of each bucket
-- What the last reading of each step of $5 between $3 and $4, of those kept at the resolution $2, says of a tenant: its
-- numbers when something had last changed.
with rounds as (
    select distinct on (date_bin($5, at, 'epoch')) at, sampling_rounds.read_at
    from sampling_rounds join tenants on home = $1
    where resolution = $2 and at >= date_trunc($2, $3::timestamptz, 'UTC') and at <= $4 and read_at between $3 and $4
        and read_at >= created_at
    order by date_bin($5, at, 'epoch'), at desc
)
select
    rounds.read_at, coalesce(active, 0) as active, coalesce(expired, 0) as expired, coalesce(revoked, 0) as revoked,
    coalesce(purged_revoked, 0) as purged_revoked, coalesce(purged_expired, 0) as purged_expired,
    coalesce(device_breakdown, '{}') as device_breakdown
from rounds left join lateral (
    select latest.* from unnest(array['minute', 'hour', 'day']) as kept (resolution) cross join lateral (
        select * from statistics_samples
        where home = $1 and statistics_samples.resolution = kept.resolution and statistics_samples.at <= rounds.at
        order by statistics_samples.at desc
        limit 1
    ) as latest
    where latest.read_at <= rounds.read_at
    order by latest.read_at desc
    limit 1
) as sample on true
order by rounds.at

-- name: add_to_counters
select add_to_counters($1, $2, $3, $4, $5)

-- name: metered_sessions
-- The sessions of all tenants by status and device type: of the $1 tenants that have the most under their names, of the
-- rest together under none. They equal the statistics of each tenant at the same instant.
with
counted as materialized (
    select home, device_type, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired
    from session_counters
    group by home, device_type
),
overdue as materialized (
    select having_live.home, found.device_type, found.sessions
    from (select home from counted group by home having sum(live) > 0) as having_live cross join lateral ( -- not on Citus
    -- on Citus: from (select home from session_counters group by home having sum(live) > 0) as having_live cross join lateral (
        select sessions.home, device_type, count(*) as sessions
        from sessions
        where sessions.home = having_live.home and state = 'live'
            and expiry_minute > 0 and expiry_minute <= minute_of(coalesce($2::timestamptz, statement_timestamp()))
            and idle_expires_at <= coalesce($2, statement_timestamp())
        group by sessions.home, device_type
    ) as found
),
named as materialized ( -- of a split tenant all buckets
    select home / 1024 as number
    from counted
    group by home / 1024
    order by sum(live + revoked + expired) desc, home / 1024
    limit $1
)
select
    case when named.number is not null then split_part(tenants.tenant_id, '/', 1) end as tenant_id,
    counted.device_type,
    sum(counted.live - coalesce(overdue.sessions, 0))::bigint as active,
    sum(counted.expired + coalesce(overdue.sessions, 0))::bigint as expired,
    sum(counted.revoked)::bigint as revoked
from counted
    join tenants using (home)
    left join overdue using (home, device_type)
    left join named on named.number = counted.home / 1024
where tenants.disabled_at is null
group by 1, 2
