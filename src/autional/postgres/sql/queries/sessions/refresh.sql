-- name: refresh_session
-- batched, locking by $1 and $2, waiting if $13
select refreshed.*, outcome = 'busy' as busy
from refresh_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as refreshed

-- name: reissue_tokens
select * from reissue_tokens($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::smallint, $12)
