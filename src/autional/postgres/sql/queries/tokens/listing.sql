-- name: issued_tokens
-- A part of the tenant's tokens at $2, newest first, after $7 and $8 (null: from the start), and how many there are: of a
-- user $3, a type $4, a status $5, an id $6 (null: any).
with moment as (select coalesce($2::timestamptz, statement_timestamp()) as instant),
issued as (
    select token_id, 'access' as token_type, session_id, user_id, issued_at, expires_at, false as replaced,
        tenant_generation as of_tenant, session_generation as of_session, ancestors
    from access_tokens where home = $1
    union all
    select refresh_id, 'refresh', session_id, null, issued_at, expires_at,
        consumed_at is not null or revoked_at is not null, refresh_generation, null, null
    from token_pairs where home = $1
    union all
    select access_of(refresh_id), 'access', session_id, null, issued_at, access_expires_at, false, tenant_generation,
        session_generation, null
    from token_pairs where home = $1
),
with_status as (
    select
        issued.token_id, issued.token_type, issued.session_id, issued.issued_at, issued.expires_at,
        coalesce(sessions.user_id, issued.user_id) as user_id, ip, user_agent,
        case
            when state = 'revoked' or replaced or issued.token_id in (select token_id from blacklist where home = $1)
                or exists (select from blacklist where home = $1 and blacklist.token_id = any (ancestors))
                or of_tenant <> case issued.token_type
                    when 'access' then tenants.access_generation else tenants.refresh_generation
                end
                or of_session <> sessions.access_generation
                then 'revoked'
            when issued.expires_at <= instant or ended_at is not null or idle_expires_at <= instant then 'expired'
            else 'active'
        end as status
    from moment, tenants, issued
        left join sessions on sessions.home = $1 and sessions.session_id = issued.session_id
    where tenants.home = $1
),
matching as materialized (
    select token_id, token_type, session_id, issued_at, expires_at, user_id, ip, user_agent, status from with_status
    where user_id = coalesce($3::text, user_id) and token_type = coalesce($4::text, token_type)
        and status = coalesce($5::text, status) and token_id = coalesce($6::uuid, token_id)
),
part as (
    select * from matching
    where $7::timestamptz is null or (issued_at, token_id) < ($7, $8::uuid)
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
from access_tokens left join sessions using (home, session_id)
where home = $1 and token_id = $2
    and access_tokens.expires_at > coalesce($3::timestamptz, statement_timestamp()) - interval '65 seconds'
union all
select $2::uuid, case when is_refresh($2) then 'refresh' else 'access' end, user_id,
    case when is_refresh($2) then token_pairs.expires_at else access_expires_at end
from token_pairs join sessions using (home, session_id)
where home = $1 and refresh_id = refresh_of($2)
    and (is_refresh($2) or not access_token_is_over(access_expires_at, coalesce($3::timestamptz, statement_timestamp())))
