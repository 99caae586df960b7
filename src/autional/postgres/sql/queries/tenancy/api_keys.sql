-- name: api_keys
select api_key_id, name, role, tenant_ids, created_at, revoked_at, closed_at from api_keys order by created_at, api_key_id

-- name: page_of_api_keys
-- Newest first, after the place $1, $2 (null: from the start), $3 of them after skipping $4.
select api_key_id, name, role, tenant_ids, created_at, revoked_at, closed_at from api_keys
where $1::timestamptz is null or (created_at, api_key_id) < ($1, $2::text)
order by created_at desc, api_key_id desc
limit $3 offset $4

-- name: count_api_keys
select count(*) as total from api_keys

-- name: revoke_api_key
update api_keys set revoked_at = coalesce(revoked_at, $2, clock_timestamp()) where api_key_id = $1 returning tenant_ids

-- name: enable_api_key
-- One that a restoration closed.
update api_keys set closed_at = null where api_key_id = $1 and revoked_at is null returning tenant_ids

-- name: insert_api_key
-- Nothing when one of the tenants $4, whose homes are $7, does not exist.
insert into api_keys (api_key_id, name, secret_sha256, tenant_ids, created_at, role)
select $1, $2, $3, $4, coalesce($5::timestamptz, clock_timestamp()), $6
where $4::text[] is null or (
    select count(*) from tenants where home = any ($7::bigint[]) and tenant_id = any ($4) and deleted_at is null
) = cardinality($4)
returning api_key_id

-- name: api_key
-- set
-- Keys by which clients authenticate for themselves.
select turn, secret_sha256, tenant_ids, role, coalesce(revoked_at, closed_at) as revoked_at
from unnest($1::text[]) with ordinality as call (api_key_id, turn) join api_keys using (api_key_id)

-- name: api_key_status
-- set
-- Keys with what each may do in a tenant (null: in the only one that it is valid for).
select
    turn,
    secret_sha256,
    coalesce(revoked_at, closed_at) as revoked_at,
    role,
    acts_in,
    tenant_ids is null or acts_in = any (tenant_ids) as in_scope,
    true -- on Citus it is asked of the node that has the tenant
    and exists (select from tenants where tenant_id in (acts_in, acts_in || '/1') and disabled_at is null) -- not on Citus
    as tenant_enabled
from unnest($1::text[], $2::text[]) with ordinality as call (api_key_id, tenant_id, turn)
    join api_keys using (api_key_id), lateral (
        select coalesce(call.tenant_id, case when cardinality(tenant_ids) = 1 then tenant_ids[1] end) as acts_in
    ) as named
