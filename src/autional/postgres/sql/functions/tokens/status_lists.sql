-- Whether a token that stands in a list has been ended before its time: what introspection would say but for its `exp`.
create or replace function listed_token_is_over(_token listed_tokens, _home bigint) returns boolean
language sql stable as $$
    select not exists (
        select from tenants
        where home = _home and deleted_at is null and access_generation = _token.tenant_generation
    ) or exists (
        select from blacklist where home = _home and token_id = any (_token.token_id || coalesce(_token.ancestors, '{}'))
    ) or case when _token.session_id is null
        then not exists (select from access_tokens where home = _home and token_id = _token.token_id and session_id is null)
        else not exists (
            select from sessions
            where home = _home and session_id = _token.session_id and state <> 'revoked'
                and sessions.access_generation = _token.session_generation and sessions.aal <= _token.aal
        )
    end
$$;

-- Puts a token in a list, once: answers its number.
create or replace function list_token(
    _home bigint, _token_id uuid, _session_id uuid, _tenant_generation integer, _session_generation integer,
    _aal smallint, _ancestors uuid[], _expires_at timestamptz
) returns bigint language plpgsql as $$
declare
    given bigint;
begin
    insert into listed_tokens (
        home, token_id, session_id, tenant_generation, session_generation, aal, ancestors, expires_at
    )
    values (
        _home, _token_id, _session_id, _tenant_generation, _session_generation, _aal, _ancestors, _expires_at
    )
    on conflict (home, token_id) do nothing
    returning number into given;
    return coalesce(given, (select number from listed_tokens where home = _home and token_id = _token_id));
end
$$;

-- Has the tokens looked at again that rows of a tenant's log may have ended, so many rows at most: one by one, or (since
-- everybody was signed out) all, a batch at a time. Answers whether there is more.
create or replace function uncheck_listed_tokens(_home bigint, _most integer) returns boolean language plpgsql as $$
declare
    listing listing_heads;
    head bigint;
    upto bigint;
    ended record;
    numbers bigint[];
begin
    select * into listing from listing_heads where home = _home for update;
    select position into head from revocation_heads where home = _home;
    if listing.looked_to < listing.look_to then
        numbers := array(
            select number from listed_tokens
            where home = _home and revoked_at is null and number > listing.looked_to and number <= listing.look_to
            order by number
            limit _most
        );
        update listed_tokens set checked = false where number = any (numbers) and home = _home;
        update listing_heads set
            looked_to = case when cardinality(numbers) < _most then look_to else numbers[cardinality(numbers)] end
        where home = _home;
        return true;
    end if;
    if head is null or listing.position >= head then
        return false;
    end if;
    upto := least(head, listing.position + _most);
    for ended in
        select kind, array_agg(subject_id) filter (where subject_id is not null) as ids,
            array_agg(distinct user_id) filter (where user_id is not null) as users
        from revocations
        where home = _home and position > listing.position and position <= upto
        group by kind
    loop
        if ended.kind in ('session', 'assurance') then
            update listed_tokens set checked = false
            where home = _home and session_id = any (ended.ids) and revoked_at is null;
        elsif ended.kind = 'token' then
            update listed_tokens set checked = false
            where home = _home and token_id = any (ended.ids) and revoked_at is null;
            update listed_tokens set checked = false
            where home = _home and ancestors && ended.ids and ancestors is not null and revoked_at is null;
        elsif ended.kind = 'user' then
            update listed_tokens set checked = false
            where home = _home and revoked_at is null and session_id in (
                select session_id from sessions where home = _home and user_id = any (ended.users)
            );
        elsif ended.kind = 'tenant' then
            update listing_heads set
                looked_to = 0,
                look_to = coalesce((
                    select number from listed_tokens where home = _home and revoked_at is null order by number desc limit 1
                ), 0)
            where home = _home;
        end if;
    end loop;
    update listing_heads set position = upto where home = _home;
    insert into readings (home, channel, reader, first_position, last_position, at, lag)
    select _home, 'status_list', '', listing.position + 1, upto, clock_timestamp(),
        extract(epoch from clock_timestamp() - min(at))
    from revocations
    where home = _home and position > listing.position and position <= upto
    having count(*) > 0;
    return true;
end
$$;

-- Looks at listed tokens, so many at most, and marks those that are over. Answers whether there may be more.
create or replace function check_listed_tokens(_most integer) returns boolean language plpgsql as $$
declare
    looked integer;
begin
    with
    looked_at as materialized (
        select number from listed_tokens where not checked limit _most for update skip locked
    ),
    judged as materialized (
        select number, expires_at, listed_token_is_over(listed_tokens, listed_tokens.home) as is_over
        from listed_tokens where number in (select number from looked_at)
    ),
    marked as (
        update listed_tokens set checked = true, revoked_at = case when is_over then clock_timestamp() end
        from judged
        where listed_tokens.number = judged.number and revoked_at is null
    ),
    changed as (
        insert into status_lists (list, changed_at, expires_at)
        select number >> 20, clock_timestamp(), max(expires_at) from judged
        group by number >> 20
        order by number >> 20
        on conflict (list) do update set
            version = status_lists.version + (
                select bool_or(is_over)::integer from judged where number >> 20 = excluded.list
            ),
            changed_at = excluded.changed_at,
            expires_at = greatest(status_lists.expires_at, excluded.expires_at)
    )
    select count(*) into looked from judged;
    return looked >= _most;
end
$$;
