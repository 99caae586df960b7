-- name: begin_task
-- A row when the task $1, which is due once in each interval $2, was not yet begun in this one: then it is now.
insert into housekeeping (task, begun_at) values ($1, statement_timestamp())
on conflict (task) do update set begun_at = excluded.begun_at
where date_bin($2::interval, housekeeping.begun_at, 'epoch') < date_bin($2::interval, excluded.begun_at, 'epoch')
returning begun_at

-- name: finish_task
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

-- name: prune_idempotency_keys
with gone as (
    -- on Citus: delete from idempotency_keys where created_at < $1::timestamptz - interval '1 day' and $2::integer > 0
    delete from idempotency_keys where ctid = any (array( -- not on Citus
        select ctid from idempotency_keys where created_at < $1::timestamptz - interval '1 day' limit $2 -- not on Citus
    )) -- not on Citus
    returning 1
)
select count(*) as done from gone

-- name: vacuuming
-- Whether the server vacuums by itself, and which of the tables $1 wait for a fifth of their rows to be dead.
select current_setting('autovacuum') as autovacuum, array(
    select relname::text from pg_class
    where relnamespace = to_regnamespace('autional') and relname = any ($1::text[])
        and (reloptions is null or reloptions::text not like '%autovacuum_vacuum%' or reloptions::text like '%autovacuum_enabled=false%')
    order by relname
) as without_threshold

-- name: work_ahead
-- What waits to be done, over all tenants, and for how many seconds the present key signs.
select
    (select count(*) from jobs where state in ('waiting', 'running')) as jobs,
    (select count(*) from erasures) as erasures,
    (
        select extract(epoch from statement_timestamp() - max(signs_from)) from signing_keys
        where retired_at is null and signs_from <= statement_timestamp()
    ) as key_age,
    (
        select jsonb_object_agg(task, extract(epoch from statement_timestamp() - done_at))
        from housekeeping where done_at is not null
    ) as ages
