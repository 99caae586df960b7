-- name: create_session
-- One row, of nulls when the tenant is unknown or disabled.
select begun.* from (values (true)) as always left join create_session(
    $1, $2, $3, $4, $5::smallint, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
    $23, $24, $25, $26, $27::smallint, $28, $29
) as begun on true

-- name: touch_session
select touch_session($1, $2, $3, $4, $5) as outcome

-- name: end_session
select end_session($1, $2, $3, $4, $5) as found

-- name: end_sessions_of_user
-- With the trust in the user's devices: who is signed out everywhere proves everything again.
select sign_out_user($1, $2, null, false, $3, $4) as revoked

-- name: end_named_sessions
-- Ends them and answers which of them exist.
with ended as materialized (select end_sessions($1, $2, $3, $4))
select session_id from sessions, ended where tenant_id = $1 and session_id = any ($2)

-- name: purge_ended
select purge_ended($1, $2, $3, $4) as removed

-- name: session
-- One session as it is at $4, of this user only where one is named.
select sessions.*, coalesce($4::timestamptz, statement_timestamp()) as seen_at from sessions where tenant_id = $1 and session_id = $2 and ($3::text is null or user_id = $3)
