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
