-- name: token_status
-- batched
-- What the database says of an access token at $3: $1 its tenant, $2 its session (null: none), $4 the tenant it acts in,
-- $5 its id and those of the tokens that it was exchanged from (with commas between: groups know no arrays), $6 and $7 the generations of its tenant and session, $8
-- its assurance level. A token of no session must be on record.
select
    not exists (select from blacklist where tenant_id = $1 and token_id = any (string_to_array($5::text, ',')))
        and coalesce(home.access_generation = $6::integer, false)
        and case when $2::text is null
            then exists (
                select from access_tokens where tenant_id = $1 and token_id = split_part($5::text, ',', 1) and session_id is null
            )
            else coalesce(
                ended_at is null and idle_expires_at > coalesce($3::timestamptz, statement_timestamp())
                and aal <= $8::smallint and sessions.access_generation = $7::integer, false
            )
        end as is_valid,
    coalesce(home.disabled_at is null and home.tenant_id is not null, false)
        and ($4 = $1 or exists (select from tenants where tenant_id = $4 and disabled_at is null)) as tenants_enabled,
    coalesce((select extract(epoch from leeway)::int from jwt_configs where tenant_id = $1), 5) as leeway,
    device_fingerprint,
    coalesce($3::timestamptz, statement_timestamp()) as seen_at
from (values (true)) as always
    left join sessions on tenant_id = $1 and session_id = $2
    left join tenants as home on home.tenant_id = $1

-- name: refresh_token
-- batched
-- A refresh token $2 of the session $3 of the tenant, and whether it can still be used at $4.
select
    user_id, role, app_id, amr, aal, sessions.session_id, sessions.created_at,
    token.issued_at, token.expires_at,
    ended_at is null and idle_expires_at > coalesce($4::timestamptz, statement_timestamp())
        and exists (
            select from tenants
            where tenant_id = $1 and disabled_at is null
                and refresh_token_is_valid(
                    token, tenants.refresh_generation, coalesce($4::timestamptz, statement_timestamp())
                )
        ) as is_valid
from refresh_tokens as token join sessions using (tenant_id, session_id)
where tenant_id = $1 and token_id = $2 and session_id = $3
