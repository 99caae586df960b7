-- name: place_revocations
select place_revocations($1) as homes

-- name: tenants_with_unplaced_revocations
select distinct home from revocations where position is null

-- name: reachable_tenants_with_unplaced_revocations
select home from reachable_tenants_with_unplaced_revocations() as home

-- name: place_revocations_of
select place_revocations_of($1, $2) as placed

-- name: notify_of_revocations
-- Says of which tenants there is more, as place_revocations does.
select pg_notify('autional_revocations', case when cardinality($1::bigint[]) <= 300 then array_to_string($1, ',') else '' end)

-- name: revocations_of_tenant_after
-- What the log of tenant $1 says after position $2, $3 at most, in order.
select
    home, position, revocation_id, at, kind, subject_id, user_id, reason, by_user, by_tenant, by_key, job_id, request_id, details,
    extract(epoch from clock_timestamp() - at)::float as lag
from revocations
where home = $1 and position > $2
order by position
limit $3

-- name: log_progress
-- The database's time, and for how long the oldest row waits for its position.
select clock_timestamp() as at, coalesce(extract(epoch from clock_timestamp() - (
    select at from revocations where position is null order by transaction_id, revocation_id limit 1
)), 0)::float as waiting, false as is_partial

-- name: reachable_log_progress
select clock_timestamp() as at, waiting, true as is_partial from reachable_log_progress() as waiting

-- name: oldest_unplaced_revocation
-- Since when the oldest row waits for its position, and which transactions still run that are as old, the oldest first.
select
    extract(epoch from clock_timestamp() - at)::float as seconds,
    -- on Citus: '{}'::text[] as running
    array( -- not on Citus
        select format('%s of %s, %s', pid, coalesce(nullif(application_name, ''), usename), state) -- not on Citus
        from pg_stat_activity -- not on Citus
        where backend_xid is not null and xact_start < clock_timestamp() - interval '1 second' -- not on Citus
        order by xact_start -- not on Citus
        limit 5 -- not on Citus
    ) as running -- not on Citus
from revocations
where position is null
order by transaction_id, revocation_id
limit 1

-- name: revocation_head
-- How far the log of a tenant goes, and up to where rows of it may be gone.
select coalesce(position, 0) as position, coalesce(pruned_to, 0) as pruned_to
from tenants left join revocation_heads using (home)
where home = $1

-- name: revocations_after
-- What the logs of tenants $1 say after positions $2, $3 of each at most, in order.
select told.* from unnest($1::bigint[], $2::bigint[]) as asked (home, position), lateral (
    select
        home, position, revocation_id, at, kind, subject_id, user_id, reason, by_user, by_tenant, by_key, job_id, request_id, details,
        extract(epoch from clock_timestamp() - at)::float as lag
    from revocations
    where home = asked.home and revocations.position > asked.position
    order by revocations.position
    limit $3
) as told
order by told.home, told.position

-- name: revocation_snapshot_start
-- The position of the last row from before a window, and from so long before that no transaction which began before it was
-- still open in the window; positions follow transactions, not times.
select coalesce((
    select position from revocations
    where home = $1 and at < statement_timestamp() - $2::interval - interval '5 minutes' and position is not null
    order by at desc
    limit 1
), 0) as position

-- name: revocation_snapshot
-- What rows after position $2 ended, $3 rows at most, and what still waits for its position: 16 bytes of an id, and four of
-- the generation up to which its tokens are over (0: the session or token itself is). With how far that goes, whether there is
-- more, and the tenant's own state.
with part as materialized (
    select position, kind, subject_id, details from revocations
    where home = $1 and position > $2
    order by position
    limit $3
)
select
    coalesce((select max(position) from part), $2) as position,
    (select count(*) from part) = $3 as has_more,
    coalesce((
        select string_agg(uuid_send(subject_id) || int4send(coalesce((details ->> 'generation')::integer, 0)), ''::bytea)
        from (
            select kind, subject_id, details from part
            union all
            select kind, subject_id, details from revocations where home = $1 and position is null
        ) as known
        where kind in ('session', 'token', 'assurance', 'tokens')
    ), '') as ended,
    access_generation as generation, disabled_at is not null as disabled
from tenants
where home = $1
