-- name: create_session
select expires_at, idle_expires_at from create_session(
    $1, $2, $3, $4, $5::smallint, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19
)

-- name: touch_session
select touch_session($1, $2, $3, $4) as touched

-- name: end_session
select end_session($1, $2, $3, $4, $5) as found

-- name: end_sessions_of_user
select end_sessions($1, null, $2, $3, $4) as revoked

-- name: end_named_sessions
-- Ends them and answers which of them exist.
with ended as materialized (select end_sessions($1, $2, null, $3, $4))
select session_id from sessions, ended where tenant_id = $1 and session_id = any ($2)

-- name: purge_expired
select purge_expired($1, $2, $3) as removed

-- name: session
-- One session, of this user only where one is named.
select * from sessions where tenant_id = $1 and session_id = $2 and ($3::text is null or user_id = $3)

-- name: sessions_by_state
-- A page of the tenant's sessions, newest first, that are in this state (null: any) at $2; before an id where one is
-- given, of one user where one is named.
select * from sessions
where tenant_id = $1
    and ($3::text is null
        or $3 = 'active' and state = 'live' and idle_expires_at > $2::timestamptz
        or $3 = 'expired' and (state = 'expired' or state = 'live' and idle_expires_at <= $2)
        or $3 = 'revoked' and state = 'revoked')
    and ($4::text is null or user_id = $4)
    and ($5::text is null or session_id < $5)
order by session_id desc
limit $6 offset $7
