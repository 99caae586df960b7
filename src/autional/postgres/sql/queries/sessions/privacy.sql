-- name: begin_erasure
select begin_erasure($1, $2, $3, $4, $5) as sessions

-- name: erasures_to_claim
-- Users to be forgotten on whom nobody works, the longest waiting first.
select home, user_id from erasures where leased_until <= statement_timestamp() order by requested_at limit 5

-- name: reachable_erasures_to_claim
select home, user_id from reachable_erasures_to_claim()

-- name: claim_erasure
-- A row when nobody else was faster.
update erasures set leased_until = statement_timestamp() + $3::interval
where home = $1 and user_id = $2 and leased_until <= statement_timestamp()
returning home, user_id

-- name: advance_erasure
select advance_erasure($1, $2, $3, $4) as has_more

-- name: erasure_to_finish
-- Of a user who has been forgotten in its own tenant.
select tenant_id, user_id, subject, request_id, requested_at from erasures join tenants using (home)
where home = $1 and user_id = $2 and forgotten and pruned

-- name: homes_with_foreign_user
-- Of other tenants in which a user of a tenant did something.
select distinct home from audit_values where foreign_tenant = $1 and foreign_user = $2 order by home

-- name: forget_foreign_user
select forget_foreign_user($1, $2, $3, $4, $5, $6)

-- name: finish_erasure
select finish_erasure($1, $2, $3)

-- name: stored_about_user
-- Every row that is about a user, by its table, of each the newest $3; of secrets and their hashes nothing.
with own as materialized (
    select session_id from sessions where home = $1 and user_id = $2
    order by created_at desc, session_id desc
    limit $3
),
held as (
    (select 'sessions' as kind, to_jsonb(sessions) - 'user_agent_id' as record
        from own join session_rows as sessions using (session_id) where home = $1)
    union all
    (
        select 'token_pairs', to_jsonb(token_pairs) - 'consumed_under'
        from own join token_pairs using (session_id) where home = $1
        limit $3
    )
    union all
    (
        select 'access_tokens', to_jsonb(access_tokens)
        from own join access_tokens using (session_id) where home = $1
        limit $3
    )
    union all
    (
        select 'session_usage', to_jsonb(session_usage)
        from own join session_usage using (session_id) where home = $1
        limit $3
    )
    union all
    (
        select 'trusted_devices', to_jsonb(trusted_devices)
        from trusted_devices where home = $1 and user_id = $2
        limit $3
    )
    union all
    (select 'blacklist', to_jsonb(blacklist) from blacklist where home = $1 and user_id = $2 limit $3)
    union all
    (
        select 'access_tokens', to_jsonb(access_tokens)
        from access_tokens where home = $1 and user_id = $2 and session_id is null
        limit $3
    )
    union all
    (
        select 'revocations', to_jsonb(revocations) - '{by_user,by_tenant,by_key}'::text[]
        from revocations where home = $1 and user_id = $2
        limit $3
    )
    union all
    select 'audit_entries', jsonb_build_object('sequence', sequence, 'at', at, 'action', action, 'values', own_values)
    from (
        select sequence, jsonb_object_agg(array_to_string(path, '.'), value) as own_values
        from audit_values where home = $1 and user_id = $2
        group by sequence
        order by sequence desc
        limit $3
    ) as mentioned join audit_entries using (sequence)
    where audit_entries.home = $1
)
select kind, jsonb_agg(record) as records from held group by kind
