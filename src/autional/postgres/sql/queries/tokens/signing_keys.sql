-- name: insert_signing_key
-- Nothing when another process adds a key at the same time, or, for the first one ($6 true), when there is one.
insert into signing_keys (key_id, generation, public_jwk, sealed_private, created_at, signs_from)
select $1, coalesce((select max(generation) from signing_keys), 0) + 1, $2, $3,
    coalesce($4::timestamptz, statement_timestamp()), coalesce($4, statement_timestamp()) + $5::interval
where not ($6::boolean and exists (select from signing_keys where retired_at is null))
on conflict do nothing
returning key_id

-- name: signing_keys
select key_id, public_jwk, sealed_private, created_at, signs_from, retired_at from signing_keys order by generation

-- name: signing_keys_in_use
-- The keys that verify, and whether each signs at $1.
select key_id, public_jwk, sealed_private, signs_from <= coalesce($1::timestamptz, statement_timestamp()) as signs
from signing_keys where retired_at is null order by generation

-- name: retire_signing_key
-- Never the last one that is left.
update signing_keys set retired_at = coalesce(retired_at, $2, clock_timestamp())
where key_id = $1 and exists (select from signing_keys where key_id <> $1 and retired_at is null and signs_from <= coalesce($2, clock_timestamp()))
returning key_id
