-- name: exchange_token
-- of the user $8
select * from exchange_token($1, $2, $3, $4, $5, $6, $7::smallint, $8, $9, $10, $11, $12)

-- name: record_operator_token
-- of the user $3
-- No row when the tenant is unknown or disabled.
select * from record_operator_token($1, $2, $3, $4, $5, $6)
