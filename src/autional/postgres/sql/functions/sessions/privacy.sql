-- Signs a user out for good and notes that all of it is to be forgotten: advance_erasure, forget_foreign_user and
-- finish_erasure do that. Answers how many sessions there are.
create or replace function begin_erasure(
    _home bigint, _user_id text, _subject bytea, _request_id text, _at timestamptz
) returns bigint language plpgsql as $$
declare
    transaction xid8 := pg_current_xact_id();
    requested timestamptz;
begin
    perform sign_out_user(_home, _user_id, null, true, 'erasure', _at);
    requested := coalesce(_at, clock_timestamp()); -- after whatever was waited for
    -- told without the person: each session and token by its id
    delete from revocations
    where home = _home and user_id = _user_id and kind = 'user' and transaction_id = transaction;
    update revocations set user_id = null where home = _home and user_id = _user_id and transaction_id = transaction;
    insert into erasures (home, user_id, subject, request_id, requested_at, until)
    select _home, _user_id, _subject, _request_id, requested, coalesce(
        (select sequence from audit_heads where home = _home), 0
    )
    from tenants where home = _home
    on conflict (home, user_id) do update set
        requested_at = excluded.requested_at, until = excluded.until, forgotten = false, pruned = false, traces = null;
    insert into erased_users (home, subject, requested_at) select _home, _subject, requested_at from erasures
    where home = _home and user_id = _user_id
    on conflict do nothing;
    return (select count(*) from sessions where home = _home and user_id = _user_id);
end
$$;

-- Forgets a part of a user in its own tenant: what is counted stays without the person, the rest is removed. Answers
-- whether there is more.
create or replace function advance_erasure(_home bigint, _user_id text, _batch integer, _lease interval)
returns boolean language plpgsql as $$
declare
    erasure erasures;
    more boolean;
    reached bigint;
    leased timestamptz;
begin
    if (select forgotten and not pruned from erasures where home = _home and user_id = _user_id) then
        more := prune_user_agents(_home, _batch) >= _batch; -- before anything is locked, and nothing else while it is
        update erasures set pruned = not more where home = _home and user_id = _user_id and forgotten;
        return true;
    end if;
    select * into erasure from erasures where home = _home and user_id = _user_id for update;
    if not found then
        return false;
    end if;
    if erasure.traces is null then -- jobs are locked before their sessions
        erasure.traces := erasure_traces(_home, _user_id);
        perform forget_jobs(_home, _user_id, erasure.requested_at, erasure.traces);
    end if;
    more := greatest(
        forget_records(_home, _user_id, erasure.requested_at, _batch),
        forget_sessions(_home, _user_id, erasure.requested_at, _batch)
    ) >= _batch;
    leased := clock_timestamp() + _lease;
    reached := forget_audit_values(_home, _user_id, erasure.position, erasure.until, _batch);
    update erasures set
        traces = erasure.traces, position = coalesce(reached, position), leased_until = leased,
        forgotten = not more and reached is null, pruned = pruned and not more and reached is null
    where home = _home and user_id = _user_id;
    return more or reached is not null or not erasure.pruned;
end
$$;

-- Says in the log that a user has been forgotten, unless it is to be forgotten again since.
create or replace function finish_erasure(_home bigint, _user_id text, _requested_at timestamptz) returns void
language plpgsql as $$
declare
    erasure erasures;
begin
    select * into erasure from erasures
    where home = _home and user_id = _user_id and requested_at = _requested_at and forgotten and pruned
    for update;
    if not found then
        return;
    end if;
    perform append_audit(
        _home, null, 'user.erased', erasure.request_id,
        jsonb_build_object(
            'actor', 'system', 'subject', encode(erasure.subject, 'hex'),
            'of_nobody', forget_of_nobody(_home, _user_id, erasure.traces)
        ),
        '[]'
    );
    delete from erasures where home = _home and user_id = _user_id;
end
$$;

-- Addresses and devices of a user, by which entries may mean it that name nobody.
create or replace function erasure_traces(_home bigint, _user_id text) returns text[] language sql stable as $$
    select coalesce(array_agg(distinct trace), '{}') from (
        select session_id, ip, device_id from sessions where home = _home and user_id = _user_id
        order by session_id desc
        limit 10000
    ) as own, unnest(array[id_text(own.session_id), host(own.ip), own.device_id]) as trace
    where trace is not null
$$;

-- A reason that the service gives itself names nobody; any other is free text about the person.
create or replace function impersonal_reason(_reason text) returns text language sql immutable as $$
    select case when _reason in (
        'ended_by_administrator', 'ended_with_parent', 'global_token_revocation', 'refresh_token_reuse', 'session_limit', 'signed_out', 'signed_out_everywhere', 'token_revoked'
    ) then _reason else 'erasure' end
$$;

create or replace function forget_sessions(_home bigint, _user_id text, _before timestamptz, _batch integer)
returns integer language plpgsql as $$
declare
    named uuid[] := array(
        select session_id from sessions where home = _home and user_id = _user_id and created_at <= _before
        order by session_id
        limit _batch
        for update
    );
begin
    perform delete_session_records(_home, named);
    delete from idempotency_keys where home = _home and session_id = any (named);
    update revocations set
        user_id = null, reason = impersonal_reason(reason),
        by_user = case when by_user = _user_id and by_tenant is null then null else by_user end
    where home = _home and kind = 'session' and subject_id = any (named);
    update sessions set
        user_id = '', app_id = null, device_id = null, device_fingerprint = null, device_model = null, browser = null, os = null,
        user_agent_id = null, ip = null, country = null, city = null, latitude = null, longitude = null,
        risk_score = 0, risk_facts = '{}', act = null, end_reason = case when state = 'revoked' then impersonal_reason(end_reason) end
    where home = _home and session_id = any (named);
    return cardinality(named);
end
$$;

-- Whether a text is an address, or a network of a household or less, of one of these addresses.
create or replace function address_means(_text text, _traces text[]) returns boolean language sql immutable as $$
    select pg_input_is_valid(_text, 'inet') and exists (
        select from unnest(_traces) as trace
        where case when pg_input_is_valid(trace, 'inet') then trace::inet <<= _text::inet end
            and masklen(_text::inet) >= case family(_text::inet) when 4 then 24 else 48 end
    )
$$;

-- Whether a search for the beginning of user ids means a user: a letter or two mean nobody.
create or replace function search_means(_search text, _user_id text) returns boolean language sql immutable as $$
    select _search = _user_id or length(_search) >= 3 and starts_with(_user_id, _search)
$$;

create or replace function job_filter_means(_filter jsonb, _user_id text, _traces text[]) returns boolean
language sql immutable as $$
    select coalesce(
        _filter ->> 'user_id' = _user_id or search_means(_filter ->> 'search', _user_id)
        or _filter ->> 'search' = any (_traces) or address_means(_filter ->> 'ip', _traces)
        or _filter ->> 'device_id' = any (_traces),
        false
    )
$$;

create or replace function forget_jobs(_home bigint, _user_id text, _before timestamptz, _traces text[])
returns void language sql as $$
    update jobs set
        filter = case when job_filter_means(filter, _user_id, _traces) then '{}' else filter end,
        reason = case when job_filter_means(filter, _user_id, _traces) then 'erasure' else reason end,
        requested_by = case when requested_by = _user_id then '' else requested_by end,
        by_user = case when by_user = _user_id and by_tenant is null then null else by_user end
    where home = _home and created_at <= _before and (
        requested_by = _user_id or by_user = _user_id and by_tenant is null or job_filter_means(filter, _user_id, _traces)
    );
$$;

create or replace function forget_records(_home bigint, _user_id text, _before timestamptz, _batch integer)
returns integer language plpgsql as $$
declare
    revoked integer;
    ended integer;
    acted integer;
begin
    delete from trusted_devices where home = _home and user_id = _user_id and created_at <= _before;
    delete from access_tokens
    where home = _home and user_id = _user_id and session_id is null and issued_at <= _before;
    delete from stream_exclusions where home = _home and user_sha256 = sha256(convert_to(_user_id, 'UTF8'));
    update blacklist set user_id = '', reason = 'erasure'
    where home = _home and user_id = _user_id and created_at <= _before;
    update revocations set
        user_id = null, reason = 'erasure'
    where home = _home and revocation_id in (
        select revocation_id from revocations where home = _home and user_id = _user_id and at <= _before
        limit _batch
    );
    get diagnostics revoked = row_count;
    update revocations set by_user = null
    where home = _home and revocation_id in (
        select revocation_id from revocations where home = _home and by_user = _user_id and by_tenant is null and at <= _before
        limit _batch
    );
    get diagnostics ended = row_count;
    update sessions set act = null
    where home = _home and session_id in (
        select session_id from sessions
        where home = _home and act is not null and act ->> 'sub' = _user_id and created_at <= _before
        limit _batch
    );
    get diagnostics acted = row_count;
    delete from session_breakdowns where home = _home and acted > 0;
    return greatest(revoked, ended, acted);
end
$$;

-- Removes a user's values from the log after an entry and until another one, and from each entry that mentions the user what belongs to all whom
-- it mentions. Answers the last entry of a whole batch; null: there is no more.
create or replace function forget_audit_values(
    _home bigint, _user_id text, _after bigint, _until bigint, _batch integer
) returns bigint language plpgsql security definer set search_path = autional, pg_temp as $$
declare
    entries bigint[];
begin
    entries := array(
        select distinct sequence from audit_values
        where home = _home and user_id = _user_id and sequence > _after and sequence <= _until
        order by sequence
        limit _batch
    );
    update audit_values set user_id = null, value = null, salt = null
    where home = _home and sequence = any (entries)
        and (user_id = _user_id or subject is null and value is not null);
    return case when cardinality(entries) >= _batch then entries[cardinality(entries)] end;
end
$$;

-- Removes from entries what means a user without naming anybody: the beginning of the user id, an address, a device.
-- Answers the entries from which something was removed.
create or replace function forget_of_nobody(_home bigint, _user_id text, _traces text[]) returns jsonb
language plpgsql security definer set search_path = autional, pg_temp as $$
declare
    entries bigint[];
begin
    with meant as (
        update audit_values set value = null, salt = null
        from (select distinct trace from unnest(_traces) as trace) as own
        where home = _home and subject is null and value = own.trace and length(value) <= 128
            and path && array['session_id', 'session_ids', 'device_id', 'search']
        returning sequence
    )
    select coalesce(array_agg(distinct sequence), '{}') into entries from meant;
    with meant as (
        update audit_values set value = null, salt = null
        where home = _home and subject is null and value is not null
            and path[array_upper(path, 1)] in ('ip', 'search') and (
                path[array_upper(path, 1)] = 'search' and search_means(value, _user_id)
                or path[array_upper(path, 1)] = 'ip' and address_means(value, _traces)
            )
        returning sequence
    )
    select entries || coalesce(array_agg(distinct sequence), '{}') into entries from meant;
    return to_jsonb(entries);
end
$$;

-- Removes what a user of another tenant did in this one from its log, and says so there.
drop function if exists forget_abroad(bigint, text, bytea, text, timestamptz);
create or replace function forget_foreign_user(
    _home bigint, _tenant_id text, _user_id text, _subject bytea, _request_id text, _before timestamptz
) returns void language plpgsql security definer set search_path = autional, pg_temp as $$
declare
    is_known boolean;
begin
    update jobs set
        by_user = null, by_tenant = null,
        requested_by = case when requested_by = _user_id then '' else requested_by end
    where home = _home and by_tenant = _tenant_id and by_user = _user_id and created_at <= _before;
    is_known := found;
    update revocations set by_user = null, by_tenant = null
    where home = _home and by_tenant = _tenant_id and by_user = _user_id and at <= _before;
    is_known := is_known or found;
    update audit_values set foreign_tenant = null, foreign_user = null, value = null, salt = null
    from audit_entries
    where audit_values.home = _home and foreign_tenant = _tenant_id and foreign_user = _user_id
        and audit_entries.home = _home and audit_entries.sequence = audit_values.sequence and at <= _before;
    if is_known or found then
        perform append_audit(
            _home, null, 'user.erased', _request_id,
            jsonb_build_object('actor', 'system', 'subject', encode(_subject, 'hex')), '[]'
        );
    end if;
end
$$;
revoke all on function forget_foreign_user from public;

-- Users to be forgotten of the nodes of a Citus cluster that are there.
create or replace function reachable_erasures_to_claim() returns table (home bigint, user_id text) language sql as $$
    select (erasure ->> 'home')::bigint, erasure ->> 'user_id'
    from of_reachable_shards('autional.erasures', 'select jsonb_agg(one) from %s as one') as erasure
    where (erasure ->> 'leased_until')::timestamptz <= statement_timestamp()
    order by (erasure ->> 'requested_at')::timestamptz
    limit 5
$$;
