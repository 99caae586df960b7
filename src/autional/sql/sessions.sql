-- name: create_session
select create_session(
    $1, $2, $3, $4, $5::smallint, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20
) as created

-- name: end_session
select end_session($1, $2, $3, $4, $5) as found
