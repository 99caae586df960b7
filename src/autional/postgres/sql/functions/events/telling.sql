-- Whether the API key that made a stream may still act in a tenant; what an administrator added has no owner.
create or replace function owner_is_valid(_home bigint, _key_id text) returns boolean language sql stable as $$
    select _key_id is null or exists (
        select from api_keys join tenants on home = _home
        where api_key_id = _key_id and revoked_at is null and closed_at is null and (tenant_ids is null or tenant_id = any (tenant_ids))
    )
$$;

-- What an event is about: a session, a token, otherwise a user or everybody.
create or replace function subject_hash(_kind text, _subject_id uuid, _user_id text) returns bigint
language sql immutable parallel safe as $$
    select hashtextextended(coalesce(_subject_id::text, _user_id, _kind), 0)
$$;

-- Writes down what the receivers of a tenant are to be told, so many events of each at most, for a fifth of a second: not
-- those whose owner's key is no longer valid. Answers whether there is more.
create or replace function tell_receivers(_home bigint, _most integer, _lapsed text[]) returns boolean language plpgsql as $$
declare
    begun timestamptz := clock_timestamp();
    head bigint := (select position from revocation_heads where home = _home);
    one receivers;
    upto bigint;
    positions bigint[];
    subjects bigint[];
    times timestamptz[];
    firsts boolean[];
begin
    for one in
        select * from receivers where home = _home and told_to < head
        order by receiver_id
        for update
    loop
        upto := least(head, one.told_to + _most);
        select array_agg(told.position), array_agg(told.subject), array_agg(told.at), array_agg(
            told.place = 1 and not exists (
                select from deliveries as earlier
                where earlier.home = _home and earlier.receiver_id = one.receiver_id
                    and earlier.subject = told.subject and earlier.state = 'waiting'
            )
        )
        into positions, subjects, times, firsts
        from (
            select
                event.position, event.at, subject_hash(kind, subject_id, user_id) as subject,
                row_number() over (partition by subject_hash(kind, subject_id, user_id) order by event.position) as place
            from revocations as event
            where home = _home and event.position > one.told_to and event.position <= upto
                and kind = any (one.kinds) and one.status <> 'disabled'
                and (one.owner_key is null or one.owner_key <> all (_lapsed))
                and (one.app_id is null or case kind -- one of its sessions, a user who has one, everybody
                    when 'token' then false
                    when 'user' then exists (
                        select from sessions
                        where sessions.home = _home and sessions.user_id = event.user_id and sessions.app_id = one.app_id
                    )
                    when 'tenant' then true
                    when 'alert' then true
                    when 'restored' then event.subject_id is null
                    else event.app_id is not distinct from one.app_id
                end)
                and not exists (
                    select from stream_exclusions as excluded
                    where excluded.home = _home and excluded.receiver_id = one.receiver_id
                        and excluded.user_sha256 = sha256(convert_to(event.user_id, 'UTF8'))
                )
        ) as told;
        insert into deliveries (home, receiver_id, position, subject, leads, event_at, due_at, dies_at)
        select _home, one.receiver_id, told.position, subject, leads, at, begun, begun + interval '1 day'
        from unnest(positions, subjects, firsts, times) as told (position, subject, leads, at);
        update receivers set told_to = upto, has_work = has_work or positions is not null
        where home = _home and receiver_id = one.receiver_id;
        if upto < head or clock_timestamp() > begun + interval '0.2 seconds' then
            return true;
        end if;
    end loop;
    return false;
end
$$;

create or replace function tell_receivers(_home bigint, _most integer) returns boolean language sql as $$
    select tell_receivers(_home, _most, array(
        select owner_key from receivers where home = _home and not owner_is_valid(_home, owner_key)
    ))
$$;
