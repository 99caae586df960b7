-- When an access token of a session that is issued now ends, in whole seconds: never after a deadline of the session.
create or replace function access_end(_now timestamptz, _expiry interval, _deadline timestamptz) returns timestamptz
language sql stable parallel safe as $$ select date_trunc('second', least(_now + _expiry, _deadline)) $$;

-- Whether no check could accept an access token any more: the largest leeway and 5 s after its life.
create or replace function access_token_is_over(_expires_at timestamptz, _now timestamptz) returns boolean
language sql stable parallel safe as $$ select _expires_at <= _now - interval '65 seconds' $$;

-- When access tokens were issued for refresh tokens of a session in the minute before an instant.
create or replace function recent_tokens(_home bigint, _session_id uuid, _now timestamptz) returns timestamptz[]
language sql stable as $$
    select coalesce(array_agg(issued_at order by issued_at), '{}') from (
        select issued_at from token_pairs
        where home = _home and session_id = _session_id and not reissued
            and issued_at > _now - interval '1 minute'
        union all
        select issued_at from access_tokens
        where home = _home and session_id = _session_id and kind = 'refresh'
            and issued_at > _now - interval '1 minute'
    ) as issued
$$;

-- Checks a refresh token whose text this service has authenticated, for an exchange (`rotate`) or for another access token
-- (RFC 9700 §4.14.2). Answers one outcome: rotated, accessed, repeated, reused (the session is ended), limited or invalid;
-- with the id of the next refresh token, where it is accessed of the access token.
--
-- Reuse is checked first: a consumed token, or one so old that its row is gone, ends the session unless it is a repeat
-- whose successor is unused. A repeat is for whom the answer was lost: under the idempotency key of the first time for a
-- day; else any number of times within `eager`, and without a key once more within `grace`. It gets the same tokens.
-- The session's row is locked first, so refreshes, upgrades and revocations of one session follow each other.
drop function if exists refresh_session(bigint, jsonb); -- its columns change from release to release
create or replace function refresh_session(_home bigint, _call jsonb) returns table (
    outcome text, token_id uuid, moment timestamptz, issued_at timestamptz, access_expires_at timestamptz,
    retry_after double precision, tenant_generation integer, session_generation integer, session_id uuid, user_id text, role text, aal smallint, amr text, app_id text, created_at timestamptz, act jsonb
) language plpgsql as $$
#variable_conflict use_column
declare
    call record;
    token token_pairs;
    successor token_pairs;
    session sessions;
    rules record;
    recent timestamptz[];
    answers_freely boolean;
    answers_once boolean;
begin
    select * into call from jsonb_to_record(_call) as (
        token_session uuid, token_id uuid, at timestamptz, rotate boolean, eager interval, grace interval, next_id uuid,
        per_minute integer, session_id uuid, key_sha256 bytea, knows_act boolean
    );
    outcome := 'invalid';
    select * into session from sessions where home = _home and session_id = call.token_session for update;
    moment := coalesce(call.at, clock_timestamp());
    select * into rules from token_rules where home = _home;
    if session.session_id is null or session.ended_at is not null or session.idle_expires_at <= moment or rules.access_generation is null
    then
        return next;
        return;
    end if;
    if session.act is not null and call.knows_act is not true then -- a node of 0.1.0 would sign a token that hides the agent
        return next;
        return;
    end if;
    session_id := session.session_id;
    user_id := session.user_id;
    role := session.role;
    aal := session.aal;
    amr := session.amr;
    app_id := session.app_id;
    created_at := coalesce(session.authenticated_at, session.created_at);
    act := session.act;
    tenant_generation := rules.access_generation;
    session_generation := session.access_generation;
    issued_at := moment;

    select * into token from token_pairs where home = _home and refresh_id = call.token_id;
    if token.refresh_id is null or token.consumed_at is not null then
        select * into successor from token_pairs where home = _home and refresh_id = token.successor_id;
        answers_freely := moment < token.consumed_at + least(call.eager, call.grace)
            or token.consumed_under = call.key_sha256 and moment < token.consumed_at + interval '1 day';
        answers_once := call.key_sha256 is null and not token.repeated_late and moment < token.consumed_at + call.grace;
        if successor.refresh_id is null or successor.consumed_at is not null
            or not coalesce(answers_freely or answers_once, false)
        then
            perform end_session(_home, session.session_id, null, 'refresh_token_reuse', moment);
            outcome := 'reused';
        elsif session.session_id = coalesce(call.session_id, session.session_id)
            and successor.consumed_at is null and successor.revoked_at is null and successor.expires_at > moment
            and successor.refresh_generation = rules.refresh_generation
            and not exists (select from blacklist where home = _home and blacklist.token_id = successor.refresh_id)
            and not exists (select from blacklist where home = _home and token_id = call.token_id)
        then
            if answers_freely is not true then
                update token_pairs set repeated_late = true where home = _home and refresh_id = call.token_id;
            end if;
            outcome := 'repeated';
            token_id := successor.refresh_id;
            issued_at := successor.issued_at;
            access_expires_at := successor.access_expires_at;
            tenant_generation := successor.tenant_generation;
            session_generation := successor.session_generation;
        end if; -- else one of the two was ended since: the repeat gets nothing, and nothing more ends
        return next;
        return;
    end if;

    if session.session_id <> coalesce(call.session_id, session.session_id)
        or token.revoked_at is not null or token.expires_at <= moment
        or token.refresh_generation <> rules.refresh_generation
        or exists (select from blacklist where home = _home and token_id = call.token_id)
    then
        return next;
        return;
    end if;
    recent := recent_tokens(_home, session.session_id, moment);
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
    token_id := call.next_id;
    if call.rotate then
        update token_pairs set consumed_at = moment, successor_id = call.next_id, consumed_under = call.key_sha256
        where home = _home and refresh_id = call.token_id;
        insert into token_pairs (
            home, refresh_id, session_id, issued_at, expires_at, access_expires_at, depth, refresh_generation,
            tenant_generation, session_generation
        ) values (
            _home, call.next_id, session.session_id, moment, least(moment + rules.refresh_expiry, session.expires_at),
            access_expires_at, token.depth + 1, rules.refresh_generation, tenant_generation, session_generation
        );
        if token.depth % 16 = 0 then -- older ones are known by their MAC
            delete from token_pairs
            where home = _home and session_id = session.session_id and depth < token.depth - 14
                and access_token_is_over(access_expires_at, moment);
        end if;
        update sessions set
            last_active_at = greatest(last_active_at, moment),
            idle_expires_at = session.idle_expires_at,
            expiry_minute = minute_of(session.idle_expires_at)
        where home = _home and session_id = session.session_id;
        outcome := 'rotated';
    else
        insert into access_tokens (
            home, token_id, session_id, kind, issued_at, expires_at, tenant_generation, session_generation
        ) values (
            _home, call.next_id, session.session_id, 'refresh', moment, access_expires_at, tenant_generation,
            session_generation
        );
        outcome := 'accessed';
    end if;
    return next;
end
$$;

-- The same for many refresh tokens of one tenant at once: those that are simply rotated. The others get no row, and
-- nothing happens to them: those whose session is locked, the second of a session, those under an idempotency key, and
-- all that may be refused, repeated or reused.
drop function if exists refresh_sessions(bigint, jsonb);
create or replace function refresh_sessions(_home bigint, _calls jsonb) returns table (
    turn bigint, outcome text, token_id uuid, moment timestamptz, issued_at timestamptz, access_expires_at timestamptz,
    retry_after double precision, tenant_generation integer, session_generation integer, session_id uuid, user_id text, role text, aal smallint, amr text, app_id text, created_at timestamptz, act jsonb
) language plpgsql as $$
#variable_conflict use_column
declare
    asked uuid[] := array(select token_session from jsonb_to_recordset(_calls) as call (token_session uuid));
    locked uuid[];
    right_now timestamptz;
    rules record;
begin
    locked := array(
        select session_id from sessions where home = _home and session_id = any (asked)
        order by session_id
        for update skip locked
    );
    right_now := clock_timestamp();
    select * into rules from token_rules where home = _home;
    if not found then
        return;
    end if;
    return query
    with
    call as (
        select distinct on (token_session) call.*, coalesce(at, right_now) as moment
        from rows from (jsonb_to_recordset(_calls) as (
            token_session uuid, token_id uuid, at timestamptz, rotate boolean, eager interval, grace interval, next_id uuid,
            per_minute integer, session_id uuid, key_sha256 bytea, knows_act boolean
        )) with ordinality as call (
            token_session, token_id, at, rotate, eager, grace, next_id, per_minute, session_id, key_sha256, knows_act, turn
        )
        where token_session = any (locked)
        order by token_session, turn
    ),
    rotated as materialized (
        select
            call.turn, call.token_id, call.next_id, call.moment, token.depth, deadline as idles_out,
            access_end(call.moment, rules.access_expiry, deadline) as access_ends, session.access_generation,
            session.session_id, user_id, role, aal, amr, app_id, act, coalesce(authenticated_at, session.created_at) as created_at,
            session.expires_at
        from call
            join sessions as session on session.home = _home and session.session_id = call.token_session
            join token_pairs as token on token.home = _home and token.refresh_id = call.token_id
                and token.session_id = call.token_session,
            greatest(session.idle_expires_at, case
                when idle_timeout is not null then least(call.moment + idle_timeout, session.expires_at)
            end) as deadline
        where rotate and key_sha256 is null and token_session = coalesce(call.session_id, token_session)
            and ended_at is null and idle_expires_at > call.moment and (act is null or knows_act)
            and consumed_at is null and revoked_at is null and token.expires_at > call.moment
            and token.refresh_generation = rules.refresh_generation
            and access_end(call.moment, rules.access_expiry, deadline) > date_trunc('second', call.moment)
            and not exists (select from blacklist where home = _home and token_id = call.token_id)
            and (
                select count(*) from token_pairs as pair
                where pair.home = _home and pair.session_id = call.token_session and not reissued
                    and pair.issued_at > call.moment - interval '1 minute'
            ) + (
                select count(*) from access_tokens as access
                where access.home = _home and access.session_id = call.token_session and kind = 'refresh'
                    and access.issued_at > call.moment - interval '1 minute'
            ) < per_minute
    ),
    consumed as (
        update token_pairs as token set consumed_at = rotated.moment, successor_id = next_id
        from rotated where token.home = _home and token.refresh_id = rotated.token_id
    ),
    next as (
        insert into token_pairs (
            home, refresh_id, session_id, issued_at, expires_at, access_expires_at, depth, refresh_generation,
            tenant_generation, session_generation
        )
        select
            _home, next_id, session_id, moment, least(moment + rules.refresh_expiry, expires_at), access_ends, depth + 1,
            rules.refresh_generation, rules.access_generation, access_generation
        from rotated
    ),
    pruned as ( -- older ones are known by their MAC
        delete from token_pairs as token using rotated
        where rotated.depth % 16 = 0
            and token.home = _home and token.session_id = rotated.session_id and token.depth < rotated.depth - 14
            and access_token_is_over(token.access_expires_at, rotated.moment)
    ),
    extended as (
        update sessions as session set
            last_active_at = greatest(last_active_at, moment),
            idle_expires_at = idles_out,
            expiry_minute = minute_of(idles_out)
        from rotated where session.home = _home and session.session_id = rotated.session_id
    )
    select
        turn, 'rotated', next_id, moment, moment, access_ends, null::double precision,
        rules.access_generation, access_generation, session_id, user_id, role, aal, amr, app_id, created_at, act
    from rotated;
end
$$;
