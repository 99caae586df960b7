-- Writes down, a batch at a time, what time has ended: nothing that is read depends on it.
-- Only sessions overdue since `_before` are moved, so that a reading for a moment since then still finds them live.
-- Answers how many were moved.
create or replace function sweep_expired(_home bigint, _before timestamptz, _batch integer)
returns bigint language plpgsql as $$
declare
    minute integer := minute_of(_before);
    overdue uuid[] := array(
        select session_id from sessions
        where home = _home and state = 'live'
            and expiry_minute > 0 and expiry_minute <= minute and idle_expires_at <= _before
        order by expiry_minute
        limit _batch
        for update skip locked
    );
    one record;
begin
    for one in
        with moved as (
            update sessions set state = 'expired', ended_at = idle_expires_at
            where home = _home and session_id = any (overdue)
            returning device_type
        )
        select device_type, count(*) as sessions from moved group by device_type order by device_type
    loop
        perform add_to_counters(_home, one.device_type, -one.sessions, 0, one.sessions);
    end loop;
    return cardinality(overdue);
end
$$;

-- Removes what belongs to sessions that are about to be deleted: no foreign key does it. Their rows are locked.
create or replace function delete_session_records(_home bigint, _named uuid[]) returns void language plpgsql as $$
begin
    delete from token_pairs where home = _home and session_id = any (_named);
    delete from access_tokens where home = _home and session_id = any (_named);
end
$$;

-- Removes the records of sessions that ended in a state before an instant, a batch at a time, from the statistics too;
-- lifetime totals keep them. Answers how many were removed.
create or replace function purge_ended(_home bigint, _state text, _before timestamptz, _batch integer)
returns bigint language plpgsql as $$
declare
    named uuid[] := array(
        select session_id from sessions
        where home = _home and state = _state and ended_at is not null and ended_at <= _before
        order by ended_at
        limit _batch
        for update skip locked
    );
    one record;
begin
    with gone as (
        delete from revocations where home = _home and subject_id = any (named) returning position
    )
    update revocation_heads set pruned_to = greatest(pruned_to, (select max(position) from gone)) where home = _home;
    perform delete_session_records(_home, named);
    for one in
        with gone as (
            delete from sessions where home = _home and session_id = any (named) returning device_type
        )
        select
            device_type,
            case when _state = 'revoked' then count(*) else 0 end as revoked,
            case when _state = 'expired' then count(*) else 0 end as expired
        from gone group by device_type order by device_type
    loop
        perform add_to_counters(_home, one.device_type, 0, -one.revoked, -one.expired, one.revoked, one.expired);
    end loop;
    return cardinality(named);
end
$$;

-- Removes the tokens of sessions that ended before an instant, a batch of sessions at a time: each of them can only
-- be refused. Answers how many sessions it looked at.
create or replace function prune_ended_tokens(_home bigint, _before timestamptz, _batch integer) returns integer
language plpgsql as $$
declare
    position timestamptz;
    reached timestamptz;
    mark timestamptz;
    named uuid[];
begin
    select tokens_pruned_to into position from tenants where home = _home for update skip locked;
    if not found then
        return 0;
    end if;
    select array_agg(session_id), max(ended_at) into named, reached from (
        (
            select session_id, ended_at from sessions
            where home = _home and state = 'revoked' and ended_at > position and ended_at <= _before
            order by ended_at
            limit _batch
        )
        union all
        (
            select session_id, ended_at from sessions
            where home = _home and state = 'expired' and ended_at > position and ended_at <= _before
            order by ended_at
            limit _batch
        )
        order by ended_at
        limit _batch
    ) as ended;
    if reached is null then
        return 0;
    end if;
    delete from token_pairs using sessions
    where token_pairs.home = _home and sessions.home = _home
        and token_pairs.session_id = sessions.session_id
        and (sessions.session_id = any (named) or sessions.state in ('revoked', 'expired') and ended_at = reached);
    -- what expired is written down later than it ended: the mark stays behind, and looks there again
    mark := case
        when cardinality(named) < _batch then greatest(position, least(reached, _before - interval '2 hours')) else reached
    end;
    update tenants set tokens_pruned_to = mark where home = _home;
    return cardinality(named);
end
$$;

-- Removes what is known of revocations from before an instant, a batch at a time; answers how many were removed.
create or replace function prune_revocations(_home bigint, _before timestamptz, _batch integer) returns integer
language sql as $$
    with gone as (
        delete from revocations where home = _home and revocation_id = any (array(
            select revocation_id from revocations where home = _home and at <= _before order by at limit _batch
        ))
        returning position
    ),
    noted as (
        update revocation_heads set pruned_to = greatest(pruned_to, (select max(position) from gone)) where home = _home
    )
    select count(*)::integer from gone
$$;
