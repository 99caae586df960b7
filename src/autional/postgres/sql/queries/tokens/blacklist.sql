-- name: blacklist_token
-- of the user $4
select blacklist_token($1, $2, $3, $4, $5, $6, $7)

-- name: blacklist_entry
-- of the token $2
-- Why a token is on the list: of this user only where one is named.
select reason from blacklist where home = $1 and token_id = $2 and user_id = coalesce($3::text, user_id)

-- name: blacklist_page
-- of the user $3
-- Tokens that were ended by themselves, newest first, of the user $3 (null: of all), after $4 and $5 (null: from the start),
-- and how many there are, counted up to $8. One row at least.
with listed as (
    (
        select token_id, user_id, reason, created_at, expires_at from blacklist
        where $3::text is null and home = $1 and expires_at > coalesce($2::timestamptz, statement_timestamp())
            and (created_at, token_id) < (
                coalesce($4::timestamptz, 'infinity'), coalesce($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            )
        order by created_at desc, token_id desc
        limit $6::bigint + $7::bigint
    )
    union all
    select token_id, user_id, reason, created_at, expires_at from blacklist
    where home = $1 and user_id = $3 and expires_at > coalesce($2, statement_timestamp())
        and ($4 is null or (created_at, token_id) < ($4, $5))
),
part as (
    select * from listed
    order by created_at desc, token_id desc
    limit $6 offset $7
),
counted as (
    select count(*) as total from (
        select from blacklist
        where home = $1 and expires_at > coalesce($2, statement_timestamp()) and ($3 is null or user_id = $3)
        limit $8
    ) as found
)
select part.*, counted.total from counted left join part on true
order by created_at desc, token_id desc

-- name: delete_blacklist_entry
-- of the token $2
-- Takes an entry off the list for a caller of the role $3 and level $4 (and never for the user $5), as if it handed the
-- token out: nothing, with the reason, where the token is of a session above that. No row where there is no entry.
with entry as (
    select token_id, refused_authority(
        $3, $4::smallint, $5, blacklist.user_id, coalesce(sessions.role, token.role, 'platform_admin'),
        coalesce(sessions.aal, 3::smallint)
    ) as refused
    from blacklist
        left join lateral (
            select session_id, role from access_tokens where home = $1 and token_id = blacklist.token_id
            union all
            select session_id, null from token_pairs where home = $1 and refresh_id = refresh_of(blacklist.token_id)
            limit 1
        ) as token on true
        left join sessions on sessions.home = $1 and sessions.session_id = token.session_id
    where blacklist.home = $1 and blacklist.token_id = $2
),
gone as (
    delete from blacklist using entry
    where blacklist.home = $1 and blacklist.token_id = entry.token_id and refused is null
    returning blacklist.token_id, user_id
),
told as (
    insert into revocations (home, at, kind, subject_id, user_id, reason)
    select $1, clock_timestamp(), 'restored', token_id, user_id, 'restored' from gone
)
select refused from entry

-- name: prune_blacklist
-- An entry stays until no check could accept its token.
with gone as (
    -- on Citus: delete from blacklist where expires_at < $1::timestamptz - interval '65 seconds' and $2::integer > 0
    delete from blacklist where ctid = any (array( -- not on Citus
        select ctid from blacklist where access_token_is_over(expires_at, $1) limit $2 -- not on Citus
    )) -- not on Citus
    returning 1
)
select count(*) as done from gone

-- name: prune_access_tokens
with gone as (
    -- on Citus: delete from access_tokens where expires_at < $1::timestamptz - interval '65 seconds' and $2::integer > 0
    delete from access_tokens where ctid = any (array( -- not on Citus
        select ctid from access_tokens where access_token_is_over(expires_at, $1) limit $2 -- not on Citus
    )) -- not on Citus
    returning 1
)
select count(*) as done from gone
