-- name: issued_tokens
-- of the user $12, else the token $11
-- A part of the tenant's tokens at $2, newest first, after $6 and $7 (null: from the start), $8 of them after skipping $9:
-- of a type $4, a status $5, a user $12, the one named $11 (null: any), with how many there are from there on. Of pairs and
-- of tokens that were issued alone it looks at no more than $10 each, down to `seen_at` and `seen_id`, null: to the end;
-- or, by their sessions, at all those of the user $3. One row at least.
with moment as (select coalesce($2::timestamptz, statement_timestamp()) as instant),
pairs as materialized (
    (
        select refresh_id, session_id, issued_at, expires_at, access_expires_at, tenant_generation, session_generation,
            refresh_generation, consumed_at is not null or revoked_at is not null as replaced
        from token_pairs
        where $3::text is null and $11::uuid is null and home = $1 and (issued_at, refresh_id) <= (
            coalesce($6::timestamptz, 'infinity'), coalesce(refresh_of($7::uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
        order by issued_at desc, refresh_id desc
        limit $10
    )
    union all
    select refresh_id, session_id, issued_at, expires_at, access_expires_at, tenant_generation, session_generation,
        refresh_generation, consumed_at is not null or revoked_at is not null
    from (
        select session_id from sessions where home = $1 and user_id = $3
    ) as own join token_pairs using (session_id)
    where home = $1
    union all
    select refresh_id, session_id, issued_at, expires_at, access_expires_at, tenant_generation, session_generation,
        refresh_generation, consumed_at is not null or revoked_at is not null
    from token_pairs where home = $1 and refresh_id = refresh_of($11)
),
alone as materialized (
    (
        select token_id, session_id, user_id, issued_at, expires_at, tenant_generation, session_generation, ancestors
        from access_tokens
        where $3 is null and $11 is null and $4::text is distinct from 'refresh' and home = $1 and (issued_at, token_id) <= (
            coalesce($6, 'infinity'), coalesce($7, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
        order by issued_at desc, token_id desc
        limit $10
    )
    union all
    select token_id, session_id, $3, issued_at, expires_at, tenant_generation, session_generation, ancestors
    from (select session_id from sessions where home = $1 and user_id = $3) as own join access_tokens using (session_id)
    where home = $1 and $4 is distinct from 'refresh'
    union all
    select token_id, session_id, user_id, issued_at, expires_at, tenant_generation, session_generation, ancestors
    from access_tokens
    where home = $1 and user_id = $3 and session_id is null and $4 is distinct from 'refresh'
    union all
    select token_id, session_id, user_id, issued_at, expires_at, tenant_generation, session_generation, ancestors
    from access_tokens where home = $1 and token_id = $11
),
seen as (
    select issued_at as seen_at, token_id as seen_id from (
        (
            select issued_at, access_of(refresh_id) as token_id, (select count(*) from pairs) as looked_at from pairs
            order by issued_at, refresh_id
            limit 1
        )
        union all
        (
            select issued_at, token_id, (select count(*) from alone) from alone
            order by issued_at, token_id
            limit 1
        )
    ) as lasts
    where $3 is null and $11 is null and looked_at >= $10
    order by issued_at desc, token_id desc
    limit 1
),
issued as (
    select refresh_id as token_id, 'refresh' as token_type, session_id, null as user_id, issued_at, expires_at, replaced,
        refresh_generation as of_tenant, null::integer as of_session, null::uuid[] as ancestors
    from pairs where $4 is distinct from 'access'
    union all
    select access_of(refresh_id), 'access', session_id, null, issued_at, access_expires_at, false, tenant_generation,
        session_generation, null
    from pairs where $4 is distinct from 'refresh'
    union all
    select token_id, 'access', session_id, user_id, issued_at, expires_at, false, tenant_generation, session_generation,
        ancestors
    from alone
),
window_of_issued as ( -- without a status and a user the part is known before anything is looked up for it
    select * from issued
    where ($6 is null or (issued_at, token_id) < ($6, $7)) and token_id = coalesce($11, token_id)
        and not exists (select from seen where (issued_at, token_id) < (seen_at, seen_id))
    order by issued_at desc, token_id desc
    limit case when coalesce($5::text, $12::text) is null then $8::bigint end
    offset case when coalesce($5::text, $12::text) is null then $9::bigint else 0 end
),
with_status as (
    select
        issued.token_id, issued.token_type, issued.session_id, issued.issued_at, issued.expires_at,
        coalesce(sessions.user_id, issued.user_id) as user_id, ip, user_agent,
        case
            when state = 'revoked' or replaced
                or exists (select from blacklist where home = $1 and token_id = any (issued.token_id || ancestors))
                or of_tenant <> case issued.token_type
                    when 'access' then tenants.access_generation else tenants.refresh_generation
                end
                or of_session <> sessions.access_generation
                then 'revoked'
            when issued.expires_at <= instant or ended_at is not null or idle_expires_at <= instant then 'expired'
            else 'active'
        end as status
    from moment, tenants, window_of_issued as issued
        left join session_rows as sessions on sessions.home = $1 and sessions.session_id = issued.session_id
    where tenants.home = $1
),
selected as (
    select * from with_status where status = coalesce($5, status) and user_id = coalesce($12, user_id)
),
part as (
    select * from selected
    order by issued_at desc, token_id desc
    limit $8 offset case when coalesce($5, $12) is null then 0 else $9 end
)
select part.*, seen_at, seen_id, case
    when coalesce($5, $12) is null then (select count(*) from issued) else (select count(*) from selected)
end as total
from (values (true)) as always left join seen on true left join part on true
order by issued_at desc, token_id desc

-- name: session_tokens
-- of the session $2
-- The chain of the refresh tokens of a session, the newest first, at most $3.
select refresh_id, issued_at, expires_at, access_expires_at, depth, consumed_at, successor_id, revoked_at, reissued,
    repeated_late
from token_pairs
where home = $1 and session_id = $2
order by issued_at desc, refresh_id desc
limit $3

-- name: has_many_sessions
-- of the user $2
-- Whether a user has $3 sessions or more.
select count(*) >= $3 as many from (select from sessions where home = $1 and user_id = $2 limit $3) as own

-- name: count_issued_tokens
-- How many tokens of a type $2 (null: any) there are, of pairs and of tokens issued alone no more than $3 each.
select
    (select count(*) from (select from token_pairs where home = $1 limit $3) as pairs)
        * case when $2::text is null then 2 else 1 end
    + case when $2 is distinct from 'refresh'
        then (select count(*) from (select from access_tokens where home = $1 limit $3) as alone)
        else 0
    end as total

-- name: issued_token
-- of the token $2
-- One token of the tenant that some check could still accept at $3.
select token_id, 'access' as token_type, coalesce(sessions.user_id, access_tokens.user_id) as user_id,
    access_tokens.expires_at
from access_tokens left join sessions using (home, session_id)
where home = $1 and token_id = $2
    and not access_token_is_over(access_tokens.expires_at, coalesce($3::timestamptz, statement_timestamp()))
union all
select $2::uuid, case when is_refresh($2) then 'refresh' else 'access' end, user_id,
    case when is_refresh($2) then token_pairs.expires_at else access_expires_at end
from token_pairs join sessions using (home, session_id)
where home = $1 and refresh_id = refresh_of($2)
    and (is_refresh($2) or not access_token_is_over(access_expires_at, coalesce($3::timestamptz, statement_timestamp())))
