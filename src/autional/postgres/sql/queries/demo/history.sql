-- name: invent_statistics_history
-- The samples that a tenant would have at $2, had its sessions come and gone while the statistics were read every ten
-- minutes of the last month.
with
changes as (
    select created_at as at, device_type, 1 as created, 0 as revoked, 0 as expired from sessions where home = $1
    union all
    select ended_at, device_type, 0, 1, 0 from sessions where home = $1 and state = 'revoked'
    union all
    select idle_expires_at, device_type, 0, 0, 1 from sessions
    where home = $1 and state <> 'revoked' and idle_expires_at <= $2::timestamptz
),
stepwise as (
    select date_bin('10 minutes', at, 'epoch') + interval '10 minutes' as at, device_type,
        sum(created) as created, sum(revoked) as revoked, sum(expired) as expired
    from changes
    group by 1, 2
),
steps as (
    select * from
        generate_series(
            date_bin('10 minutes', $2 - interval '31 days', 'epoch'), date_bin('10 minutes', $2, 'epoch'), interval '10 minutes'
        ) as at,
        (select distinct device_type from stepwise) as types
),
summed as (
    select steps.at, steps.device_type,
        coalesce(sum(created) over step, 0)::bigint as created,
        coalesce(sum(revoked) over step, 0)::bigint as revoked,
        coalesce(sum(expired) over step, 0)::bigint as expired
    from steps left join stepwise using (at, device_type)
    window step as (partition by steps.device_type order by steps.at)
),
readings as (
    select at, sum(created - revoked - expired)::bigint as active, sum(revoked)::bigint as revoked,
        sum(expired)::bigint as expired, jsonb_object_agg(device_type, created) filter (where created > 0) as device_breakdown
    from summed
    group by at
),
kept as (
    select resolution, readings.* from readings, (values ('minute', interval '1 day'), ('hour', interval '31 days'), ('day', interval '1 year'))
        as kept (resolution, age)
    where at > $2 - age and (resolution = 'minute' or date_trunc(resolution, at, 'UTC') = at)
),
rounds as (
    insert into sampling_rounds (resolution, at, read_at) select resolution, at, at from kept on conflict do nothing
)
insert into statistics_samples (
    home, resolution, at, read_at, active, expired, revoked, purged_revoked, purged_expired, device_breakdown
)
select $1, resolution, at, at, active, expired, revoked, 0, 0, coalesce(device_breakdown, '{}') from kept
on conflict do nothing
