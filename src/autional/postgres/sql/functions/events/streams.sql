-- Has a stream of security events told about itself, in the order of the calls, at positions below those of events; nothing
-- where ten of these wait already.
create or replace function add_control(_home bigint, _receiver_id text, _control jsonb) returns void
language plpgsql as $$
declare
    place bigint := -4611686018427387904 + floor(extract(epoch from clock_timestamp()) * 1000000)::bigint;
begin
    perform from receivers where home = _home and receiver_id = _receiver_id for update;
    if (
        select count(*) from deliveries
        where home = _home and receiver_id = _receiver_id and state = 'waiting' and position < 0
    ) >= 10 then
        return;
    end if;
    insert into deliveries (home, receiver_id, position, subject, leads, event_at, due_at, dies_at, control)
    select
        _home, _receiver_id, place, -1, not exists (
            select from deliveries
            where home = _home and receiver_id = _receiver_id and state = 'waiting' and subject = -1
        ),
        clock_timestamp(), clock_timestamp(), clock_timestamp() + interval '1 day', _control
    from receivers where home = _home and receiver_id = _receiver_id;
    update receivers set has_work = true where home = _home and receiver_id = _receiver_id;
end
$$;

-- What a receiver that asks itself is to be told next: the first about each subject, so many at most; while it is paused,
-- of itself only.
create or replace function poll_deliveries(_home bigint, _receiver_id text, _most integer) returns table (
    home bigint, receiver_id text, "position" bigint, audience text, event_types text[], control jsonb, event revocations
) language plpgsql as $$
#variable_conflict use_column
begin
    return query
    with
    due as materialized (
        select delivery.home, delivery.receiver_id, delivery.position
        from deliveries as delivery join receivers using (home, receiver_id)
        where delivery.home = _home and delivery.receiver_id = _receiver_id and state = 'waiting' and leads
            and (status = 'enabled' or delivery.control is not null)
        order by due_at
        limit _most
        for update of delivery skip locked
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
    order by told.position;
end
$$;

-- Notes what such a receiver has got, at these positions: a null reason says that it took it, another one why it did not.
create or replace function acknowledge_deliveries(_home bigint, _receiver_id text, _positions bigint[], _reasons text[])
returns integer language plpgsql as $$
begin
    perform from receivers where home = _home and receiver_id = _receiver_id for update;
    return end_deliveries(
        _home, _receiver_id, _positions,
        array(
            select case when reason is null then 'delivered' else 'dead' end
            from unnest(_reasons) with ordinality as said (reason, place)
            order by place
        ),
        array(
            select coalesce(reason, 'acknowledged') from unnest(_reasons) with ordinality as said (reason, place)
            order by place
        )
    );
end
$$;
