-- name: insert_first_signing_key
-- Nothing when there is a key already. Two processes that start together may both add one: both are good.
insert into signing_keys (key_id, public_jwk, sealed_private, created_at)
select $1, $2, $3, $4
where not exists (select from signing_keys)
returning key_id

-- name: signing_keys
select key_id, public_jwk, sealed_private, created_at from signing_keys order by created_at, key_id
