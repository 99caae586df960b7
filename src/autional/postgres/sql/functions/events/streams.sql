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

-- Takes what a receiver that asks itself is to be told next: the first about each subject, so many at most; while it is
-- paused, of itself only.
create or replace function take_deliveries(_home bigint, _receiver_id text, _most integer) returns bigint[] language plpgsql as $$
declare
    begun timestamptz := clock_timestamp();
    is_enabled boolean := (select status = 'enabled' from receivers where home = _home and receiver_id = _receiver_id);
    places bigint[] := array(
        select position from deliveries
        where home = _home and receiver_id = _receiver_id and state = 'waiting' and leads
            and (is_enabled or control is not null)
        order by due_at
        limit _most
        for update skip locked
    );
begin
    update deliveries set attempts = attempts + 1, attempted_at = begun
    where home = _home and receiver_id = _receiver_id and position = any (places);
    return places;
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
