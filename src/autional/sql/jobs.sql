-- name: insert_job
-- The job, or the one that was made for the same request before.
with made as (
    insert into jobs (
        tenant_id, job_id, request_sha256, filter, as_of, kept_session, reason, requested_by, total, created_at
    ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (tenant_id, request_sha256) do nothing
    returning *
)
select * from made
union all
select * from jobs where tenant_id = $1 and request_sha256 = $3
limit 1

-- name: job
select * from jobs where tenant_id = $1 and job_id = $2

-- name: cancel_job
update jobs set
    state = case when finished_at is null then 'cancelled' else state end,
    finished_at = coalesce(finished_at, $3)
where tenant_id = $1 and job_id = $2
returning *

-- name: claim_job
-- The oldest open job whose holder has not been heard of since $1, now held until $2.
update jobs set state = 'running', leased_until = $2
from (
    select tenant_id, job_id from jobs
    where finished_at is null and leased_until < $1
    order by created_at
    limit 1
    for update skip locked
) as next
where jobs.tenant_id = next.tenant_id and jobs.job_id = next.job_id
returning jobs.*

-- name: advance_job
-- Nothing when the job was cancelled or another process went on with it.
update jobs set
    position = $4, done = done + $5, leased_until = $6,
    state = case when $7::boolean then 'done' else state end,
    finished_at = case when $7 then $8::timestamptz end
where tenant_id = $1 and job_id = $2 and position = $3 and finished_at is null
returning done

-- name: end_sessions
select end_sessions($1, $2, $3, $4) as revoked

-- name: prune_jobs
delete from jobs where finished_at < $1::timestamptz - interval '30 days'
