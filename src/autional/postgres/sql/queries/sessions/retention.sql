-- name: tenants_with_overdue_sessions
-- Tenants in which at least one live session has been overdue since $1.
select tenant_id from tenants
where exists (
    select from sessions
    where sessions.home = tenants.home and state = 'live'
        and expiry_minute > 0 and expiry_minute <= minute_of($1::timestamptz) and idle_expires_at <= $1
)

-- name: overdue_sessions
-- How many live sessions, over all tenants, have been overdue since $1.
select coalesce(sum(overdue.sessions), 0)::bigint as sessions
from tenants, lateral (
    select count(*) as sessions from sessions
    where sessions.home = tenants.home and state = 'live'
        and expiry_minute > 0 and expiry_minute <= minute_of($1::timestamptz) and idle_expires_at <= $1
) as overdue

-- name: sweep_expired
-- of each bucket, added up
select sweep_expired($1, $2, $3) as done

-- name: tenants_with_ended_tokens
-- Tenants with sessions that ended before $1 and whose tokens may still be there.
select tenant_id from tenants
where exists (
    select from sessions
    where sessions.home = tenants.home and state = 'revoked' and ended_at > tokens_pruned_to and ended_at <= $1
) or exists (
    select from sessions
    where sessions.home = tenants.home and state = 'expired' and ended_at > tokens_pruned_to and ended_at <= $1
)

-- name: prune_ended_tokens
-- of each bucket, added up
select prune_ended_tokens($1, $2, $3) as done

-- name: tenants_with_unused_user_agents
select distinct tenant_id from tenants join user_agents using (home)
where not exists (
    select from sessions where sessions.home = user_agents.home and sessions.user_agent_id = user_agents.user_agent_id
)

-- name: prune_user_agents
-- of each bucket, added up
select prune_user_agents($1, $2) as done

-- name: prune_revocations
-- of each bucket, added up
select prune_revocations($1, $2, $3) as done

-- name: retention
-- of the tenant
select keep_ended from retentions where home = $1

-- name: put_retention
-- of each bucket
insert into retentions (home, keep_ended) values ($1, $2)
on conflict (home) do update set keep_ended = excluded.keep_ended

-- name: delete_retention
-- of each bucket
delete from retentions where home = $1

-- name: sessions_kept_too_long
-- The tenants with sessions in a state that ended before the instant since which they are kept: by default $2 before
-- now, $1.
select tenant_id, state, keep_since
from (
    select home, tenant_id, $1::timestamptz - coalesce(keep_ended, $2::interval) as keep_since
    from tenants left join retentions using (home)
) as kept, unnest(array['expired', 'revoked']) as state
where exists (
    select from sessions
    where sessions.home = kept.home and sessions.state = state.state
        and ended_at is not null and ended_at <= keep_since
)

-- name: revocations_kept_too_long
-- The tenants with revocations from before the instant since which they are kept: by default $2 before now, $1.
select tenant_id, keep_since
from (
    select home, tenant_id, $1::timestamptz - coalesce(keep_ended, $2::interval) as keep_since
    from tenants left join retentions using (home)
) as kept
where exists (select from revocations where revocations.home = kept.home and at <= keep_since)

-- name: purge_ended
-- of each bucket, added up
select purge_ended($1, $2, $3, $4) as done
