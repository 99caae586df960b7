-- Hot writes, each one statement for its caller. The tenant comes first in every one: on Citus it decides the node.

-- Notes activity of a session: moves its idle deadline, never back and never past the absolute one.
-- Answers touched; not_found when there is no such active session of this user (any user: null); role_too_high for
-- a caller of a lower role.
create or replace function touch_session(
    _home bigint, _session_id uuid, _user_id text, _now timestamptz, _caller_role text
) returns text language plpgsql as $$
declare
    session record;
    deadline timestamptz;
begin
    select role, idle_timeout, expires_at, idle_expires_at into session from sessions
    where home = _home and session_id = _session_id and (_user_id is null or user_id = _user_id)
        and ended_at is null
    for update;
    if role_rank(session.role) > role_rank(_caller_role) then
        return 'role_too_high';
    end if;
    _now := coalesce(_now, clock_timestamp());
    if session.idle_expires_at is null or session.idle_expires_at <= _now then
        return 'not_found';
    end if;
    deadline := greatest(session.idle_expires_at, least(_now + session.idle_timeout, session.expires_at));
    update sessions set
        last_active_at = greatest(last_active_at, _now), idle_expires_at = deadline, expiry_minute = minute_of(deadline)
    where home = _home and session_id = _session_id;
    return 'touched';
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
    children := children_of(_home, array[_session_id]);
    if cardinality(children) > 0 then
        perform end_sessions(_home, children, 'ended_with_parent', _now);
    end if;
    return true;
end
$$;

-- What agents began from these sessions, at any depth, and goes on.
create or replace function children_of(_home bigint, _session_ids uuid[]) returns uuid[] language sql stable as $$
    select coalesce(array_agg(session_id), '{}') from sessions
    where home = _home and begun_from is not null and begun_from && _session_ids and ended_at is null
$$;

-- Has what agents began from these sessions end with them at the latest, since their own deadlines were brought forward.
create or replace function shorten_children(_home bigint, _session_ids uuid[]) returns void language plpgsql as $$
declare
    children uuid[] := children_of(_home, _session_ids);
begin
    if cardinality(children) = 0 then
        return;
    end if;
    update sessions set
        expires_at = bound, idle_expires_at = least(idle_expires_at, bound),
        expiry_minute = minute_of(least(idle_expires_at, bound))
    from (
        select child.session_id as bounded, least(child.expires_at, min(parent.expires_at)) as bound
        from sessions as child join sessions as parent
            on parent.home = _home and parent.session_id = any (child.begun_from)
        where child.home = _home and child.session_id = any (children)
        group by child.session_id, child.expires_at
    ) as bounds
    where home = _home and session_id = bounded and expires_at > bound;
end
$$;

-- Ends many at once in the same way, with what agents began from them; answers how many of those named were revoked.
create or replace function end_sessions(_home bigint, _session_ids uuid[], _reason text, _now timestamptz)
returns bigint language plpgsql as $$
declare
    children uuid[] := children_of(_home, _session_ids);
    family uuid[] := _session_ids;
    ended_now bigint := 0;
    one record;
    ids uuid[];
    users text[];
    apps text[];
    types text[];
    states text[];
    reasons text[];
begin
    loop
        family := family || children;
        perform from sessions
        where home = _home and session_id = any (family) and ended_at is null
        order by session_id
        for update;
        children := array( -- begun before that was locked
            select unnest(children_of(_home, family)) except select unnest(family)
        );
        exit when cardinality(children) = 0;
    end loop;
    _now := coalesce(_now, clock_timestamp());
    with ended as (
        update sessions set
            state = case when idle_expires_at <= _now then 'expired' else 'revoked' end,
            ended_at = least(idle_expires_at, _now),
            end_reason = case
                when idle_expires_at <= _now then null
                when session_id = any (_session_ids) then _reason
                else 'ended_with_parent'
            end
        where home = _home and session_id = any (family) and ended_at is null
        returning sessions.session_id, user_id, app_id, device_type, state, end_reason
    )
    select array_agg(session_id), array_agg(user_id), array_agg(app_id), array_agg(device_type), array_agg(state),
        array_agg(end_reason)
    into ids, users, apps, types, states, reasons
    from ended;
    insert into revocations (home, at, kind, subject_id, user_id, app_id, reason)
    select _home, _now, 'session', session_id, user_id, app_id, reason
    from unnest(ids, users, apps, reasons, states) as ended (session_id, user_id, app_id, reason, state)
    where state = 'revoked';
    for one in
        select
            device_type, count(*) as live, count(*) filter (where state = 'revoked') as revoked,
            count(*) filter (where state = 'revoked' and session_id = any (_session_ids)) as named
        from unnest(ids, types, states) as ended (session_id, device_type, state)
        group by device_type
        order by device_type
    loop
        perform add_to_counters(_home, one.device_type, -one.live, one.revoked, one.live - one.revoked);
        ended_now := ended_now + one.named;
    end loop;
    return ended_now;
end
$$;

-- Ends sessions and answers which of them exist.
create or replace function end_named_sessions(_home bigint, _session_ids uuid[], _reason text, _now timestamptz)
returns setof uuid language plpgsql as $$
begin
    perform end_sessions(_home, _session_ids, _reason, _now);
    return query select session_id from sessions where home = _home and session_id = any (_session_ids);
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
returns void language plpgsql as $$
begin -- not by set_config: Citus passes on to other nodes only what is set so
    execute format('set local autional.by_user = %L', coalesce(_user_id, ''));
    execute format('set local autional.by_tenant = %L', coalesce(_of_tenant, ''));
    execute format('set local autional.by_key = %L', coalesce(_key_id, ''));
    execute format('set local autional.request_id = %L', coalesce(_request_id, ''));
    execute format('set local autional.job_id = %L', coalesce(_job_id, ''));
end
$$;
