-- Gives rows of the revocation log their positions, a batch at a time, and says which tenants they are of; null where
-- another process does. Ordered by transaction ids below the oldest one that still runs, so nothing comes later before
-- what was placed, and what was answered before another act began stands before it.
create or replace function place_revocations(_batch integer) returns bigint[] language plpgsql as $$
declare
    homes bigint[];
    firsts bigint[];
    lasts bigint[];
begin
    if not pg_try_advisory_xact_lock(hashtextextended('autional revocation log', 0)) then
        return null;
    end if;
    with
    ready as materialized (
        select home, revocation_id, row_number() over (partition by home order by transaction_id, revocation_id) as place
        from (
            select home, revocation_id, transaction_id from revocations
            where position is null and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
            order by transaction_id, revocation_id
            limit _batch
        ) as oldest
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
    select array_agg(home), array_agg(position - added + 1), array_agg(position) into homes, firsts, lasts
    from heads join counted using (home)
    where exists (select from numbered);
    if homes is null then
        return '{}';
    end if;
    perform add_deliveries(home, first, last)
    from unnest(homes, firsts, lasts) as placed (home, first, last)
    where exists (select from receivers where receivers.home = placed.home)
    order by home;
    -- a payload has 8,000 bytes
    perform pg_notify('autional_revocations', case when cardinality(homes) <= 300 then array_to_string(homes, ',') else '' end);
    return homes;
end
$$;
