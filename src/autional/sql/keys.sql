-- name: insert_signing_key
-- Nothing when another process adds a key at the same time, or, for the first one ($6 true), when there is one.
insert into signing_keys (key_id, generation, public_jwk, sealed_private, created_at, signs_from)
select $1, coalesce((select max(generation) from signing_keys), 0) + 1, $2, $3, $4, $5
where not ($6::boolean and exists (select from signing_keys))
on conflict do nothing
returning key_id

-- name: signing_keys
select key_id, public_jwk, sealed_private, created_at, signs_from, retired_at from signing_keys order by generation

-- name: retire_signing_key
-- Never the last one that is left.
update signing_keys set retired_at = coalesce(retired_at, $2)
where key_id = $1 and exists (select from signing_keys where key_id <> $1 and retired_at is null and signs_from <= $2)
returning key_id
