-- Who writes down, ends or repeats deliveries to a receiver holds its row, so that exactly the first one about each subject
-- leads: only that is told, and the next one leads when it is over.

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

-- The same of one tenant, but for the receivers whose owner's key is no longer valid: where what is due is.
create or replace function claim_deliveries_of(
    _home bigint, _most integer, _of_each integer, _lease interval, _busy_receivers text[], _lapsed text[]
) returns table (receiver_id text, "position" bigint) language plpgsql as $$
#variable_conflict use_column
declare
    begun timestamptz := clock_timestamp();
    over timestamptz := begun + _lease;
    free integer := _most;
    one record;
    places bigint[];
begin
    for one in
        select receiver_id, status, case when failures > 0 then 1 else _of_each end as most from receivers
        where home = _home and has_work and (status = 'enabled' or protocol = 'ssf_push') and url is not null
            and suspended_until <= begun and receiver_id <> all (_busy_receivers)
            and (owner_key is null or owner_key <> all (_lapsed))
        order by random()
        limit 200
    loop
        places := array(
            select position from deliveries
            where home = _home and receiver_id = one.receiver_id and state = 'waiting' and leads and due_at <= begun
                and (one.status = 'enabled' or control is not null)
            order by due_at
            limit least(one.most, free)
            for update skip locked
        );
        update deliveries set due_at = over, attempts = attempts + 1, attempted_at = begun
        where home = _home and receiver_id = one.receiver_id and position = any (places);
        free := free - cardinality(places);
        return query select one.receiver_id, place from unnest(places) as place;
        exit when free <= 0;
    end loop;
end
$$;

-- Ends deliveries to a receiver whose row is held: at these positions, each delivered or dead, with the answer. Nothing
-- about whom or what they were is kept.
create or replace function end_deliveries(
    _home bigint, _receiver_id text, _positions bigint[], _states text[], _answers text[]
) returns integer language plpgsql as $$
declare
    ended_at timestamptz := clock_timestamp();
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
            lag = case when said.result = 'delivered' then extract(epoch from ended_at - event_at) end
        from said join former on former.position = said.place
        where home = _home and receiver_id = _receiver_id and deliveries.position = said.place
    )
    select array_agg(distinct subject) into subjects from former;
    perform lead_next(_home, _receiver_id, subjects);
    return coalesce(cardinality(subjects), 0);
end
$$;

-- Writes down how attempts to tell receivers of a tenant went: delivered; failed, to be tried again within a day; refused,
-- which no repetition would change. A receiver that only failed is suspended, each time in a row for longer.
create or replace function finish_deliveries_of(_home bigint, _outcomes jsonb) returns void language plpgsql as $$
declare
    finished_at timestamptz := clock_timestamp();
    one record;
    former record;
    places bigint[];
    states text[];
    answers text[];
    dues timestamptz[];
    pause interval;
begin
    for one in
        select receiver_id,
            array_agg("position") as positions, array_agg(result) as results, array_agg(answer) as answers,
            bool_or(result <> 'failed') as is_alive
        from jsonb_to_recordset(_outcomes) as outcome (receiver_id text, "position" bigint, result text, answer text)
        group by receiver_id
        order by receiver_id
    loop
        select failures into former from receivers where home = _home and receiver_id = one.receiver_id for update;
        select array_agg(place), array_agg(case result when 'delivered' then 'delivered' else 'dead' end), array_agg(said.answer)
        into places, states, answers
        from unnest(one.positions, one.results, one.answers) as said (place, result, answer)
            join deliveries on home = _home and receiver_id = one.receiver_id and position = place
        where result <> 'failed' or finished_at > dies_at;
        perform end_deliveries(_home, one.receiver_id, places, states, answers);
        select array_agg(place), array_agg(said.answer), array_agg(
            finished_at + make_interval(secs => least(3600, 2 ^ least(attempts, 12)) * (0.5 + random()))
        )
        into places, answers, dues
        from unnest(one.positions, one.results, one.answers) as said (place, result, answer)
            join deliveries on home = _home and receiver_id = one.receiver_id and position = place
        where result = 'failed' and state = 'waiting';
        update deliveries set answer = said.answer, due_at = said.due_at
        from unnest(places, answers, dues) as said (place, answer, due_at)
        where home = _home and receiver_id = one.receiver_id and position = place;
        pause := make_interval(secs => least(300, 2 ^ least(former.failures, 9)));
        if one.is_alive and former.failures > 0 then
            update receivers set failures = 0, suspended_until = '-infinity'
            where home = _home and receiver_id = one.receiver_id;
        elsif not one.is_alive then
            update receivers set failures = failures + 1, suspended_until = finished_at + pause
            where home = _home and receiver_id = one.receiver_id;
        end if;
    end loop;
end
$$;

create or replace function finish_deliveries(_outcomes jsonb) returns void language sql as $$
    select finish_deliveries_of(home, jsonb_agg(outcome order by place))
    from (
        select (outcome ->> 'home')::bigint as home, outcome, place
        from jsonb_array_elements(_outcomes) with ordinality as said (outcome, place)
    ) as outcomes
    group by home
    order by home
$$;

-- Gives up what could not be told to receivers of a tenant within its time, so many at most: it is dead. What waits for a
-- receiver that is paused waits on. Answers how many.
create or replace function give_up_deliveries(_home bigint, _at timestamptz, _most integer) returns integer
language plpgsql as $$
declare
    late timestamptz := _at - interval '1 minute';
    one record;
    ended integer := 0;
begin
    for one in
        select receiver_id, array_agg(position) as positions, array_agg(coalesce(answer, 'never tried')) as answers
        from (
            select receiver_id, position, answer from deliveries join receivers using (home, receiver_id)
            where home = _home and state = 'waiting' and dies_at < late and status = 'enabled'
            order by dies_at
            limit _most
        ) as late
        group by receiver_id
        order by receiver_id
    loop
        perform from receivers where home = _home and receiver_id = one.receiver_id for update;
        perform end_deliveries(
            _home, one.receiver_id, one.positions, array_fill('dead'::text, array[cardinality(one.positions)]), one.answers
        );
        ended := ended + cardinality(one.positions);
    end loop;
    return ended;
end
$$;

-- Notes which receivers of a tenant have nothing left to be told.
create or replace function settle_receivers_of(_home bigint) returns void language plpgsql as $$
declare
    one record;
begin
    for one in
        select receiver_id from receivers where home = _home and has_work order by receiver_id for update skip locked
    loop
        if not exists (
            select from deliveries where home = _home and receiver_id = one.receiver_id and state = 'waiting'
        ) then
            update receivers set has_work = false where home = _home and receiver_id = one.receiver_id;
        end if;
    end loop;
end
$$;

create or replace function settle_receivers() returns void language sql as $$
    select settle_receivers_of(home) from (select distinct home from receivers where has_work order by home) as homes
$$;

-- Has dead deliveries to a receiver (null: all of them) tried again for another day; answers how many. What comes of it is
-- told beside what waits: it is late already.
create or replace function replay_deliveries(_home bigint, _receiver_id text, _positions bigint[]) returns integer
language plpgsql as $$
declare
    begun timestamptz := clock_timestamp();
    replayed integer;
begin
    perform from receivers where home = _home and receiver_id = _receiver_id for update;
    update deliveries set
        state = 'waiting', leads = true, subject = position,
        due_at = begun, dies_at = begun + interval '1 day'
    where home = _home and receiver_id = _receiver_id and state = 'dead' and position > 0
        and (_positions is null or position = any (_positions));
    get diagnostics replayed = row_count;
    update receivers set has_work = true, suspended_until = '-infinity'
    where home = _home and receiver_id = _receiver_id and replayed > 0;
    return replayed;
end
$$;

-- Where a new receiver of a tenant begins in its log, and when (now, unless it is said); nothing where there are too many.
-- Holds back who asks at the same time.
create or replace function room_for_receiver(_home bigint, _most bigint, _at timestamptz) returns table ("position" bigint, at timestamptz)
language plpgsql as $$
#variable_conflict use_column
begin
    perform from tenants where home = _home for no key update;
    if (select count(*) from receivers where home = _home) < _most then
        return query select
            coalesce((select position from revocation_heads where home = _home), 0), coalesce(_at, statement_timestamp());
    end if;
end
$$;

-- Whose receivers have something to be told, of the nodes of a Citus cluster that are there.
create or replace function reachable_tenants_with_deliveries() returns setof bigint language sql as $$
    select home::bigint from of_reachable_shards('autional.receivers', 'select jsonb_agg(distinct home) from %s where has_work') as home
$$;
