-- name: revocation
select revocation_id, at, kind, subject_id, user_id, reason, by_user, by_tenant, by_key, job_id, request_id, "position"
from revocations where home = $1 and revocation_id = $2

-- name: receipt_lines
-- Who heard of the row at position $2 of a log, or is to hear of it.
select protocol as channel, receiver_id as reader, coalesce(nullif(description, ''), url) as name, state,
    case when state = 'delivered' then event_at + make_interval(secs => lag) end as heard_at, lag, attempts, answer, due_at
from deliveries join receivers using (home, receiver_id)
where deliveries.home = $1 and receivers.home = $1 and position = $2
union all
select channel, reader, null, 'delivered', min(at), min(lag), 1, null, null
from readings
where home = $1 and first_position <= $2 and last_position >= $2
group by channel, reader
order by channel, reader

-- name: insert_readings
insert into readings (home, channel, reader, first_position, last_position, at, lag)
select home, 'feed', reader, first_position, last_position, clock_timestamp(), lag
from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::real[])
    as given (home, reader, first_position, last_position, lag) join tenants using (home)

-- name: prune_readings
with gone as (
    -- on Citus: delete from readings where at < $1::timestamptz - interval '30 days' and $2::integer > 0
    delete from readings where ctid in ( -- not on Citus
        select ctid from readings where at < $1::timestamptz - interval '30 days' order by at limit $2 -- not on Citus
    ) -- not on Citus
    returning 1
)
select count(*)::integer as done from gone

-- name: lags
-- Seconds from what happened until it was heard, by channel, of the last thousand of the last hour (of a stream and of
-- the lists the slowest of each second); of deliveries those at the first attempt.
select
    channel, count(*) as events,
    percentile_cont(0.5) within group (order by lag) as median,
    percentile_cont(0.99) within group (order by lag) as slow,
    max(lag) as worst
from (
    select protocol as channel, told.lag
    from (select receiver_id, protocol from receivers where home = $1) as receiver, lateral (
        select lag from deliveries
        where home = $1 and deliveries.receiver_id = receiver.receiver_id and state = 'delivered'
            and position > 0 and attempts = 1 and event_at > statement_timestamp() - interval '1 hour'
        order by position desc
        limit 1000
    ) as told
    union all
    select channel, lag from (
        select channel, lag from readings
        where home = $1 and at > statement_timestamp() - interval '1 hour' and lag is not null
        order by last_position desc
        limit 2000
    ) as read
) as heard
group by channel
order by channel

-- name: backlog
-- What waits in a tenant: for a position, and for its receivers, each with the seconds that the oldest waits.
select
    coalesce((
        select extract(epoch from clock_timestamp() - min(at)) from revocations where home = $1 and position is null
    ), 0)::float as unplaced_seconds,
    coalesce(oldest.seconds, 0)::float as waiting_seconds, oldest.receiver_id
from (values (true)) as always left join lateral (
    select receivers.receiver_id, extract(epoch from clock_timestamp() - waiting.event_at) as seconds
    from receivers, lateral (
        select event_at from deliveries
        where deliveries.home = $1 and deliveries.receiver_id = receivers.receiver_id and state = 'waiting' and position > 0
        order by position
        limit 1
    ) as waiting
    where receivers.home = $1 and status = 'enabled'
    order by waiting.event_at
    limit 1
) as oldest on true

-- name: receivers_behind
-- Receivers that are neither paused nor polled and have waited for longer than $1 to be told of something.
select tenant_id, receiver_id, extract(epoch from clock_timestamp() - waiting.since)::float as seconds
from receivers join tenants using (home), lateral (
    select min(event_at) as since from deliveries
    where deliveries.home = receivers.home and deliveries.receiver_id = receivers.receiver_id and state = 'waiting'
) as waiting
where has_work and status = 'enabled' and url is not null and waiting.since < clock_timestamp() - $1::interval
order by waiting.since
limit 10

-- name: lags_of_all
-- Seconds until it was heard, by channel, of the last thousands of the last hour in all tenants together.
select
    channel, count(*) as events,
    percentile_cont(0.5) within group (order by lag) as median,
    percentile_cont(0.99) within group (order by lag) as slow,
    max(lag) as worst
from (
    select protocol as channel, told.lag
    from (
        select home, receiver_id, lag from deliveries
        where event_at > statement_timestamp() - interval '1 hour' and state = 'delivered' and position > 0 and attempts = 1
        order by event_at desc
        limit 5000
    ) as told join receivers using (home, receiver_id)
    union all
    select channel, lag from (
        select channel, lag from readings
        where at > statement_timestamp() - interval '1 hour' and lag is not null
        order by at desc
        limit 5000
    ) as read
) as heard
group by channel
order by channel

-- name: backlog_of_all
-- What waits in all tenants together, each with the seconds that the oldest waits.
select
    coalesce((
        select extract(epoch from clock_timestamp() - at) from revocations
        where position is null
        order by transaction_id, revocation_id
        limit 1
    ), 0)::float as unplaced_seconds,
    coalesce((
        select extract(epoch from clock_timestamp() - event_at) from deliveries
        where state = 'waiting' and position > 0
        order by dies_at
        limit 1
    ), 0)::float as waiting_seconds
