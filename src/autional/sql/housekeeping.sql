-- name: begin_housekeeping
-- A row when the task $1, which is due once in each interval $2, was not yet begun in this one: then it is now.
insert into housekeeping (task, begun_at) values ($1, statement_timestamp())
on conflict (task) do update set begun_at = excluded.begun_at
where date_bin($2::interval, housekeeping.begun_at, 'epoch') < date_bin($2::interval, excluded.begun_at, 'epoch')
returning begun_at

-- name: finish_housekeeping
update housekeeping set done_at = statement_timestamp() where task = $1

-- name: readiness
-- What must be fresh or right for this release to answer: the steps of the schema that are there, and how many seconds
-- ago each kind of housekeeping last succeeded.
select
    (select array_agg(name) from schema_versions) as steps,
    (
        select coalesce(jsonb_object_agg(task, extract(epoch from statement_timestamp() - done_at)), '{}')
        from housekeeping where done_at is not null
    ) as ages

-- name: tenants_with_overdue_sessions
-- Tenants in which at least one live session has been overdue since $1.
select tenant_id from tenants
where exists (
    select from sessions
    where sessions.tenant_id = tenants.tenant_id and state = 'live'
        and expiry_minute > 0 and expiry_minute <= minute_of($1::timestamptz) and idle_expires_at <= $1
)

-- name: overdue_sessions
-- How many live sessions, over all tenants, have been overdue since $1.
select coalesce(sum(overdue.sessions), 0)::bigint as sessions
from tenants, lateral (
    select count(*) as sessions from sessions
    where sessions.tenant_id = tenants.tenant_id and state = 'live'
        and expiry_minute > 0 and expiry_minute <= minute_of($1::timestamptz) and idle_expires_at <= $1
) as overdue

-- name: sweep_expired
select sweep_expired($1, $2, $3) as moved

-- name: sample_statistics
-- Writes down the numbers of every tenant, true for $1, under the minute, the hour and the day that $1 is in where
-- nothing stands there yet.
with
counted as (
    select tenant_id, device_type, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired,
        sum(purged_revoked) as purged_revoked, sum(purged_expired) as purged_expired
    from session_counters
    group by tenant_id, device_type
),
summed as (
    select tenant_id, sum(live) as live, sum(revoked) as revoked, sum(expired) as expired,
        sum(purged_revoked) as purged_revoked, sum(purged_expired) as purged_expired,
        jsonb_object_agg(device_type, live + revoked + expired) filter (where live + revoked + expired > 0)
            as device_breakdown
    from counted
    group by tenant_id
),
overdue as (
    select tenant_id, (
        select count(*) from sessions
        where sessions.tenant_id = tenants.tenant_id and state = 'live'
            and expiry_minute > 0 and expiry_minute <= minute_of($1::timestamptz) and idle_expires_at <= $1
    ) as sessions
    from tenants
    where disabled_at is null
)
insert into statistics_samples (
    tenant_id, resolution, at, read_at,
    active, expired, revoked, purged_revoked, purged_expired, device_breakdown
)
select tenant_id, resolution, date_trunc(resolution, $1, 'UTC'), $1,
    coalesce(live, 0) - overdue.sessions, coalesce(expired, 0) + overdue.sessions, coalesce(revoked, 0),
    coalesce(purged_revoked, 0), coalesce(purged_expired, 0), coalesce(device_breakdown, '{}')
from overdue left join summed using (tenant_id), unnest(array['minute', 'hour', 'day']) as resolution
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

-- name: prune_idempotency_keys
with gone as (
    delete from idempotency_keys where ctid = any (array(
        select ctid from idempotency_keys where created_at < $1::timestamptz - interval '1 day' limit $2
    ))
    returning 1
)
select count(*) as removed from gone

-- name: prune_trusted_devices
with gone as (
    delete from trusted_devices where ctid = any (array(
        select ctid from trusted_devices where trusted_until < $1::timestamptz limit $2
    ))
    returning 1
)
select count(*) as removed from gone

-- name: tenants_with_ended_tokens
-- Tenants with sessions that ended before $1 and whose refresh tokens may still be there.
select tenant_id from tenants
where exists (
    select from sessions
    where sessions.tenant_id = tenants.tenant_id and state = 'revoked' and ended_at > tokens_pruned_to and ended_at <= $1
) or exists (
    select from sessions
    where sessions.tenant_id = tenants.tenant_id and state = 'expired' and ended_at > tokens_pruned_to and ended_at <= $1
)

-- name: prune_ended_tokens
select prune_ended_tokens($1, $2, $3) as looked_at

-- name: prune_revocations
select prune_revocations($1, $2, $3) as removed

-- name: analyze_sessions
analyze sessions
