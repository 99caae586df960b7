-- Ends what a user has: every session with the trust in the user's devices (_type null), or only the access or the refresh
-- tokens; with _tokens the tokens that belong to no session too. Answers how many sessions went on until now.
create or replace function sign_out_user(
    _home bigint, _user_id text, _type text, _tokens boolean, _reason text, _at timestamptz
) returns bigint language plpgsql as $$
declare
    moment timestamptz;
    revoked bigint := 0;
    named uuid[];
begin
    perform take_gate(tenant_gate(_home), false), take_gate(user_gate(_home, _user_id), true);
    named := array(
        select session_id from sessions where home = _home and user_id = _user_id and ended_at is null
        order by session_id
        for update
    );
    moment := coalesce(_at, clock_timestamp());
    if _type is null then
        delete from trusted_devices where home = _home and user_id = _user_id;
        delete from console_links where home = _home and user_id = _user_id;
        revoked := end_sessions(_home, named, _reason, moment);
    elsif _type = 'access' then
        with ended as (
            update sessions set access_generation = access_generation + 1
            where home = _home and session_id = any (named)
            returning session_id, user_id, app_id, access_generation
        )
        insert into revocations (home, at, kind, subject_id, user_id, app_id, reason, details)
        select
            _home, moment, 'tokens', session_id, user_id, app_id, _reason,
            jsonb_build_object('generation', access_generation)
        from ended;
    else
        update token_pairs set revoked_at = moment
        where home = _home and session_id = any (named) and consumed_at is null;
    end if;
    if _tokens then
        if _type is distinct from 'refresh' then
            perform blacklist_token(_home, token_id, 'access', user_id, _reason, expires_at, moment)
            from access_tokens where home = _home and user_id = _user_id and session_id is null;
        end if;
    end if;
    if _tokens or revoked > 0 then
        insert into revocations (home, at, kind, user_id, reason, details)
        values (_home, moment, 'user', _user_id, _reason, jsonb_strip_nulls(jsonb_build_object('token_type', _type)));
    end if;
    return revoked;
end
$$;

-- Ends what everybody in a tenant has: all tokens of a type, or of both and (null) every session, which are then written
-- down as ended a batch at a time (end_signed_out): until that is done the tenant says why.
create or replace function sign_out_tenant(_home bigint, _type text, _reason text, _at timestamptz) returns void
language plpgsql as $$
declare
    generation integer;
begin
    perform take_gate(tenant_gate(_home), true);
    update tenants set
        access_generation = access_generation + (_type is distinct from 'refresh')::integer,
        refresh_generation = refresh_generation + (_type is distinct from 'access')::integer,
        session_generation = session_generation + (_type is null)::integer,
        signing_out_reason = case when _type is null then _reason else signing_out_reason end
    where home = _home
    returning access_generation into generation;
    if _type is null then
        delete from trusted_devices where home = _home;
        delete from console_links where home = _home;
    end if;
    insert into revocations (home, at, kind, reason, details)
    values (
        _home, coalesce(_at, clock_timestamp()), 'tenant', _reason,
        jsonb_strip_nulls(jsonb_build_object('generation', generation, 'token_type', _type))
    );
end
$$;

-- Ends sessions of before the last sign-out of everybody, a batch at a time; answers how many it looked at.
create or replace function end_signed_out(_home bigint, _batch integer, _at timestamptz) returns integer
language plpgsql as $$
declare
    owner tenants;
    named uuid[];
begin
    select * into owner from tenants where home = _home and signing_out_reason is not null;
    if not found then
        return 0;
    end if;
    named := array(
        select session_id from sessions
        where home = _home and ended_at is null and state = 'live' and expiry_minute > 0
            and tenant_generation < owner.session_generation
        limit _batch
    );
    perform end_sessions(_home, named, owner.signing_out_reason, _at);
    if cardinality(named) < _batch then
        update tenants set signing_out_reason = null
        where home = _home and session_generation = owner.session_generation;
    end if;
    return cardinality(named);
end
$$;
