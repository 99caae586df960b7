-- Sessions as they are shown: with the text of their user agents.
create or replace view session_rows as
select sessions.*, user_agent from sessions left join user_agents using (home, user_agent_id);

-- Forgets user agents that no session has any more. Nobody signs in meanwhile, since a login relies on the one that is
-- there.
create or replace function prune_user_agents(_home bigint) returns void language plpgsql as $$
declare
    unused bigint[] := array(
        select user_agent_id from user_agents
        where home = _home and not exists (
            select from sessions where sessions.home = _home and sessions.user_agent_id = user_agents.user_agent_id
        )
    );
begin
    if unused = '{}' then
        return;
    end if;
    perform take_gate(tenant_gate(_home), true);
    delete from user_agents
    where home = _home and user_agent_id = any (unused) and not exists (
        select from sessions where sessions.home = _home and sessions.user_agent_id = user_agents.user_agent_id
    );
end
$$;
