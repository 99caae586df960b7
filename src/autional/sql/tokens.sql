-- name: refresh_session
select judged.*, outcome = 'busy' as busy
from refresh_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as judged

-- name: token_standing
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
        end as good,
    coalesce(home.disabled_at is null and home.tenant_id is not null, false)
        and ($4 = $1 or exists (select from tenants where tenant_id = $4 and disabled_at is null)) as tenants_enabled,
    coalesce((select extract(epoch from leeway)::int from jwt_configs where tenant_id = $1), 5) as leeway,
    device_fingerprint,
    coalesce($3::timestamptz, statement_timestamp()) as seen_at
from (values (true)) as always
    left join sessions on tenant_id = $1 and session_id = $2
    left join tenants as home on home.tenant_id = $1

-- name: refresh_token
-- A refresh token $2 of the session $3 of the tenant, and whether it can still be used at $4.
select
    user_id, role, app_id, amr, aal, sessions.session_id, sessions.created_at,
    token.issued_at, token.expires_at,
    ended_at is null and idle_expires_at > coalesce($4::timestamptz, statement_timestamp())
        and exists (
            select from tenants
            where tenant_id = $1 and disabled_at is null
                and refresh_token_is_good(
                    token, tenants.refresh_generation, coalesce($4::timestamptz, statement_timestamp())
                )
        ) as good
from refresh_tokens as token join sessions using (tenant_id, session_id)
where tenant_id = $1 and token_id = $2 and session_id = $3

-- name: reissue_tokens
select * from reissue_tokens($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::smallint, $12)

-- name: exchange_token
select * from exchange_token($1, $2, $3, $4, $5, $6, $7::smallint, $8, $9, $10, $11, $12, $13)

-- name: record_operator_token
-- No row when the tenant is unknown or disabled.
select * from record_operator_token($1, $2, $3, $4, $5, $6)

-- name: jwt_config
select access_expiry, refresh_expiry, leeway from jwt_configs where tenant_id = $1

-- name: put_jwt_config
insert into jwt_configs (tenant_id, access_expiry, refresh_expiry, leeway) values ($1, $2, $3, $4)
on conflict (tenant_id) do update set
    access_expiry = excluded.access_expiry, refresh_expiry = excluded.refresh_expiry, leeway = excluded.leeway

-- name: delete_jwt_config
delete from jwt_configs where tenant_id = $1

-- name: issued_tokens
-- A part of the tenant's tokens at $2, newest first, after $7 and $8 (null: from the start), and how many there are: of a
-- user $3, a type $4, a status $5, an id $6 (null: any).
with moment as (select coalesce($2::timestamptz, statement_timestamp()) as instant),
issued as (
    select token_id, 'access' as token_type, session_id, user_id, issued_at, expires_at, false as replaced,
        tenant_generation as of_tenant, session_generation as of_session, ancestors
    from access_tokens where tenant_id = $1
    union all
    select token_id, 'refresh', session_id, null, issued_at, expires_at,
        consumed_at is not null or revoked_at is not null, generation, null, null
    from refresh_tokens where tenant_id = $1
),
judged as (
    select
        issued.token_id, issued.token_type, issued.session_id, issued.issued_at, issued.expires_at,
        coalesce(sessions.user_id, issued.user_id) as user_id, ip, user_agent,
        case
            when state = 'revoked' or replaced or issued.token_id in (select token_id from blacklist where tenant_id = $1)
                or exists (select from blacklist where tenant_id = $1 and blacklist.token_id = any (ancestors))
                or of_tenant <> case issued.token_type
                    when 'access' then tenants.access_generation else tenants.refresh_generation
                end
                or of_session <> sessions.access_generation
                then 'revoked'
            when issued.expires_at <= instant or ended_at is not null or idle_expires_at <= instant then 'expired'
            else 'active'
        end as status
    from moment, tenants, issued
        left join sessions on sessions.tenant_id = $1 and sessions.session_id = issued.session_id
    where tenants.tenant_id = $1
),
matching as materialized (
    select token_id, token_type, session_id, issued_at, expires_at, user_id, ip, user_agent, status from judged
    where user_id = coalesce($3::text, user_id) and token_type = coalesce($4::text, token_type)
        and status = coalesce($5::text, status) and token_id = coalesce($6::text, token_id)
),
part as (
    select * from matching
    where $7::timestamptz is null or (issued_at, token_id) < ($7, $8::text)
    order by issued_at desc, token_id desc
    limit $9 offset $10
)
select part.*, counted.total
from (select count(*) as total from matching) as counted left join part on true
order by issued_at desc, token_id desc

-- name: issued_token
-- One token of the tenant that some check could still accept at $3.
select token_id, 'access' as token_type, coalesce(sessions.user_id, access_tokens.user_id) as user_id,
    access_tokens.expires_at
from access_tokens left join sessions using (tenant_id, session_id)
where tenant_id = $1 and token_id = $2
    and access_tokens.expires_at > coalesce($3::timestamptz, statement_timestamp()) - interval '65 seconds'
union all
select token_id, 'refresh', user_id, refresh_tokens.expires_at
from refresh_tokens join sessions using (tenant_id, session_id)
where tenant_id = $1 and token_id = $2
