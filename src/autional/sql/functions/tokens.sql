-- Exchanges a refresh token for its successor (RFC 9700 §4.14.2). The successor's secret follows from the token itself
-- and the successor's id, so that a repeat of the last token inside the grace, or within a day under the idempotency key
-- of the first time, gets the very same one.
-- Where a session is named, the token must be of that one. Answers one outcome: rotated, repeated, reused (the session
-- is ended), limited, or invalid. The session's row is locked first, so that two refreshes of one session, or a refresh
-- and a revocation, follow each other.
create or replace function refresh_session(
    _tenant_id text, _token_id text, _token_sha256 bytea, _now timestamptz, _grace interval,
    _next_id text, _next_sha256 bytea, _refresh_expiry interval, _access_id text, _access_expiry interval,
    _per_minute integer, _session_id text, _key_sha256 bytea
) returns table (
    outcome text, successor_id text, access_expires_at timestamptz, retry_at timestamptz,
    session_id text, user_id text, role text, aal smallint, amr text[], app_id text, created_at timestamptz
) language plpgsql as $$
#variable_conflict use_column
declare
    token refresh_tokens;
    session sessions;
    recent timestamptz[];
begin
    outcome := 'invalid';
    select sessions.* into session
    from refresh_tokens join sessions using (tenant_id, session_id)
    where refresh_tokens.tenant_id = _tenant_id and token_id = _token_id
        and exists (select from tenants where tenant_id = _tenant_id and disabled_at is null)
    for update of sessions;
    select * into token from refresh_tokens where tenant_id = _tenant_id and token_id = _token_id;
    if session.session_id is null or session.session_id <> coalesce(_session_id, session.session_id)
        or token.secret_sha256 is distinct from _token_sha256
        or session.ended_at is not null or session.idle_expires_at <= _now or token.expires_at <= _now
        or exists (select from blacklist where tenant_id = _tenant_id and token_id = _token_id)
        or exists (
            select from not_before
            where tenant_id = _tenant_id and user_id in ('', session.user_id) and token_type = 'refresh'
                and not_before > token.issued_at
        )
        or token.consumed_at is not null and token.successor_id is null
    then
        return next;
        return;
    end if;

    session_id := session.session_id;
    user_id := session.user_id;
    role := session.role;
    aal := session.aal;
    amr := session.amr;
    app_id := session.app_id;
    created_at := session.created_at;
    select least(_now + coalesce(config.access_expiry, _access_expiry), session.expires_at),
        coalesce(config.refresh_expiry, _refresh_expiry)
    into refresh_session.access_expires_at, _refresh_expiry
    from (values (true)) as always left join jwt_configs as config on config.tenant_id = _tenant_id;

    if token.consumed_at is not null then
        if (
            _now < token.consumed_at + _grace
            or token.consumed_under = _key_sha256 and _now < token.consumed_at + interval '1 day'
        ) and exists (
            select from refresh_tokens
            where tenant_id = _tenant_id and token_id = token.successor_id and consumed_at is null
        ) then
            outcome := 'repeated';
            successor_id := token.successor_id;
        else
            perform end_session(_tenant_id, session.session_id, null, 'refresh_token_reuse', _now);
            outcome := 'reused';
            return next;
            return;
        end if;
    else
        select array_agg(issued_at order by issued_at) into recent from refresh_tokens
        where tenant_id = _tenant_id and session_id = session.session_id and issued_at > _now - interval '1 minute';
        if cardinality(recent) >= _per_minute then
            outcome := 'limited';
            retry_at := recent[1] + interval '1 minute';
            return next;
            return;
        end if;
        update refresh_tokens set consumed_at = _now, successor_id = _next_id, consumed_under = _key_sha256
        where tenant_id = _tenant_id and token_id = _token_id;
        insert into refresh_tokens (tenant_id, token_id, session_id, secret_sha256, issued_at, expires_at)
        values (
            _tenant_id, _next_id, session.session_id, _next_sha256, _now,
            least(_now + _refresh_expiry, session.expires_at)
        );
        perform touch_session(_tenant_id, session.session_id, null, _now, session.role);
        outcome := 'rotated';
        successor_id := _next_id;
    end if;
    insert into access_tokens (tenant_id, token_id, session_id, issued_at, expires_at)
    values (_tenant_id, _access_id, session.session_id, _now, refresh_session.access_expires_at);
    return next;
end
$$;

-- Gives a session that goes on a fresh pair of tokens and ends its other refresh tokens; methods that its user has proved
-- are added to those it has, with the level that all of them reach and its limits, which may only shorten it: the defaults
-- of the levels 1 to 3 are _absolute and _idle. No row when there is no such session of this user (null: of any user);
-- one with `refused` when the caller's authority does not reach it, `too_many_methods` where there would be more than 32.
create or replace function reissue_tokens(
    _tenant_id text, _session_id text, _user_id text, _now timestamptz,
    _token_id text, _token_sha256 bytea, _refresh_expiry interval, _access_id text, _access_expiry interval,
    _proved text[], _absolute interval[], _idle interval[], _role text, _level smallint, _except_user text
) returns table (
    refused text, access_expires_at timestamptz,
    session_id text, user_id text, role text, aal smallint, amr text[], app_id text, created_at timestamptz
) language plpgsql as $$
#variable_conflict use_column
declare
    session sessions;
    absolute_limit interval;
    idle_limit interval;
begin
    select * into session from sessions
    where tenant_id = _tenant_id and session_id = _session_id and user_id = coalesce(_user_id, user_id)
        and ended_at is null
        and exists (select from tenants where tenant_id = _tenant_id and disabled_at is null)
    for update;
    _now := coalesce(_now, clock_timestamp());
    if session.session_id is null or session.idle_expires_at <= _now then
        return;
    end if;
    if _proved is not null then
        session.amr := session.amr || array(
            select method from unnest(_proved) with ordinality as proved (method, place)
            where method <> all (session.amr)
            group by method
            order by min(place)
        );
        session.aal := assurance_level(session.amr);
    end if;
    refused := refused_authority(_role, _level, _except_user, session.user_id, session.role, session.aal);
    if cardinality(session.amr) > 32 then
        refused := 'too_many_methods';
    end if;
    if refused is not null then
        return next;
        return;
    end if;
    if _proved is not null then
        select
            coalesce(policy.absolute[session.aal], _absolute[session.aal]),
            case when policy.tenant_id is null then _idle[session.aal] else policy.idle[session.aal] end
        into absolute_limit, idle_limit
        from (values (true)) as always left join session_policies as policy on policy.tenant_id = _tenant_id;
        update sessions set
            aal = session.aal,
            amr = session.amr,
            idle_timeout = idle_limit,
            expires_at = least(expires_at, _now + absolute_limit),
            idle_expires_at = least(idle_expires_at, _now + absolute_limit, _now + idle_limit),
            expiry_minute = minute_of(least(idle_expires_at, _now + absolute_limit, _now + idle_limit))
        where tenant_id = _tenant_id and session_id = _session_id
        returning * into session;
    end if;
    select least(_now + coalesce(config.access_expiry, _access_expiry), session.expires_at),
        coalesce(config.refresh_expiry, _refresh_expiry)
    into reissue_tokens.access_expires_at, _refresh_expiry
    from (values (true)) as always left join jwt_configs as config on config.tenant_id = _tenant_id;
    update refresh_tokens set consumed_at = _now
    where tenant_id = _tenant_id and session_id = _session_id and consumed_at is null;
    insert into refresh_tokens (tenant_id, token_id, session_id, secret_sha256, issued_at, expires_at)
    values (
        _tenant_id, _token_id, _session_id, _token_sha256, _now, least(_now + _refresh_expiry, session.expires_at)
    );
    insert into access_tokens (tenant_id, token_id, session_id, issued_at, expires_at)
    values (_tenant_id, _access_id, _session_id, _now, reissue_tokens.access_expires_at);
    session_id := session.session_id;
    user_id := session.user_id;
    role := session.role;
    aal := session.aal;
    amr := session.amr;
    app_id := session.app_id;
    created_at := session.created_at;
    return next;
end
$$;
