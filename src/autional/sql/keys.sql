-- name: insert_first_signing_key
-- Nothing when there is a key already, or when another process adds it at the same time.
insert into signing_keys (key_id, generation, public_jwk, sealed_private, created_at)
values ($1, 1, $2, $3, $4)
on conflict do nothing

-- name: signing_keys
select key_id, public_jwk, sealed_private, created_at from signing_keys order by generation
