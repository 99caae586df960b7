-- Hot writes, each one statement for its caller. The tenant comes first in every one: on Citus it decides the node.

-- Notes activity of a session: moves its idle deadline, never back and never past the absolute one.
-- Answers touched; not_found when there is no such active session of this user (any user: null); role_too_high for
-- a caller of a lower role.
create or replace function touch_session(
    _home bigint, _session_id uuid, _user_id text, _now timestamptz, _caller_role text
) returns text language plpgsql as $$
declare
    of_role text;
begin
    select role into of_role from sessions
    where home = _home and session_id = _session_id and (_user_id is null or user_id = _user_id)
        and ended_at is null
    for update;
    if role_rank(of_role) > role_rank(_caller_role) then
        return 'role_too_high';
    end if;
    _now := coalesce(_now, clock_timestamp());
    update sessions set
        last_active_at = greatest(last_active_at, _now),
        idle_expires_at = greatest(idle_expires_at, least(_now + idle_timeout, expires_at)),
        expiry_minute = minute_of(greatest(idle_expires_at, least(_now + idle_timeout, expires_at)))
    where home = _home and session_id = _session_id and (_user_id is null or user_id = _user_id)
        and ended_at is null and idle_expires_at > _now;
    return case when found then 'touched' else 'not_found' end;
end
$$;

-- Ends a session, of this user only where one is named. False when there is none; true also when it ended before,
-- which changes nothing. A session that is overdue becomes what it already was: expired, at its deadline.
create or replace function end_session(
    _home bigint, _session_id uuid, _user_id text, _reason text, _now timestamptz
) returns boolean language plpgsql as $$
declare
    ended record;
    children uuid[];
begin
    perform from sessions where home = _home and session_id = _session_id and ended_at is null for update;
    _now := coalesce(_now, clock_timestamp());
    update sessions set
        state = case when idle_expires_at <= _now then 'expired' else 'revoked' end,
        ended_at = least(idle_expires_at, _now),
        end_reason = case when idle_expires_at <= _now then null else _reason end
    where home = _home and session_id = _session_id and ended_at is null
        and (_user_id is null or user_id = _user_id)
    returning device_type, state, session_id, sessions.user_id, app_id into ended;
    if found then
        if ended.state = 'revoked' then
            insert into revocations (home, at, kind, subject_id, user_id, app_id, reason)
            values (_home, _now, 'session', ended.session_id, ended.user_id, ended.app_id, _reason);
        end if;
        perform add_to_counters(
            _home, ended.device_type, -1, (ended.state = 'revoked')::int, (ended.state = 'expired')::int
        );
    elsif not exists (
        select from sessions
        where home = _home and session_id = _session_id and (_user_id is null or user_id = _user_id)
    ) then
        return false;
    end if;
    children := array(
        select session_id from sessions where home = _home and parent_id = _session_id and ended_at is null
    );
    if cardinality(children) > 0 then
        perform end_sessions(_home, children, 'ended_with_parent', _now);
    end if;
    return true;
end
$$;

-- Sessions with those that agents began from them and that go on, and so on.
create or replace function with_children(_home bigint, _session_ids uuid[]) returns uuid[] language sql stable as $$
    with recursive family as (
        select session_id from unnest(_session_ids) as named (session_id)
        union
        select sessions.session_id
        from family join sessions
            on home = _home and parent_id is not null and parent_id = family.session_id and ended_at is null
    )
    select coalesce(array_agg(session_id), '{}') from family
$$;

-- Ends many at once in the same way, with what agents began from them; answers how many of those named were revoked.
create or replace function end_sessions(_home bigint, _session_ids uuid[], _reason text, _now timestamptz)
returns bigint language plpgsql as $$
declare
    family uuid[] := with_children(_home, _session_ids);
    grown uuid[];
    ended_now bigint;
begin
    loop
        perform from sessions
        where home = _home and session_id = any (family) and ended_at is null
        order by session_id
        for update;
        grown := with_children(_home, family); -- nothing more is begun from what is locked
        exit when cardinality(grown) = cardinality(family);
        family := grown;
    end loop;
    _now := coalesce(_now, clock_timestamp());
    with
    ended as (
        update sessions set
            state = case when idle_expires_at <= _now then 'expired' else 'revoked' end,
            ended_at = least(idle_expires_at, _now),
            end_reason = case
                when idle_expires_at <= _now then null
                when session_id = any (_session_ids) then _reason
                else 'ended_with_parent'
            end
        where home = _home and session_id = any (family) and ended_at is null
        returning sessions.session_id, user_id, app_id, device_type, state, end_reason,
            session_id = any (_session_ids) as is_named
    ),
    logged as (
        insert into revocations (home, at, kind, subject_id, user_id, app_id, reason)
        select _home, _now, 'session', session_id, user_id, app_id, end_reason from ended where state = 'revoked'
    ),
    counted as (
        select
            device_type, count(*) as live, count(*) filter (where state = 'revoked') as revoked,
            count(*) filter (where state = 'revoked' and is_named) as named
        from ended
        group by device_type
        order by device_type
    ),
    added as (
        select add_to_counters(_home, device_type, -live, revoked, live - revoked), named from counted
    )
    select coalesce(sum(named), 0) into ended_now from added;
    return ended_now;
end
$$;

-- Ends sessions of an agent, a batch at a time; answers how many it looked at.
create or replace function end_sessions_of_agent(
    _home bigint, _actor text, _reason text, _batch integer, _now timestamptz
) returns integer language plpgsql as $$
declare
    named uuid[] := array(
        select session_id from sessions
        where home = _home and act is not null and act ->> 'sub' = _actor and ended_at is null
        limit _batch
    );
begin
    perform end_sessions(_home, named, _reason, _now);
    return cardinality(named);
end
$$;

-- Says for the rest of the transaction who acts, by which request and job: what is ended notes it (revocations).
create or replace function act_by(_user_id text, _of_tenant text, _key_id text, _request_id text, _job_id text)
returns void language sql as $$
    select set_config('autional.by_user', coalesce(_user_id, ''), true),
        set_config('autional.by_tenant', coalesce(_of_tenant, ''), true),
        set_config('autional.by_key', coalesce(_key_id, ''), true),
        set_config('autional.request_id', coalesce(_request_id, ''), true),
        set_config('autional.job_id', coalesce(_job_id, ''), true)
$$;
