-- Has a stream of security events told about itself, before any event that waits: answers the position.
create or replace function add_control(_home bigint, _receiver_id text, _control jsonb) returns bigint
language plpgsql as $$
declare
    place bigint;
begin
    perform from receivers where home = _home and receiver_id = _receiver_id for update;
    if not found then
        return null;
    end if;
    place := coalesce(
        (select position from deliveries where home = _home and receiver_id = _receiver_id order by position limit 1), 0
    );
    place := least(place, 0) - 1;
    insert into deliveries (home, receiver_id, position, subject, event_at, due_at, dies_at, control)
    values (
        _home, _receiver_id, place, place, clock_timestamp(), clock_timestamp(), clock_timestamp() + interval '1 day', _control
    );
    update receivers set has_work = true where home = _home and receiver_id = _receiver_id;
    return place;
end
$$;

-- What a receiver that asks itself is to be told next: the first of each subject, so many at most.
create or replace function poll_deliveries(_home bigint, _receiver_id text, _most integer) returns table (
    home bigint, receiver_id text, "position" bigint, audience text, event_types text[], control jsonb, event revocations
) language plpgsql as $$
#variable_conflict use_column
begin
    return query
    with
    due as materialized (
        select delivery.home, delivery.receiver_id, delivery.position
        from deliveries as delivery
        where delivery.home = _home and delivery.receiver_id = _receiver_id and state = 'waiting'
            and not exists (
                select from deliveries as earlier
                where earlier.home = _home and earlier.receiver_id = _receiver_id
                    and earlier.subject = delivery.subject and earlier.position < delivery.position
                    and earlier.state = 'waiting'
            )
        order by due_at
        limit _most
        for update skip locked
    ),
    told as (
        update deliveries set attempts = attempts + 1, attempted_at = clock_timestamp()
        from due
        where deliveries.home = due.home and deliveries.receiver_id = due.receiver_id
            and deliveries.position = due.position
        returning deliveries.home, deliveries.receiver_id, deliveries.position, deliveries.control
    )
    select home, receiver_id, told.position, audience, event_types, told.control, revocations
    from told join receivers using (home, receiver_id) left join revocations using (home, position)
    where status = 'enabled'
    order by told.position;
end
$$;

-- Notes what such a receiver has got, at these positions: a null reason says that it took it, another one why it did not.
create or replace function acknowledge_deliveries(_home bigint, _receiver_id text, _positions bigint[], _reasons text[])
returns integer language sql as $$
    with
    acknowledged as (
        update deliveries set
            state = case when reason is null then 'delivered' else 'dead' end,
            lag = case when reason is null then extract(epoch from clock_timestamp() - event_at) end,
            answer = coalesce(reason, 'acknowledged')
        from unnest(_positions, _reasons) as said (place, reason)
        where home = _home and receiver_id = _receiver_id and position = place and state = 'waiting'
        returning position
    )
    select count(*)::integer from acknowledged
$$;
