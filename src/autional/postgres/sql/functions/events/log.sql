-- Gives rows of the revocation log their positions, a batch at a time, and says which tenants they are of; null where
-- another process does. Ordered by transaction ids below the oldest one that still runs, so nothing comes later before
-- what was placed, and what was answered before another act began stands before it.
create or replace function place_revocations(_batch integer) returns bigint[] language plpgsql as $$
declare
    homes bigint[];
begin
    if not pg_try_advisory_xact_lock(hashtextextended('autional revocation log', 0)) then
        return null;
    end if;
    with
    oldest as materialized ( -- locked, so that none of them is removed before it is counted
        select home, revocation_id, transaction_id from revocations
        where position is null and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
        order by transaction_id, revocation_id
        limit _batch
        for update
    ),
    ready as materialized (
        select home, revocation_id, row_number() over (partition by home order by transaction_id, revocation_id) as place
        from oldest
    ),
    counted as (select home, max(place) as added from ready group by home),
    heads as (
        insert into revocation_heads (home, position)
        select home, added from counted order by home
        on conflict (home) do update set position = revocation_heads.position + excluded.position
        returning home, position
    ),
    numbered as (
        update revocations set position = heads.position - added + place
        from ready join counted using (home) join heads using (home)
        where revocations.home = ready.home and revocations.revocation_id = ready.revocation_id
        returning revocations.home
    )
    select coalesce(array_agg(distinct home), '{}') into homes from numbered;
    if cardinality(homes) > 0 then -- a payload has 8,000 bytes
        perform pg_notify('autional_revocations', case when cardinality(homes) <= 300 then array_to_string(homes, ',') else '' end);
    end if;
    return homes;
end
$$;

-- The same for one tenant, where each has its node and transaction ids are those of a node: of a tenant that was moved from
-- another node meanwhile a row is placed after a minute, when no transaction of before can be open. Answers how many.
create or replace function place_revocations_of(_home bigint, _batch integer) returns integer language plpgsql as $$
declare
    ready bigint[];
    last_position bigint;
    oldest_open xid8;
    settled timestamptz;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('autional revocation log ' || _home, 0)) then
        return 0;
    end if;
    oldest_open := pg_snapshot_xmin(pg_current_snapshot());
    settled := clock_timestamp() - interval '1 minute';
    ready := array(
        select revocation_id from revocations
        where home = _home and position is null and (transaction_id < oldest_open or at < settled)
        order by transaction_id, revocation_id
        limit _batch
        for update
    );
    if cardinality(ready) = 0 then
        return 0;
    end if;
    insert into revocation_heads as head (home, position) values (_home, cardinality(ready))
    on conflict (home) do update set position = head.position + excluded.position
    returning position into last_position;
    update revocations set position = last_position - cardinality(ready) + array_position(ready, revocation_id)
    where home = _home and revocation_id = any (ready);
    return cardinality(ready);
end
$$;

-- Whose rows wait for a position, of the nodes of a Citus cluster that are there.
create or replace function reachable_tenants_with_unplaced_revocations() returns setof bigint language sql as $$
    select home::bigint from of_reachable_shards(
        'autional.revocations', 'select jsonb_agg(distinct home) from %s where position is null'
    ) as home
$$;

-- For how many seconds the oldest row of those nodes waits for its position.
create or replace function reachable_log_progress() returns float language sql as $$
    select coalesce(extract(epoch from clock_timestamp() - min((at #>> '{}')::timestamptz)), 0)::float
    from of_reachable_shards(
        'autional.revocations', 'select jsonb_agg(at) from (select min(at) as at from %s where position is null having count(*) > 0) as oldest'
    ) as at
$$;
