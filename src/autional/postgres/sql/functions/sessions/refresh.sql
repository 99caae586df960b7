-- When an access token of a session that is issued now ends, in whole seconds: never after a deadline of the session.
create or replace function access_end(_now timestamptz, _expiry interval, _deadline timestamptz) returns timestamptz
language sql stable parallel safe as $$ select date_trunc('second', least(_now + _expiry, _deadline)) $$;

-- Checks a refresh token whose text this service has authenticated, for an exchange (`rotate`) or for another access token
-- (RFC 9700 §4.14.2). Answers one outcome: rotated, accessed, repeated, reused (the session is ended), limited or invalid.
--
-- Reuse is checked first: a consumed token, or one so old that its row is gone, ends the session unless it is a repeat
-- whose successor is unused. A repeat is for whom the answer was lost: under the idempotency key of the first time for a
-- day; else any number of times within `eager`, and without a key once more within `grace`. It gets the same tokens.
-- The session's row is locked first, so refreshes, upgrades and revocations of one session follow each other.
create or replace function refresh_session(_tenant_id text, _call jsonb) returns table (
    outcome text, successor_id uuid, access_id uuid, moment timestamptz, issued_at timestamptz,
    access_expires_at timestamptz, retry_after double precision, tenant_generation integer, session_generation integer,
    session_id uuid, user_id text, role text, aal smallint, amr text[], app_id text, created_at timestamptz
) language plpgsql as $$
#variable_conflict use_column
declare
    call record;
    token refresh_tokens;
    successor refresh_tokens;
    session sessions;
    rules record;
    recent timestamptz[];
    answers_freely boolean;
    answers_once boolean;
begin
    select * into call from jsonb_to_record(_call) as (
        token_session uuid, token_id uuid, at timestamptz, rotate boolean, eager interval, grace interval, next_id uuid,
        access_id uuid, per_minute integer, session_id uuid, key_sha256 bytea
    );
    outcome := 'invalid';
    select * into session from sessions where tenant_id = _tenant_id and session_id = call.token_session for update;
    moment := coalesce(call.at, clock_timestamp());
    select * into rules from token_rules where tenant_id = _tenant_id;
    if session.session_id is null or session.ended_at is not null or session.idle_expires_at <= moment or rules.access_generation is null
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
    tenant_generation := rules.access_generation;
    session_generation := session.access_generation;
    issued_at := moment;

    select * into token from refresh_tokens where tenant_id = _tenant_id and token_id = call.token_id;
    if token.token_id is null or token.consumed_at is not null then
        select * into successor from refresh_tokens where tenant_id = _tenant_id and token_id = token.successor_id;
        answers_freely := moment < token.consumed_at + least(call.eager, call.grace)
            or token.consumed_under = call.key_sha256 and moment < token.consumed_at + interval '1 day';
        answers_once := call.key_sha256 is null and not token.repeated_late and moment < token.consumed_at + call.grace;
        if successor.token_id is null or successor.consumed_at is not null
            or not coalesce(answers_freely or answers_once, false)
        then
            perform end_session(_tenant_id, session.session_id, null, 'refresh_token_reuse', moment);
            outcome := 'reused';
        elsif session.session_id = coalesce(call.session_id, session.session_id)
            and refresh_token_is_valid(successor, rules.refresh_generation, moment)
        then
            if answers_freely is not true then
                update refresh_tokens set repeated_late = true where tenant_id = _tenant_id and token_id = call.token_id;
            end if;
            outcome := 'repeated';
            successor_id := successor.token_id;
            access_id := successor.access_id;
            issued_at := successor.issued_at;
            access_expires_at := successor.access_expires_at;
            select access.tenant_generation, access.session_generation into tenant_generation, session_generation
            from access_tokens as access where tenant_id = _tenant_id and token_id = successor.access_id;
            if not found then -- it ended so long ago that it is no longer on record
                tenant_generation := rules.access_generation;
                session_generation := session.access_generation;
            end if;
        end if; -- else the successor was ended since: its repeat gets nothing, and nothing more ends
        return next;
        return;
    end if;

    if session.session_id <> coalesce(call.session_id, session.session_id)
        or token.revoked_at is not null or token.expires_at <= moment
        or token.generation <> rules.refresh_generation
        or exists (select from blacklist where tenant_id = _tenant_id and token_id = call.token_id)
    then
        return next;
        return;
    end if;
    select array_agg(access.issued_at order by access.issued_at) into recent from access_tokens as access
    where tenant_id = _tenant_id and session_id = session.session_id and access.issued_at > moment - interval '1 minute'
        and kind = 'session';
    if cardinality(recent) >= call.per_minute then
        outcome := 'limited';
        retry_after := extract(epoch from recent[cardinality(recent) - call.per_minute + 1] + interval '1 minute' - moment);
        return next;
        return;
    end if;
    if call.rotate and session.idle_timeout is not null then
        session.idle_expires_at :=
            greatest(session.idle_expires_at, least(moment + session.idle_timeout, session.expires_at));
    end if;
    access_expires_at := access_end(moment, rules.access_expiry, session.idle_expires_at);
    if access_expires_at <= date_trunc('second', moment) then
        return next; -- its last second: nothing that is issued would still be valid
        return;
    end if;
    access_id := call.access_id;
    if call.rotate then
        update refresh_tokens set consumed_at = moment, successor_id = call.next_id, consumed_under = call.key_sha256
        where tenant_id = _tenant_id and token_id = call.token_id;
        insert into refresh_tokens (
            tenant_id, token_id, session_id, issued_at, expires_at, access_id, access_expires_at, generation, depth
        ) values (
            _tenant_id, call.next_id, session.session_id, moment, least(moment + rules.refresh_expiry, session.expires_at),
            call.access_id, access_expires_at, rules.refresh_generation, token.depth + 1
        );
        if token.depth % 16 = 0 then -- never more than 32 of them: older ones are known by their MAC
            delete from refresh_tokens
            where tenant_id = _tenant_id and session_id = session.session_id and depth < token.depth - 14;
        end if;
        update sessions set
            last_active_at = greatest(last_active_at, moment),
            idle_expires_at = session.idle_expires_at,
            expiry_minute = minute_of(session.idle_expires_at)
        where tenant_id = _tenant_id and session_id = session.session_id;
        outcome := 'rotated';
        successor_id := call.next_id;
    else
        outcome := 'accessed';
    end if;
    insert into access_tokens (
        tenant_id, token_id, session_id, issued_at, expires_at, tenant_generation, session_generation
    ) values (
        _tenant_id, call.access_id, session.session_id, moment, access_expires_at, tenant_generation, session_generation
    );
    return next;
end
$$;

-- The same for many refresh tokens of one tenant at once: those that are simply rotated. The others get no row, and
-- nothing happens to them: those whose session is locked, the second of a session, those under an idempotency key, and
-- all that may be refused, repeated or reused.
create or replace function refresh_sessions(_tenant_id text, _calls jsonb) returns table (
    turn bigint, outcome text, successor_id uuid, access_id uuid, moment timestamptz, issued_at timestamptz,
    access_expires_at timestamptz, retry_after double precision, tenant_generation integer, session_generation integer,
    session_id uuid, user_id text, role text, aal smallint, amr text[], app_id text, created_at timestamptz
) language plpgsql as $$
#variable_conflict use_column
declare
    asked uuid[] := array(select token_session from jsonb_to_recordset(_calls) as call (token_session uuid));
    locked uuid[];
    right_now timestamptz;
    rules record;
begin
    locked := array(
        select session_id from sessions where tenant_id = _tenant_id and session_id = any (asked)
        order by session_id
        for update skip locked
    );
    right_now := clock_timestamp();
    select * into rules from token_rules where tenant_id = _tenant_id;
    if not found then
        return;
    end if;
    return query
    with
    call as (
        select distinct on (token_session) call.*, coalesce(at, right_now) as moment
        from rows from (jsonb_to_recordset(_calls) as (
            token_session uuid, token_id uuid, at timestamptz, rotate boolean, eager interval, grace interval, next_id uuid,
            access_id uuid, per_minute integer, session_id uuid, key_sha256 bytea
        )) with ordinality as call (
            token_session, token_id, at, rotate, eager, grace, next_id, access_id, per_minute, session_id, key_sha256, turn
        )
        where token_session = any (locked)
        order by token_session, turn
    ),
    rotated as materialized (
        select
            call.turn, call.token_id, call.next_id, call.access_id, call.moment, token.depth, deadline as idles_out,
            access_end(call.moment, rules.access_expiry, deadline) as access_ends, session.access_generation,
            session.session_id, user_id, role, aal, amr, app_id, session.created_at, session.expires_at
        from call
            join sessions as session on session.tenant_id = _tenant_id and session.session_id = call.token_session
            join refresh_tokens as token on token.tenant_id = _tenant_id and token.token_id = call.token_id
                and token.session_id = call.token_session,
            greatest(session.idle_expires_at, case
                when idle_timeout is not null then least(call.moment + idle_timeout, session.expires_at)
            end) as deadline
        where rotate and key_sha256 is null and token_session = coalesce(call.session_id, token_session)
            and ended_at is null and idle_expires_at > call.moment
            and consumed_at is null and revoked_at is null and token.expires_at > call.moment
            and token.generation = rules.refresh_generation
            and access_end(call.moment, rules.access_expiry, deadline) > date_trunc('second', call.moment)
            and not exists (select from blacklist where tenant_id = _tenant_id and token_id = call.token_id)
            and (
                select count(*) from access_tokens as access
                where access.tenant_id = _tenant_id and access.session_id = call.token_session and kind = 'session'
                    and access.issued_at > call.moment - interval '1 minute'
            ) < per_minute
    ),
    consumed as (
        update refresh_tokens as token set consumed_at = rotated.moment, successor_id = next_id
        from rotated where token.tenant_id = _tenant_id and token.token_id = rotated.token_id
    ),
    next as (
        insert into refresh_tokens (
            tenant_id, token_id, session_id, issued_at, expires_at, access_id, access_expires_at, generation, depth
        )
        select
            _tenant_id, next_id, session_id, moment, least(moment + rules.refresh_expiry, expires_at), access_id, access_ends,
            rules.refresh_generation, depth + 1
        from rotated
    ),
    pruned as ( -- never more than 32 of them: older ones are known by their MAC
        delete from refresh_tokens as token using rotated
        where rotated.depth % 16 = 0
            and token.tenant_id = _tenant_id and token.session_id = rotated.session_id and token.depth < rotated.depth - 14
    ),
    extended as (
        update sessions as session set
            last_active_at = greatest(last_active_at, moment),
            idle_expires_at = idles_out,
            expiry_minute = minute_of(idles_out)
        from rotated where session.tenant_id = _tenant_id and session.session_id = rotated.session_id
    ),
    accessible as (
        insert into access_tokens (
            tenant_id, token_id, session_id, issued_at, expires_at, tenant_generation, session_generation
        )
        select _tenant_id, access_id, session_id, moment, access_ends, rules.access_generation, access_generation from rotated
    )
    select
        turn, 'rotated', next_id, access_id, moment, moment, access_ends, null::double precision,
        rules.access_generation, access_generation, session_id, user_id, role, aal, amr, app_id, created_at
    from rotated;
end
$$;

-- Whether a refresh token that is not consumed can still be exchanged, as far as its own row and the blacklist know.
create or replace function refresh_token_is_valid(_token refresh_tokens, _generation integer, _now timestamptz)
returns boolean language sql stable as $$
    select _token.consumed_at is null and _token.revoked_at is null and _token.expires_at > _now
        and _token.generation = _generation
        and not exists (select from blacklist where tenant_id = _token.tenant_id and token_id = _token.token_id)
$$;
