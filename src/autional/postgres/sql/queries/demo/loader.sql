-- name: analyze_sessions
analyze sessions, token_pairs

-- name: note_user_agents
insert into user_agents (home, user_agent_id, user_agent)
select $1, user_agent_id, user_agent from unnest($2::bigint[], $3::text[]) as agent (user_agent_id, user_agent)
order by user_agent_id
on conflict do nothing

-- name: token_rules
-- of the tenant
select * from token_rules where home = $1
