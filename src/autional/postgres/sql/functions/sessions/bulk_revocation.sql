-- Has what was shown for a filter and a kept session, within a time, done for a reason.
create or replace function confirm_job(
    _home bigint, _job_id text, _filter jsonb, _kept_session uuid, _at timestamptz, _within interval, _reason text
) returns setof jobs language plpgsql as $$
declare
    shown_after timestamptz := coalesce(_at, clock_timestamp()) - _within;
begin
    return query update jobs set state = 'waiting', reason = _reason,
        by_user = nullif(current_setting('autional.by_user', true), ''),
        by_tenant = nullif(current_setting('autional.by_tenant', true), ''),
        by_key = nullif(current_setting('autional.by_key', true), ''),
        request_id = nullif(current_setting('autional.request_id', true), '')
    where home = _home and job_id = _job_id and filter = _filter and kept_session is not distinct from _kept_session
        and state = 'shown' and created_at > shown_after
    returning jobs.*;
end
$$;

-- Answers the job; what is done stays done.
create or replace function cancel_job(_home bigint, _job_id text, _at timestamptz) returns setof jobs
language plpgsql as $$
declare
    cancelled_at timestamptz := coalesce(_at, clock_timestamp());
begin
    update jobs set state = 'cancelled', finished_at = cancelled_at
    where home = _home and job_id = _job_id and state <> 'shown' and finished_at is null;
    return query select * from jobs where home = _home and job_id = _job_id and state <> 'shown';
end
$$;

-- Open jobs on which nobody works, or the one named, of the nodes of a Citus cluster that are there, the oldest first.
create or replace function reachable_jobs_to_claim(_at timestamptz, _job_id text)
returns table (home bigint, job_id text) language sql as $$
    select (job ->> 'home')::bigint, job ->> 'job_id' from of_reachable_shards(
        'autional.jobs', 'select jsonb_agg(one) from %s as one where finished_at is null and state <> ''shown'''
    ) as job
    where (_job_id is null or job ->> 'job_id' = _job_id)
        and (job ->> 'leased_until')::timestamptz < coalesce(_at, clock_timestamp())
    order by (job ->> 'created_at')::timestamptz
    limit 5
$$;

-- Whether nobody else was faster.
create or replace function claim_job(_home bigint, _job_id text, _at timestamptz, _lease interval) returns boolean
language plpgsql as $$
declare
    claimed_at timestamptz := coalesce(_at, clock_timestamp());
begin
    update jobs set state = 'running', leased_until = claimed_at + _lease
    where home = _home and job_id = _job_id and finished_at is null and leased_until < claimed_at;
    return found;
end
$$;

-- Ends the next sessions of a job, each of which is ended or counted as ended already. False when there is no more to do.
create or replace function advance_job(
    _home bigint, _job_id text, _batch integer, _lease interval, _at timestamptz
) returns boolean language plpgsql as $$
declare
    job jobs;
    named uuid[];
    revoked bigint;
    worked_at timestamptz;
begin
    select * into job from jobs where home = _home and job_id = _job_id for update;
    if job.state is distinct from 'running' then
        return false;
    end if;
    with taken as (
        delete from job_sessions
        where home = _home and job_id = _job_id and session_id in (
            select session_id from job_sessions where home = _home and job_id = _job_id
            order by session_id
            limit _batch
        )
        returning session_id
    )
    select coalesce(array_agg(session_id), '{}') into named from taken;
    perform act_by(job.by_user, job.by_tenant, job.by_key, job.request_id, job.job_id);
    revoked := end_sessions(_home, named, job.reason, _at);
    worked_at := coalesce(_at, clock_timestamp());
    update jobs set
        done = done + revoked,
        already_ended = already_ended + cardinality(named) - revoked,
        leased_until = worked_at + _lease,
        state = case when cardinality(named) < _batch then 'done' else state end,
        finished_at = case when cardinality(named) < _batch then worked_at end
    where home = _home and job_id = _job_id;
    return cardinality(named) = _batch;
end
$$;
