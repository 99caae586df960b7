-- Sessions as they are shown: with the text of their user agents. It comes first, so that sessions can get more columns.
create or replace view session_rows as
select user_agent, sessions.* from sessions left join user_agents using (home, user_agent_id);

-- Forgets user agents that no session has, a batch at a time. Nobody signs in meanwhile, since a login relies on the one
-- that is there. Answers how many there were to forget.
create or replace function prune_user_agents(_home bigint, _batch integer) returns integer language plpgsql as $$
declare
    unused bigint[] := array(
        select user_agent_id from user_agents
        where home = _home and not exists (
            select from sessions where sessions.home = _home and sessions.user_agent_id = user_agents.user_agent_id
        )
        limit _batch
    );
begin
    if unused <> '{}' then
        perform take_gate(tenant_gate(_home), true);
        delete from user_agents
        where home = _home and user_agent_id = any (unused) and not exists (
            select from sessions where sessions.home = _home and sessions.user_agent_id = user_agents.user_agent_id
        );
    end if;
    return cardinality(unused);
end
$$;
