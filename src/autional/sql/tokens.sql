-- name: refresh_session
select * from refresh_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
