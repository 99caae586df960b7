-- name: create_preview
-- of each bucket
-- A job that waits to be confirmed; a tenant has at most ten such.
with forgotten as (
    delete from jobs where home = $1 and state = 'shown' and job_id in (
        select job_id from jobs where home = $1 and state = 'shown' order by created_at desc, job_id desc offset 9
    )
)
insert into jobs (home, job_id, filter, as_of, kept_session, reason, requested_by, total, state, created_at)
values ($1, $2, $3, $4, $5, '', $6, 0, 'shown', $4)

-- name: store_preview_size
update jobs set total = $3 where home = $1 and job_id = $2

-- name: confirm_job
-- of each bucket
select job_id, state, reason, requested_by, filter, total, done, already_ended, created_at, finished_at
from confirm_job($1, $2, $3, $4, $5, $6, $7)

-- name: confirmed_job
-- of each bucket
-- The same when it was asked for before.
select job_id, state, reason, requested_by, filter, total, done, already_ended, created_at, finished_at from jobs
where home = $1 and job_id = $2 and filter = $3 and kept_session is not distinct from $4 and state <> 'shown'

-- name: job
-- of each bucket
select job_id, state, reason, requested_by, filter, total, done, already_ended, created_at, finished_at from jobs
where home = $1 and job_id = $2 and state <> 'shown'

-- name: jobs
-- of each bucket
-- Newest first, after the place $2, $3 (null: from the start), $4 of them after skipping $5.
select job_id, state, reason, requested_by, filter, total, done, already_ended, created_at, finished_at from jobs
where home = $1 and state <> 'shown' and ($2::timestamptz is null or (created_at, job_id) < ($2, $3::text))
order by created_at desc, job_id desc
limit $4 offset $5

-- name: count_jobs
-- of the tenant
select count(*) as total from jobs where home = $1 and state <> 'shown'

-- name: cancel_job
-- of each bucket
select job_id, state, reason, requested_by, filter, total, done, already_ended, created_at, finished_at
from cancel_job($1, $2, $3)

-- name: jobs_to_claim
-- Open jobs on which nobody works at $1, the oldest first, or the one named $2.
select home, job_id from jobs
where finished_at is null and state <> 'shown' and ($2::text is null or job_id = $2)
    and leased_until < coalesce($1::timestamptz, statement_timestamp())
order by created_at
limit 5

-- name: reachable_jobs_to_claim
select home, job_id from reachable_jobs_to_claim($1, $2)

-- name: claim_job
select claim_job($1, $2, $3, $4) as is_ours

-- name: advance_job
select advance_job($1, $2, $3, $4, $5) as has_more

-- name: prune_jobs
with gone as (
    -- on Citus: delete from jobs where (finished_at < $1::timestamptz - interval '30 days' or finished_at is null and state = 'shown' and created_at < $1 - interval '20 minutes') and $2::integer > 0
    delete from jobs where ctid = any (array( -- not on Citus
        (select ctid from jobs where finished_at < $1::timestamptz - interval '30 days' limit $2) -- not on Citus
        union all -- not on Citus
        ( -- not on Citus
            select ctid from jobs -- not on Citus
            where finished_at is null and state = 'shown' and created_at < $1 - interval '20 minutes' -- not on Citus
            limit $2 -- not on Citus
        ) -- not on Citus
    )) -- not on Citus
    returning 1
)
select count(*) as done from gone
