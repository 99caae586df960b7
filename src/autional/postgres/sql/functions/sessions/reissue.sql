-- Gives an active session a new pair of tokens and invalidates its other refresh tokens; methods that its user has proved
-- are added to those it has, with the level that all of them reach and its limits, which may only shorten it: the defaults
-- of the levels 1 to 3 are _absolute and _idle. No row when there is no such session of this user (null: of any user);
-- one with `refused` when the caller's authority does not reach it, `too_many_methods` where there would be more than 32.
drop function if exists reissue_tokens;
create or replace function reissue_tokens(
    _home bigint, _session_id uuid, _user_id text, _at timestamptz, _refresh_id uuid,
    _proved text[], _absolute interval[], _idle interval[], _role text, _level smallint, _except_user text
) returns table (
    refused text, issued_at timestamptz, access_expires_at timestamptz,
    tenant_generation integer, session_generation integer,
    session_id uuid, user_id text, role text, aal smallint, amr text, app_id text, created_at timestamptz, act jsonb
) language plpgsql as $$
#variable_conflict use_column
declare
    session sessions;
    methods text[];
    former_level smallint;
    rules record;
    absolute_limit interval;
    idle_limit interval;
    moment timestamptz;
    next_depth integer;
begin
    perform take_gate(tenant_gate(_home), false); -- a policy that is applied to existing sessions shuts it
    select * into session from sessions
    where home = _home and session_id = _session_id and user_id = coalesce(_user_id, user_id)
        and ended_at is null
    for update;
    moment := coalesce(_at, clock_timestamp());
    select * into rules from token_rules where home = _home;
    if session.session_id is null or session.idle_expires_at <= moment
        or session.tenant_generation is distinct from rules.session_generation -- or everybody was signed out
        or session.app_id = 'autional-console' -- whose browser holds a secret instead of tokens
    then
        return;
    end if;
    former_level := session.aal;
    if _proved is not null then
        methods := string_to_array(session.amr, ' ');
        methods := methods || array(
            select method from unnest(_proved) with ordinality as proved (method, place)
            where method <> all (methods)
            group by method
            order by min(place)
        );
        session.amr := array_to_string(methods, ' ');
        session.aal := assurance_level(methods);
    end if;
    refused := refused_authority(_role, _level, _except_user, session.user_id, session.role, session.aal);
    if session.begun_from is not null and _proved is not null and not exists (
        select from sessions
        where home = _home and session_id = session.begun_from[1]
            and string_to_array(session.amr, ' ') <@ string_to_array(sessions.amr, ' ')
    ) then
        refused := 'level_too_high'; -- an agent proves no more than what it was begun from
    end if;
    if cardinality(methods) > 32 then
        refused := 'too_many_methods';
    end if;
    if refused is not null then
        return next;
        return;
    end if;
    if _proved is not null then
        select
            coalesce(policy.absolute[session.aal], _absolute[session.aal]),
            case when policy.home is null then _idle[session.aal] else policy.idle[session.aal] end
        into absolute_limit, idle_limit
        from (values (true)) as always left join session_policies as policy on policy.home = _home;
        update sessions set
            aal = session.aal,
            amr = session.amr,
            access_generation = access_generation + (session.aal > aal)::integer, -- invalidates tokens of the lower level
            idle_timeout = least(idle_timeout, idle_limit),
            expires_at = least(expires_at, moment + absolute_limit),
            idle_expires_at = least(idle_expires_at, moment + absolute_limit, moment + idle_limit),
            expiry_minute = minute_of(least(idle_expires_at, moment + absolute_limit, moment + idle_limit))
        where home = _home and session_id = _session_id
        returning * into session;
        perform shorten_children(_home, array[_session_id]);
        if session.aal > former_level then
            insert into revocations (home, at, kind, subject_id, user_id, app_id, reason, details)
            values (
                _home, moment, 'assurance', _session_id, session.user_id, session.app_id, 'aal' || session.aal,
                jsonb_build_object('generation', session.access_generation)
            );
        end if;
    end if;
    access_expires_at := access_end(moment, rules.access_expiry, session.idle_expires_at);
    if access_expires_at <= date_trunc('second', moment) then
        return; -- its last second
    end if;
    update token_pairs set consumed_at = moment
    where home = _home and session_id = _session_id and consumed_at is null;
    delete from token_pairs
    where home = _home and session_id = _session_id and depth < (
        select max(depth) - 14 from token_pairs where home = _home and session_id = _session_id
    ) and access_token_is_over(access_expires_at, moment);
    next_depth := (select coalesce(max(depth) + 1, 0) from token_pairs where home = _home and session_id = _session_id);
    insert into token_pairs (
        home, refresh_id, session_id, issued_at, expires_at, access_expires_at, depth, refresh_generation,
        tenant_generation, session_generation, reissued
    ) values (
        _home, _refresh_id, _session_id, moment, least(moment + rules.refresh_expiry, session.expires_at), access_expires_at,
        next_depth, rules.refresh_generation, rules.access_generation, session.access_generation, true
    );
    issued_at := moment;
    tenant_generation := rules.access_generation;
    session_generation := session.access_generation;
    session_id := session.session_id;
    user_id := session.user_id;
    role := session.role;
    aal := session.aal;
    amr := session.amr;
    app_id := session.app_id;
    created_at := coalesce(session.authenticated_at, session.created_at);
    act := session.act;
    return next;
end
$$;
