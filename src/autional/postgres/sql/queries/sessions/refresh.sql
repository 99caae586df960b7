-- name: refresh_session
-- batched by refresh_sessions
-- of the session $2.token_session
select * from refresh_session($1, $2)

-- name: refresh_sessions
select * from refresh_sessions($1, $2)

-- name: reissue_tokens
-- of the session $2
select * from reissue_tokens($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::smallint, $11)
