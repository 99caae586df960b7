-- name: refresh_session
select * from refresh_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: token_standing
-- The one truth about an access token at $3, beside what it says itself: $1 its tenant, $2 its session (null: none),
-- $4 the tenant it acts in, $5 its id, $6 its user, $7 when it was issued, $8 its assurance level, $9 what stands for
-- the user after an erasure.
select
    not exists (select from blacklist where tenant_id = $1 and token_id = $5)
        and not exists (
            select from not_before
            where tenant_id = $1 and user_id in ('', $6, $9) and token_type = 'access' and not_before > $7::timestamptz
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
    refresh_tokens.issued_at, refresh_tokens.expires_at, sessions.expires_at as session_expires_at,
    coalesce((select access_expiry from jwt_configs where tenant_id = $1), interval '1 hour') as access_expiry,
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

-- name: reissue_tokens
select * from reissue_tokens($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::smallint, $15)

-- name: insert_access_token
insert into access_tokens (tenant_id, token_id, session_id, issued_at, expires_at)
select $1, $2, session_id, $4, $5 from sessions where tenant_id = $1 and session_id = $3

-- name: jwt_config
select access_expiry, refresh_expiry, leeway from jwt_configs where tenant_id = $1

-- name: put_jwt_config
insert into jwt_configs (tenant_id, access_expiry, refresh_expiry, leeway) values ($1, $2, $3, $4)
on conflict (tenant_id) do update set
    access_expiry = excluded.access_expiry, refresh_expiry = excluded.refresh_expiry, leeway = excluded.leeway

-- name: delete_jwt_config
delete from jwt_configs where tenant_id = $1

-- name: issued_tokens
-- A page of the tenant's tokens at $2, newest first: of a user $3, a type $4, a status $5, an id $6 (null: any).
with issued as (
    select token_id, 'access' as token_type, session_id, issued_at, expires_at, false as replaced
    from access_tokens where tenant_id = $1
    union all
    select token_id, 'refresh', session_id, issued_at, expires_at, consumed_at is not null
    from refresh_tokens where tenant_id = $1
),
judged as (
    select
        issued.token_id, issued.token_type, issued.session_id, issued.issued_at, issued.expires_at, user_id, ip, user_agent,
        case
            when state = 'revoked' or replaced or issued.token_id in (select token_id from blacklist where tenant_id = $1)
                or exists (
                    select from not_before
                    where tenant_id = $1 and user_id in ('', sessions.user_id) and not_before > issued.issued_at
                        and not_before.token_type = issued.token_type
                )
                then 'revoked'
            when issued.expires_at <= $2::timestamptz or ended_at is not null or idle_expires_at <= $2 then 'expired'
            else 'active'
        end as status
    from issued join sessions on sessions.tenant_id = $1 and sessions.session_id = issued.session_id
)
select *, count(*) over () as total from judged
where user_id = coalesce($3::text, user_id) and token_type = coalesce($4::text, token_type)
    and status = coalesce($5::text, status) and token_id = coalesce($6::text, token_id)
order by token_id desc
limit $7 offset $8

-- name: issued_token
-- One token of the tenant that is not over by its own time at $3.
select token_id, 'access' as token_type, user_id, access_tokens.expires_at
from access_tokens join sessions using (tenant_id, session_id)
where tenant_id = $1 and token_id = $2 and access_tokens.expires_at > $3
union all
select token_id, 'refresh', user_id, refresh_tokens.expires_at
from refresh_tokens join sessions using (tenant_id, session_id)
where tenant_id = $1 and token_id = $2 and refresh_tokens.expires_at > $3
