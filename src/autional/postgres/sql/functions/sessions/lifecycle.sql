-- Hot writes, each one statement for its caller. The tenant comes first in every one: on Citus it decides the node.

-- Begins a session with its first tokens and answers both. Under an idempotency key that was used before nothing is begun:
-- the answer is what was begun then, and says whether the request was the same (null: it was begun now). Beyond the limits of
-- the tenant it may be refused. No row when the tenant is unknown or disabled. The deadlines follow from the tenant's
-- policy and JWT configuration, otherwise from the arguments. A caller that does not wait for a gate may get busy.
create or replace function create_session_2(
    _tenant_id text, _session_id text, _user_id text, _role text, _aal smallint, _amr text[], _device_type text,
    _app_id text, _device_id text, _device_fingerprint text, _browser text, _os text, _user_agent text, _ip inet,
    _at timestamptz, _absolute interval, _idle interval, _token_id text, _access_id text,
    _key_sha256 bytea, _request_sha256 bytea,
    _country text, _city text, _latitude real, _longitude real, _device_model text,
    _risk_score smallint, _risk_facts jsonb, _wait boolean
) returns table (
    session_id text, expires_at timestamptz, idle_expires_at timestamptz, access_expires_at timestamptz,
    token_id text, access_id text, issued_at timestamptz, seen_at timestamptz, tenant_generation integer,
    session_generation integer, same_request boolean, refused boolean, busy boolean, repeated sessions
) language plpgsql as $$
#variable_conflict use_column
declare
    moment timestamptz;
    generation integer;
    rules record;
begin
    if not _wait and _key_sha256 is not null or not take_gate(tenant_gate(_tenant_id), false, _wait)
        or not _wait and exists (select from session_limits where tenant_id = _tenant_id)
    then
        create_session_2.busy := true;
        return next;
        return;
    end if;
    -- limits change only while the tenant's gate is held exclusively; logins under limits run one after the other
    if not take_gate(
        user_gate(_tenant_id, _user_id), exists (select from session_limits where tenant_id = _tenant_id), _wait
    ) then
        create_session_2.busy := true;
        return next;
        return;
    end if;
    moment := coalesce(_at, clock_timestamp());
    create_session_2.seen_at := moment;
    select
        moment + coalesce(policy.absolute[_aal], _absolute),
        case when policy.tenant_id is null then _idle else policy.idle[_aal] end,
        tenants.session_generation
    into create_session_2.expires_at, _idle, generation
    from tenants left join session_policies as policy using (tenant_id)
    where tenant_id = _tenant_id and disabled_at is null;
    if not found then
        return;
    end if;
    select * into rules from token_rules where tenant_id = _tenant_id;
    create_session_2.session_id := _session_id;
    create_session_2.token_id := _token_id;
    create_session_2.access_id := _access_id;
    create_session_2.issued_at := moment;
    create_session_2.tenant_generation := rules.access_generation;
    create_session_2.session_generation := 0;
    create_session_2.idle_expires_at := least(moment + _idle, create_session_2.expires_at);
    create_session_2.access_expires_at := access_end(moment, rules.access_expiry, create_session_2.idle_expires_at);
    if _key_sha256 is not null then
        insert into idempotency_keys (
            tenant_id, key_sha256, request_sha256, session_id, token_id, access_id, created_at
        )
        values (_tenant_id, _key_sha256, _request_sha256, _session_id, _token_id, _access_id, moment)
        on conflict do nothing;
        if not found then
            select key.session_id, key.token_id, key.access_id, key.request_sha256 = _request_sha256,
                refresh.issued_at, refresh.access_expires_at
            into create_session_2.session_id, create_session_2.token_id, create_session_2.access_id,
                create_session_2.same_request, create_session_2.issued_at, create_session_2.access_expires_at
            from idempotency_keys as key left join refresh_tokens as refresh using (tenant_id, token_id)
            where tenant_id = _tenant_id and key_sha256 = _key_sha256;
            select access.tenant_generation, access.session_generation
            into create_session_2.tenant_generation, create_session_2.session_generation
            from access_tokens as access where tenant_id = _tenant_id and token_id = create_session_2.access_id;
            select sessions.* into create_session_2.repeated from sessions
            where tenant_id = _tenant_id and session_id = create_session_2.session_id;
            return next;
            return;
        end if;
    end if;
    if not make_room(_tenant_id, _user_id, _role, _device_type, moment) then
        delete from idempotency_keys where tenant_id = _tenant_id and key_sha256 = _key_sha256;
        create_session_2.refused := true;
        return next;
        return;
    end if;
    insert into sessions (
        tenant_id, session_id, user_id, role, aal, amr, device_type,
        app_id, device_id, device_fingerprint, browser, os, user_agent, ip,
        created_at, last_active_at, idle_timeout, expires_at, idle_expires_at, expiry_minute,
        country, city, latitude, longitude, device_model, risk_score, risk_facts, tenant_generation
    ) values (
        _tenant_id, _session_id, _user_id, _role, _aal, _amr, _device_type,
        _app_id, _device_id, _device_fingerprint, _browser, _os, _user_agent, _ip,
        moment, moment, _idle, create_session_2.expires_at, create_session_2.idle_expires_at,
        minute_of(create_session_2.idle_expires_at),
        _country, _city, _latitude, _longitude, _device_model, _risk_score, _risk_facts,
        generation
    );
    insert into refresh_tokens (
        tenant_id, token_id, session_id, issued_at, expires_at, access_id, access_expires_at, generation
    ) values (
        _tenant_id, _token_id, _session_id, moment, least(moment + rules.refresh_expiry, create_session_2.expires_at),
        _access_id, create_session_2.access_expires_at, rules.refresh_generation
    );
    insert into access_tokens (
        tenant_id, token_id, session_id, issued_at, expires_at, tenant_generation, session_generation
    ) values (
        _tenant_id, _access_id, _session_id, moment, create_session_2.access_expires_at, rules.access_generation, 0
    );
    perform add_to_counters(_tenant_id, _device_type, 1, 0, 0);
    return next;
end
$$;

-- Notes activity of a session: moves its idle deadline, never back and never past the absolute one.
-- Answers touched; not_found when there is no such active session of this user (any user: null); role_too_high for
-- a caller of a lower role.
create or replace function touch_session(
    _tenant_id text, _session_id text, _user_id text, _now timestamptz, _caller_role text
) returns text language plpgsql as $$
declare
    of_role text;
begin
    select role into of_role from sessions
    where tenant_id = _tenant_id and session_id = _session_id and (_user_id is null or user_id = _user_id)
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
    where tenant_id = _tenant_id and session_id = _session_id and (_user_id is null or user_id = _user_id)
        and ended_at is null and idle_expires_at > _now;
    return case when found then 'touched' else 'not_found' end;
end
$$;

-- Ends a session, of this user only where one is named. False when there is none; true also when it ended before,
-- which changes nothing. A session that is overdue becomes what it already was: expired, at its deadline.
create or replace function end_session(
    _tenant_id text, _session_id text, _user_id text, _reason text, _now timestamptz
) returns boolean language plpgsql as $$
declare
    ended record;
begin
    perform from sessions where tenant_id = _tenant_id and session_id = _session_id and ended_at is null for update;
    _now := coalesce(_now, clock_timestamp());
    update sessions set
        state = case when idle_expires_at <= _now then 'expired' else 'revoked' end,
        ended_at = least(idle_expires_at, _now),
        end_reason = case when idle_expires_at <= _now then null else _reason end
    where tenant_id = _tenant_id and session_id = _session_id and ended_at is null
        and (_user_id is null or user_id = _user_id)
    returning device_type, state, session_id, sessions.user_id into ended;
    if found then
        if ended.state = 'revoked' then
            insert into revocations (tenant_id, at, kind, subject, user_id, reason)
            values (_tenant_id, _now, 'session', ended.session_id, ended.user_id, _reason);
        end if;
        perform add_to_counters(
            _tenant_id, ended.device_type, -1, (ended.state = 'revoked')::int, (ended.state = 'expired')::int
        );
        return true;
    end if;
    return exists (
        select from sessions
        where tenant_id = _tenant_id and session_id = _session_id and (_user_id is null or user_id = _user_id)
    );
end
$$;

-- Ends many at once in the same way; answers how many were revoked.
create or replace function end_sessions(_tenant_id text, _session_ids text[], _reason text, _now timestamptz)
returns bigint language plpgsql as $$
declare
    ended_now bigint;
begin
    perform from sessions
    where tenant_id = _tenant_id and session_id = any (_session_ids) and ended_at is null
    order by session_id
    for update;
    _now := coalesce(_now, clock_timestamp());
    with
    ended as (
        update sessions set
            state = case when idle_expires_at <= _now then 'expired' else 'revoked' end,
            ended_at = least(idle_expires_at, _now),
            end_reason = case when idle_expires_at <= _now then null else _reason end
        where tenant_id = _tenant_id and session_id = any (_session_ids) and ended_at is null
        returning sessions.session_id, user_id, device_type, state
    ),
    logged as (
        insert into revocations (tenant_id, at, kind, subject, user_id, reason)
        select _tenant_id, _now, 'session', session_id, user_id, _reason from ended where state = 'revoked'
    ),
    counted as (
        select device_type, count(*) as live, count(*) filter (where state = 'revoked') as revoked
        from ended
        group by device_type
        order by device_type
    ),
    added as (
        select add_to_counters(_tenant_id, device_type, -live, revoked, live - revoked), revoked from counted
    )
    select coalesce(sum(revoked), 0) into ended_now from added;
    return ended_now;
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
