-- Begins a session with its first tokens and answers both. Under an idempotency key that was used before nothing is begun:
-- the answer is what was begun then, and says whether the request was the same (null: it was begun now). Beyond the limits of
-- the tenant it may be refused. No row when the tenant is unknown or disabled. The deadlines follow from the tenant's
-- policy and JWT configuration, otherwise from the arguments.
create or replace function create_session(_home bigint, _login jsonb) returns table (
    session_id uuid, expires_at timestamptz, idle_expires_at timestamptz, access_expires_at timestamptz,
    refresh_id uuid, issued_at timestamptz, seen_at timestamptz, tenant_generation integer,
    session_generation integer, same_request boolean, refused boolean, repeated session_rows
) language plpgsql as $$
#variable_conflict use_column
declare
    login record;
    moment timestamptz;
    generation integer;
    rules record;
    parent sessions;
begin
    select * into login from jsonb_to_record(_login) as (
        session_id uuid, user_id text, role text, aal smallint, amr text, device_type text, app_id text, device_id text,
        device_fingerprint text, browser text, os text, user_agent text, user_agent_id bigint, ip inet, at timestamptz,
        absolute interval, idle interval, refresh_id uuid, key_sha256 bytea, request_sha256 bytea, country text, city text,
        latitude real, longitude real, device_model text, risk_score smallint, risk_facts jsonb,
        begun_from uuid[], act jsonb, authenticated_at timestamptz
    );
    perform take_gate(tenant_gate(_home), false);
    -- limits change only while the tenant's gate is held exclusively; logins under limits run one after the other
    perform take_gate(
        user_gate(_home, login.user_id), exists (select from session_limits where home = _home)
    );
    moment := coalesce(login.at, clock_timestamp());
    create_session.seen_at := moment;
    select
        moment + coalesce(policy.absolute[login.aal], login.absolute),
        case when policy.home is null then login.idle else policy.idle[login.aal] end,
        tenants.session_generation
    into create_session.expires_at, login.idle, generation
    from tenants left join session_policies as policy using (home)
    where home = _home and disabled_at is null;
    if not found then
        return;
    end if;
    select * into rules from token_rules where home = _home;
    create_session.session_id := login.session_id;
    create_session.refresh_id := login.refresh_id;
    create_session.issued_at := moment;
    create_session.tenant_generation := rules.access_generation;
    create_session.session_generation := 0;
    create_session.idle_expires_at := least(moment + login.idle, create_session.expires_at);
    create_session.access_expires_at := access_end(moment, rules.access_expiry, create_session.idle_expires_at);
    if login.key_sha256 is not null then
        insert into idempotency_keys (
            home, key_sha256, request_sha256, session_id, refresh_id, created_at
        )
        values (_home, login.key_sha256, login.request_sha256, login.session_id, login.refresh_id, moment)
        on conflict do nothing;
        if not found then
            select key.session_id, key.refresh_id, key.request_sha256 = login.request_sha256,
                pair.issued_at, pair.access_expires_at, pair.tenant_generation, pair.session_generation
            into create_session.session_id, create_session.refresh_id, create_session.same_request,
                create_session.issued_at, create_session.access_expires_at, create_session.tenant_generation,
                create_session.session_generation
            from idempotency_keys as key left join token_pairs as pair using (home, refresh_id)
            where home = _home and key_sha256 = login.key_sha256;
            select session_rows.* into create_session.repeated from session_rows
            where home = _home and session_id = create_session.session_id;
            return next;
            return;
        end if;
    end if;
    if not make_room(_home, login.user_id, login.role, login.device_type, login.act ->> 'sub', login.begun_from, moment)
        or has_most_children(_home, login.begun_from[cardinality(login.begun_from)])
    then
        delete from idempotency_keys where home = _home and key_sha256 = login.key_sha256;
        create_session.refused := true;
        return next;
        return;
    end if;
    if login.begun_from is not null then
        select * into parent from sessions where home = _home and sessions.session_id = login.begun_from[1] for share;
        if parent.session_id is null or parent.ended_at is not null or parent.idle_expires_at <= moment
            or parent.user_id <> login.user_id or parent.tenant_generation <> generation
        then -- it ended in between: nothing is begun, and nothing said
            delete from idempotency_keys where home = _home and key_sha256 = login.key_sha256;
            create_session.access_expires_at := null;
            return next;
            return;
        end if;
        create_session.expires_at := least(create_session.expires_at, parent.expires_at);
        create_session.idle_expires_at := least(create_session.idle_expires_at, parent.expires_at);
        create_session.access_expires_at := access_end(moment, rules.access_expiry, create_session.idle_expires_at);
    end if;
    insert into user_agents (home, user_agent_id, user_agent)
    select _home, login.user_agent_id, login.user_agent where login.user_agent_id is not null
    on conflict do nothing;
    insert into sessions (
        home, session_id, user_id, role, aal, amr, device_type,
        app_id, device_id, device_fingerprint, browser, os, user_agent_id, ip,
        created_at, last_active_at, idle_timeout, expires_at, idle_expires_at, expiry_minute,
        country, city, latitude, longitude, device_model, risk_score, risk_facts, tenant_generation,
        begun_from, act, authenticated_at
    ) values (
        _home, login.session_id, login.user_id, login.role, login.aal, login.amr, login.device_type,
        login.app_id, login.device_id, login.device_fingerprint, login.browser, login.os, login.user_agent_id, login.ip,
        moment, moment, login.idle, create_session.expires_at, create_session.idle_expires_at,
        minute_of(create_session.idle_expires_at),
        login.country, login.city, login.latitude, login.longitude, login.device_model, login.risk_score, login.risk_facts,
        generation, login.begun_from, login.act, login.authenticated_at
    );
    insert into token_pairs (
        home, refresh_id, session_id, issued_at, expires_at, access_expires_at, refresh_generation,
        tenant_generation, session_generation
    ) values (
        _home, login.refresh_id, login.session_id, moment, least(moment + rules.refresh_expiry, create_session.expires_at),
        create_session.access_expires_at, rules.refresh_generation, rules.access_generation, 0
    );
    if rules.tells_sessions then
        insert into revocations (home, at, kind, subject_id, user_id, app_id, reason)
        values (_home, moment, 'established', login.session_id, login.user_id, login.app_id, 'established');
    end if;
    perform add_to_counters(_home, login.device_type, 1, 0, 0);
    return next;
end
$$;

-- The same for many logins of one tenant at once: those that neither have to wait nor need a decision of their own. The
-- others get no row, and nothing is begun for them: logins under limits or an idempotency key, those of agents, those whose
-- gate is not free, and all of a tenant that is unknown or disabled.
create or replace function create_sessions(_home bigint, _logins jsonb) returns table (
    turn bigint, session_id uuid, expires_at timestamptz, idle_expires_at timestamptz, access_expires_at timestamptz,
    refresh_id uuid, issued_at timestamptz, seen_at timestamptz, tenant_generation integer,
    session_generation integer, same_request boolean, refused boolean, repeated session_rows
) language plpgsql as $$
#variable_conflict use_column
declare
    free bigint[];
    moment timestamptz;
    rules record;
    policy session_policies;
begin
    if not take_gate(tenant_gate(_home), false, false) then
        return;
    end if;
    if exists (select from session_limits where home = _home) then -- read after the gate was taken
        return;
    end if;
    free := array(
        select turn
        from rows from (jsonb_to_recordset(_logins) as (user_id text, key_sha256 text, act jsonb))
            with ordinality as login (user_id, key_sha256, act, turn)
        where key_sha256 is null and act is null and take_gate(user_gate(_home, user_id), false, false)
    );
    moment := clock_timestamp();
    select * into rules from token_rules where home = _home;
    if not found then
        return;
    end if;
    select * into policy from session_policies where home = _home;
    return query
    with
    login as materialized (
        select
            login.*,
            begins,
            begins + coalesce(policy.absolute[aal], absolute) as ends,
            case when policy.home is null then idle else policy.idle[aal] end as idle_timeout
        from rows from (jsonb_to_recordset(_logins) as (
            session_id uuid, user_id text, role text, aal smallint, amr text, device_type text, app_id text, device_id text,
            device_fingerprint text, browser text, os text, user_agent text, user_agent_id bigint, ip inet, at timestamptz,
            absolute interval, idle interval, refresh_id uuid, key_sha256 bytea, request_sha256 bytea, country text, city text,
            latitude real, longitude real, device_model text, risk_score smallint, risk_facts jsonb,
            begun_from uuid[], act jsonb, authenticated_at timestamptz
        )) with ordinality as login (
            session_id, user_id, role, aal, amr, device_type, app_id, device_id, device_fingerprint, browser, os,
            user_agent, user_agent_id, ip, at, absolute, idle, refresh_id, key_sha256, request_sha256, country, city, latitude,
            longitude, device_model, risk_score, risk_facts, begun_from, act, authenticated_at, turn
        ), coalesce(at, moment) as begins
        where turn = any (free)
    ),
    timed as materialized (
        select
            login.*,
            least(begins + idle_timeout, ends) as idles_out,
            access_end(begins, rules.access_expiry, least(begins + idle_timeout, ends)) as access_ends
        from login
    ),
    known as (
        insert into user_agents (home, user_agent_id, user_agent)
        select distinct _home, user_agent_id, user_agent from timed where user_agent_id is not null
        order by user_agent_id
        on conflict do nothing
        returning user_agent_id
    ),
    begun as (
        insert into sessions (
            home, session_id, user_id, role, aal, amr, device_type,
            app_id, device_id, device_fingerprint, browser, os, user_agent_id, ip,
            created_at, last_active_at, idle_timeout, expires_at, idle_expires_at, expiry_minute,
            country, city, latitude, longitude, device_model, risk_score, risk_facts, tenant_generation
        )
        select
            _home, session_id, user_id, role, aal, amr, device_type,
            app_id, device_id, device_fingerprint, browser, os, user_agent_id, ip,
            begins, begins, idle_timeout, ends, idles_out, minute_of(idles_out),
            country, city, latitude, longitude, device_model, risk_score, risk_facts, rules.session_generation
        from timed
    ),
    paired as (
        insert into token_pairs (
            home, refresh_id, session_id, issued_at, expires_at, access_expires_at, refresh_generation,
            tenant_generation, session_generation
        )
        select
            _home, refresh_id, session_id, begins, least(begins + rules.refresh_expiry, ends), access_ends,
            rules.refresh_generation, rules.access_generation, 0
        from timed
    ),
    told as (
        insert into revocations (home, at, kind, subject_id, user_id, app_id, reason)
        select _home, begins, 'established', session_id, user_id, app_id, 'established' from timed where rules.tells_sessions
    ),
    types as (select device_type, count(*) as sessions from timed group by device_type order by device_type),
    counted as ( -- after the user agents, as create_session does: both are waited for
        select count(*) from (
            select add_to_counters(_home, device_type, sessions, 0, 0) from types, (select count(*) from known) as before
        ) as added
    )
    select
        turn, session_id, ends, idles_out, access_ends, refresh_id, begins, moment, rules.access_generation, 0,
        null::boolean, null::boolean, null::session_rows
    from timed, counted;
end
$$;
