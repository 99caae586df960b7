-- name: refresh_session
select * from refresh_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: token_standing
-- The one truth about an access token at $3, beside what it says itself: $1 its tenant, $2 its session (null: none),
-- $4 the tenant it acts in, $5 its id, $6 its user, $7 when it was issued, $8 its assurance level.
select
    not exists (select from blacklist where tenant_id = $1 and token_id = $5)
        and not exists (
            select from not_before
            where tenant_id = $1 and user_id in ('', $6) and token_type = 'access' and not_before > $7::timestamptz
        )
        and ($2::text is null or coalesce(
            ended_at is null and idle_expires_at > $3::timestamptz and aal <= $8::smallint, false
        )) as good,
    exists (select from tenants where tenant_id = $1 and disabled_at is null)
        and exists (select from tenants where tenant_id = $4 and disabled_at is null) as tenants_enabled,
    coalesce((select extract(epoch from leeway)::int from jwt_configs where tenant_id = $1), 0) as leeway,
    device_fingerprint
from (values (true)) as always left join sessions on tenant_id = $1 and session_id = $2

-- name: refresh_token
-- A refresh token of the tenant with its session, and whether it can still be used at $4.
select
    user_id, role, app_id, amr, aal, sessions.session_id, sessions.created_at,
    refresh_tokens.issued_at, refresh_tokens.expires_at, secret_sha256,
    consumed_at is null and refresh_tokens.expires_at > $4::timestamptz and ended_at is null and idle_expires_at > $4
        and not exists (select from blacklist where tenant_id = $1 and token_id = $2)
        and not exists (
            select from not_before
            where tenant_id = $1 and user_id in ('', sessions.user_id) and token_type = 'refresh'
                and not_before > refresh_tokens.issued_at
        )
        and exists (select from tenants where tenant_id = $1 and disabled_at is null) as good
from refresh_tokens join sessions using (tenant_id, session_id)
where tenant_id = $1 and token_id = $2 and secret_sha256 = $3
