-- name: token_status
-- set
-- of the session $2, else the token $5
-- What the database says of access tokens, each of a session or of none: `ancestors` are the tokens that it was exchanged
-- from (with commas between), generations those of its tenant and session. A token of no session must be on record.
select
    turn,
    blacklisted.token_id is null
        and coalesce(tenants.access_generation = call.tenant_generation, false)
        and case when call.session_id is null
            then exists (
                select from access_tokens as token
                where token.home = call.home and token.token_id = call.token_id
                    and token.session_id is null
            )
            else coalesce(
                ended_at is null and idle_expires_at > coalesce(call.at, statement_timestamp())
                and aal <= call.level and sessions.access_generation = call.session_generation, false
            )
        end as is_valid,
    coalesce(tenants.disabled_at is null and tenants.home is not null, false)
        and (call.acts_in = call.home or exists ( -- not on Citus
            select from tenants as other where other.home in (call.acts_in, call.acts_in + 1) and disabled_at is null -- not on Citus
        )) -- not on Citus
        as tenants_enabled,
    coalesce(leeway_seconds, 5) as leeway,
    device_fingerprint,
    coalesce(act is not null, false) as is_agents,
    coalesce(call.at, statement_timestamp()) as seen_at
from unnest(
    $1::bigint[], $2::uuid[], $3::timestamptz[], $4::bigint[], $5::uuid[], $6::text[], $7::integer[], $8::integer[], $9::smallint[]
) with ordinality as call (
    home, session_id, at, acts_in, token_id, ancestors, tenant_generation, session_generation, level, turn
)
    left join tenants on tenants.home = call.home
    left join sessions on sessions.home = call.home and sessions.session_id = call.session_id
    left join lateral (
        select extract(epoch from leeway)::integer as leeway_seconds from jwt_configs where home = call.home
    ) as config on true
    left join lateral (
        select token_id from blacklist
        where home = call.home and token_id = any (call.token_id || string_to_array(call.ancestors, ',')::uuid[]) limit 1
    ) as blacklisted on true

-- name: refresh_token
-- set
-- of the session $3
-- Refresh tokens of sessions, and whether each can still be used.
select
    turn,
    user_id, role, app_id, amr, aal, sessions.session_id, coalesce(authenticated_at, sessions.created_at) as created_at, act,
    token.issued_at, token.expires_at,
    ended_at is null and idle_expires_at > coalesce(call.at, statement_timestamp())
        and exists (
            select from tenants
            where home = call.home and disabled_at is null
                and token.consumed_at is null and token.revoked_at is null
                and token.expires_at > coalesce(call.at, statement_timestamp())
                and token.refresh_generation = tenants.refresh_generation
                and not exists (select from blacklist where home = call.home and blacklist.token_id = token.refresh_id)
        ) as is_valid
from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::timestamptz[])
    with ordinality as call (home, token_id, session_id, at, turn)
    join token_pairs as token
        on token.home = call.home and token.refresh_id = call.token_id and token.session_id = call.session_id
    join sessions on sessions.home = call.home and sessions.session_id = call.session_id
