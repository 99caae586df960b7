-- What a query answers about each shard of a table that is on this node of a Citus cluster, as one array: the query has
-- %s for the table, and answers an array or null.
create or replace function of_shards_here(_table regclass, _query text) returns jsonb language plpgsql as $$
declare
    shard text;
    answer jsonb;
    answers jsonb := '[]';
begin
    for shard in
        select shard_name(logicalrelid, shardid)
        from pg_dist_shard join pg_dist_placement using (shardid) join pg_dist_local_group using (groupid)
        where logicalrelid = _table
    loop
        execute format(_query, shard) into answer;
        answers := answers || coalesce(answer, '[]');
    end loop;
    return answers;
end
$$;

-- The same of all nodes that are there, value by value. Each is asked once, and who is silent for a second is not there.
create or replace function of_reachable_shards(_table regclass, _query text) returns setof jsonb language plpgsql as $$
begin
    return query select jsonb_array_elements(case when success then nullif(answers, '')::jsonb end)
    from (
        select success, result as answers
        from run_command_on_workers(format('select autional.of_shards_here(%L, %L)', 'autional.' || _table, _query))
        union all
        select true, of_shards_here(_table, _query)::text
    ) as answer;
end
$$;
