-- name: sweep_expired
select sweep_expired($1, $2, $3) as moved
