-- Who writes down, ends or repeats deliveries to a receiver holds its row, so that exactly the first one about each subject
-- leads: only that is told, and the next one leads when it is over.

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

-- Whether a receiver for sessions of one app is told of an event: of one of them, of a user who has one, of everybody.
create or replace function is_of_app(_home bigint, _app_id text, _event revocations) returns boolean
language sql stable as $$
    select _app_id is null or case _event.kind
        when 'token' then false
        when 'user' then exists (
            select from sessions where home = _home and user_id = _event.user_id and app_id = _app_id
        )
        when 'tenant' then true
        when 'alert' then true
        when 'restored' then _event.subject_id is null
        else _event.app_id is not distinct from _app_id
    end
$$;

-- Writes down what the receivers of a tenant are to be told, so many events of each at most, for a fifth of a second.
-- Answers whether there is more.
create or replace function tell_receivers(_home bigint, _most integer) returns boolean language plpgsql as $$
declare
    begun timestamptz := clock_timestamp();
    head bigint := (select position from revocation_heads where home = _home);
    one receivers;
    upto bigint;
    added bigint;
begin
    for one in
        select * from receivers where home = _home and told_to < head
        order by receiver_id
        for update
    loop
        upto := least(head, one.told_to + _most);
        with
        told as (
            select
                event.position, at, subject_hash(kind, subject_id, user_id) as subject,
                row_number() over (partition by subject_hash(kind, subject_id, user_id) order by event.position) as place
            from revocations as event
            where home = _home and event.position > one.told_to and event.position <= upto
                and kind = any (one.kinds) and one.status <> 'disabled' and owner_is_valid(_home, one.owner_key)
                and is_of_app(_home, one.app_id, event)
                and not exists (
                    select from stream_exclusions
                    where home = _home and receiver_id = one.receiver_id
                        and user_sha256 = sha256(convert_to(event.user_id, 'UTF8'))
                )
        )
        insert into deliveries (home, receiver_id, position, subject, leads, event_at, due_at, dies_at)
        select
            _home, one.receiver_id, told.position, told.subject,
            place = 1 and not exists (
                select from deliveries as earlier
                where home = _home and receiver_id = one.receiver_id and earlier.subject = told.subject and state = 'waiting'
            ),
            at, clock_timestamp(), clock_timestamp() + interval '1 day'
        from told;
        get diagnostics added = row_count;
        update receivers set told_to = upto, has_work = has_work or added > 0
        where home = _home and receiver_id = one.receiver_id;
        if upto < head or clock_timestamp() > begun + interval '0.2 seconds' then
            return true;
        end if;
    end loop;
    return false;
end
$$;

-- Lets the next waiting delivery about each of these subjects lead. The receiver's row is held.
create or replace function lead_next(_home bigint, _receiver_id text, _subjects bigint[]) returns void language sql as $$
    update deliveries set leads = true
    from (
        select distinct on (subject) position from deliveries
        where home = _home and receiver_id = _receiver_id and state = 'waiting' and subject = any (_subjects)
        order by subject, position
    ) as following
    where home = _home and receiver_id = _receiver_id and deliveries.position = following.position and not leads
$$;

-- Claims what is due for receivers that are not suspended for as long as a lease: so many at most in all, of each tenant and
-- of each receiver; of one that failed, one only. The receivers come at random, so that none is always the last; tenants
-- and receivers that are busy already are left out. A stream that is paused is told of itself only.
create or replace function claim_deliveries(
    _most integer, _of_tenant integer, _of_each integer, _lease interval, _busy bigint[], _busy_receivers text[]
) returns table (
    home bigint, receiver_id text, "position" bigint, protocol text, url text, audience text, sealed_secrets bytea[],
    sealed_header bytea, event_types text[], control jsonb, event revocations
) language plpgsql as $$
#variable_conflict use_column
begin
    return query
    with
    asked as materialized (
        select receivers.home, receivers.receiver_id, status, case when failures > 0 then 1 else _of_each end as most
        from receivers
        where has_work and (status = 'enabled' or protocol = 'ssf_push') and url is not null
            and suspended_until <= clock_timestamp()
            and receivers.home <> all (_busy) and receivers.receiver_id <> all (_busy_receivers)
            and owner_is_valid(receivers.home, owner_key)
        order by random()
        limit 200
    ),
    due as materialized (
        select waiting.*
        from asked, lateral (
            select delivery.home, delivery.receiver_id, delivery.position, delivery.due_at
            from deliveries as delivery
            where delivery.home = asked.home and delivery.receiver_id = asked.receiver_id
                and state = 'waiting' and leads and due_at <= clock_timestamp()
                and (asked.status = 'enabled' or delivery.control is not null)
            order by due_at
            limit asked.most
            for update skip locked
        ) as waiting
    ),
    shared as (
        select *, row_number() over (partition by home order by due_at) as place from due
    ),
    claimed as (
        update deliveries set
            due_at = clock_timestamp() + _lease, attempts = attempts + 1, attempted_at = clock_timestamp()
        from (select * from shared where place <= _of_tenant order by place limit _most) as chosen
        where deliveries.home = chosen.home and deliveries.receiver_id = chosen.receiver_id
            and deliveries.position = chosen.position
        returning deliveries.home, deliveries.receiver_id, deliveries.position, deliveries.control
    )
    select
        home, receiver_id, claimed.position, protocol, url, audience,
        case when overlap_until > clock_timestamp() then sealed_secrets else sealed_secrets[1:1] end,
        sealed_header, event_types, claimed.control, revocations
    from claimed join receivers using (home, receiver_id)
        left join revocations using (home, position);
end
$$;

-- Ends deliveries to a receiver whose row is held: at these positions, each delivered or dead, with the answer. Nothing
-- about whom or what they were is kept.
create or replace function end_deliveries(
    _home bigint, _receiver_id text, _positions bigint[], _states text[], _answers text[]
) returns integer language plpgsql as $$
declare
    subjects bigint[];
begin
    with
    said as (select * from unnest(_positions, _states, _answers) as said (place, result, answer)),
    former as (
        select position, subject from deliveries
        where home = _home and receiver_id = _receiver_id and position = any (_positions) and state = 'waiting'
    ),
    ended as (
        update deliveries set
            state = said.result, answer = said.answer, control = null, subject = 0, leads = false,
            lag = case when said.result = 'delivered' then extract(epoch from clock_timestamp() - event_at) end
        from said join former on former.position = said.place
        where home = _home and receiver_id = _receiver_id and deliveries.position = said.place
    )
    select array_agg(distinct subject) into subjects from former;
    perform lead_next(_home, _receiver_id, subjects);
    return coalesce(cardinality(subjects), 0);
end
$$;

-- Writes down how attempts went: delivered; failed, to be tried again within a day; refused, which no repetition would
-- change. A receiver that only failed is suspended, each time in a row for longer.
create or replace function finish_deliveries(_outcomes jsonb) returns void language plpgsql as $$
declare
    one record;
begin
    for one in
        select home, receiver_id,
            array_agg("position") as positions, array_agg(result) as results, array_agg(answer) as answers,
            bool_or(result <> 'failed') as is_alive
        from jsonb_to_recordset(_outcomes)
            as outcome (home bigint, receiver_id text, "position" bigint, result text, answer text)
        group by home, receiver_id
        order by home, receiver_id
    loop
        perform from receivers where home = one.home and receiver_id = one.receiver_id for update;
        perform end_deliveries(one.home, one.receiver_id, array_agg(place), array_agg(state), array_agg(answer))
        from (
            select place, said.answer, case result when 'delivered' then 'delivered' else 'dead' end as state
            from unnest(one.positions, one.results, one.answers) as said (place, result, answer)
                join deliveries on home = one.home and receiver_id = one.receiver_id and position = place
            where result <> 'failed' or clock_timestamp() > dies_at
        ) as ended
        having count(*) > 0;
        update deliveries set
            answer = said.answer,
            due_at = clock_timestamp() + make_interval(secs => least(3600, 2 ^ least(attempts, 12)) * (0.5 + random()))
        from unnest(one.positions, one.results, one.answers) as said (place, result, answer)
        where home = one.home and receiver_id = one.receiver_id and position = place and result = 'failed'
            and state = 'waiting';
        update receivers set
            failures = case when one.is_alive then 0 else failures + 1 end,
            suspended_until = case
                when one.is_alive then '-infinity'
                else clock_timestamp() + make_interval(secs => least(300, 2 ^ least(failures, 9)))
            end
        where home = one.home and receiver_id = one.receiver_id and (failures > 0 or not one.is_alive);
    end loop;
end
$$;

-- Gives up what could not be delivered within its time, so many at most: it is dead. What waits for a receiver that is
-- paused waits on.
create or replace function give_up_deliveries(_at timestamptz, _most integer) returns integer language plpgsql as $$
declare
    one record;
    ended integer := 0;
begin
    for one in
        select home, receiver_id, array_agg(position) as positions, array_agg(coalesce(answer, 'never tried')) as answers
        from (
            select home, receiver_id, position, answer from deliveries join receivers using (home, receiver_id)
            where state = 'waiting' and dies_at < _at - interval '1 minute' and status = 'enabled'
            order by dies_at
            limit _most
        ) as late
        group by home, receiver_id
        order by home, receiver_id
    loop
        perform from receivers where home = one.home and receiver_id = one.receiver_id for update;
        perform end_deliveries(
            one.home, one.receiver_id, one.positions, array_fill('dead'::text, array[cardinality(one.positions)]), one.answers
        );
        ended := ended + cardinality(one.positions);
    end loop;
    return ended;
end
$$;

-- Notes which receivers have nothing left to be told.
create or replace function settle_receivers() returns void language plpgsql as $$
declare
    one record;
begin
    for one in select home, receiver_id from receivers where has_work order by home, receiver_id for update skip locked loop
        update receivers set has_work = false
        where home = one.home and receiver_id = one.receiver_id and not exists (
            select from deliveries where home = one.home and receiver_id = one.receiver_id and state = 'waiting'
        );
    end loop;
end
$$;

-- Has dead deliveries to a receiver (null: all of them) tried again for another day; answers how many. What comes of it is
-- told beside what waits: it is late already.
create or replace function replay_deliveries(_home bigint, _receiver_id text, _positions bigint[]) returns integer
language plpgsql as $$
declare
    replayed integer;
begin
    perform from receivers where home = _home and receiver_id = _receiver_id for update;
    update deliveries set
        state = 'waiting', leads = true, subject = position,
        due_at = clock_timestamp(), dies_at = clock_timestamp() + interval '1 day'
    where home = _home and receiver_id = _receiver_id and state = 'dead' and position > 0
        and (_positions is null or position = any (_positions));
    get diagnostics replayed = row_count;
    update receivers set has_work = true, suspended_until = '-infinity'
    where home = _home and receiver_id = _receiver_id and replayed > 0;
    return replayed;
end
$$;

-- Whether a tenant may have one more receiver; holds back who asks at the same time.
create or replace function may_add_receiver(_home bigint, _most bigint) returns boolean language plpgsql as $$
begin
    perform from tenants where home = _home for no key update;
    return (select count(*) from receivers where home = _home) < _most;
end
$$;
