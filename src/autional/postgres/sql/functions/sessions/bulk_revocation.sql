-- Ends the next sessions of a job, each of which is ended or counted as ended already. False when there is no more to do.
create or replace function advance_job(
    _home bigint, _job_id text, _batch integer, _lease interval, _at timestamptz
) returns boolean language plpgsql as $$
declare
    job jobs;
    named uuid[];
    revoked bigint;
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
    update jobs set
        done = done + revoked,
        already_ended = already_ended + cardinality(named) - revoked,
        leased_until = coalesce(_at, clock_timestamp()) + _lease,
        state = case when cardinality(named) < _batch then 'done' else state end,
        finished_at = case when cardinality(named) < _batch then coalesce(_at, clock_timestamp()) end
    where home = _home and job_id = _job_id;
    return cardinality(named) = _batch;
end
$$;
