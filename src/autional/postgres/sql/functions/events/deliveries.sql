-- Whether the API key that made a stream may still act in a tenant; what an administrator added has no owner.
create or replace function owner_is_valid(_home bigint, _key_id text) returns boolean language sql stable as $$
    select _key_id is null or exists (
        select from api_keys join tenants on home = _home
        where api_key_id = _key_id and revoked_at is null and (tenant_ids is null or tenant_id = any (tenant_ids))
    )
$$;

-- Whom an event is about, so that what is about the same is told in order.
create or replace function subject_hash(_kind text, _subject_id uuid, _user_id text) returns bigint
language sql immutable parallel safe as $$
    select hashtextextended(coalesce(_user_id, _subject_id::text, _kind), 0)
$$;

-- Writes down what receivers are to be told of rows of the log of a tenant, between two positions.
create or replace function add_deliveries(_home bigint, _first bigint, _last bigint) returns void language plpgsql as $$
begin
    with
    told as (
        insert into deliveries (home, receiver_id, position, subject, event_at, due_at, dies_at)
        select
            _home, receiver_id, event.position, subject_hash(kind, event.subject_id, event.user_id), at, clock_timestamp(),
            clock_timestamp() + interval '1 day'
        from receivers join revocations as event on event.home = _home and event.position between _first and _last
            and kind = any (kinds)
        where receivers.home = _home and status <> 'disabled' and owner_is_valid(_home, owner_key)
            and not exists (
                select from stream_exclusions as excluded
                where excluded.home = _home and excluded.receiver_id = receivers.receiver_id
                    and user_sha256 = sha256(convert_to(event.user_id, 'UTF8'))
            )
            and (receivers.app_id is null or kind <> 'session' or receivers.app_id = (
                select sessions.app_id from sessions where home = _home and session_id = event.subject_id
            ))
        on conflict do nothing
        returning receiver_id
    )
    update receivers set told_to = _last, has_work = true
    where home = _home and receiver_id in (select receiver_id from told);
end
$$;

-- Claims what is due for receivers that are not suspended, in order within a subject, for as long as a lease: so many at
-- most in all, of each tenant and of each receiver; of one that failed, one only. The receivers come at random, so that none
-- is always the last; those of tenants and the receivers that are busy already are left out.
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
        select receivers.home, receivers.receiver_id, case when failures > 0 then 1 else _of_each end as most
        from receivers
        where has_work and status = 'enabled' and url is not null and suspended_until <= clock_timestamp()
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
                and state = 'waiting' and due_at <= clock_timestamp()
                and not exists (
                    select from deliveries as earlier
                    where earlier.home = asked.home and earlier.receiver_id = asked.receiver_id
                        and earlier.subject = delivery.subject and earlier.position < delivery.position
                        and earlier.state = 'waiting'
                )
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

-- Writes down how attempts went: delivered; failed, to be tried again within a day; refused, which no
-- repetition would change. A receiver that only failed is suspended, each time in a row for longer.
create or replace function finish_deliveries(_outcomes jsonb) returns void language sql as $$
    with
    outcome as materialized (
        select * from jsonb_to_recordset(_outcomes)
            as outcome (home bigint, receiver_id text, "position" bigint, result text, answer text)
    ),
    finished as (
        update deliveries set
            state = case
                when result = 'delivered' then 'delivered'
                when result = 'refused' or clock_timestamp() > dies_at then 'dead'
                else 'waiting'
            end,
            lag = case when result = 'delivered' then extract(epoch from clock_timestamp() - event_at) end,
            answer = outcome.answer,
            due_at = case
                when result = 'failed'
                then clock_timestamp() + make_interval(secs => least(3600, 2 ^ least(attempts, 12)) * (0.5 + random()))
                else due_at
            end
        from outcome
        where deliveries.home = outcome.home and deliveries.receiver_id = outcome.receiver_id
            and deliveries.position = outcome.position and deliveries.state = 'waiting'
    ),
    answered as (
        select home, receiver_id, bool_or(result <> 'failed') as answers from outcome
        group by home, receiver_id
        order by home, receiver_id
    )
    update receivers set
        failures = case when answers then 0 else failures + 1 end,
        suspended_until = case
            when answers then '-infinity' else clock_timestamp() + make_interval(secs => least(300, 2 ^ least(failures, 9)))
        end
    from answered
    where receivers.home = answered.home and receivers.receiver_id = answered.receiver_id
        and (failures > 0 or not answers)
$$;

-- Notes which receivers have nothing left to be told. Who is writing down more for one holds its row or waits for it.
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

-- Has dead deliveries of a receiver (null: all positions) tried again; answers how many.
create or replace function replay_deliveries(_home bigint, _receiver_id text, _positions bigint[]) returns integer
language sql as $$
    with replayed as (
        update deliveries set state = 'waiting', due_at = clock_timestamp(), dies_at = clock_timestamp() + interval '1 day', attempts = 0
        where home = _home and receiver_id = _receiver_id and state = 'dead'
            and (_positions is null or position = any (_positions))
        returning position
    ),
    told as (
        update receivers set has_work = true, suspended_until = '-infinity'
        where home = _home and receiver_id = _receiver_id and exists (select from replayed)
    )
    select count(*)::integer from replayed
$$;
