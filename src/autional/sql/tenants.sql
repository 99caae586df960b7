-- name: insert_tenant
-- Nothing when the id is taken, or was once.
insert into tenants (tenant_id, name, created_at)
select $1, $2, coalesce($3::timestamptz, clock_timestamp())
where not exists (select from deleted_tenants where id_hmac = $4)
on conflict do nothing
returning tenant_id

-- name: tenants
select tenant_id, name, created_at, disabled_at from tenants where deleted_at is null order by tenant_id

-- name: enabled_tenant
select from tenants where tenant_id = $1 and disabled_at is null

-- name: disable_tenant
with closed as materialized (select take_gate(tenant_gate($1), true))
update tenants set disabled_at = coalesce(disabled_at, $2, clock_timestamp()) from closed
where tenant_id = $1 and deleted_at is null
returning tenant_id

-- name: enable_tenant
update tenants set disabled_at = null where tenant_id = $1 and deleted_at is null returning tenant_id

-- name: delete_tenant
select delete_tenant($1, $2, $3) as deleted

-- name: deleted_tenants
select tenant_id from tenants where deleted_at is not null

-- name: purge_tenant
select purge_tenant($1, $2) as goes_on

-- name: api_keys
select api_key_id, name, role, tenant_ids, created_at, revoked_at from api_keys order by created_at, api_key_id

-- name: revoke_api_key
update api_keys set revoked_at = coalesce(revoked_at, $2, clock_timestamp()) where api_key_id = $1 returning tenant_ids

-- name: insert_api_key
-- Nothing when one of the tenants does not exist.
insert into api_keys (api_key_id, name, secret_sha256, tenant_ids, created_at, role)
select $1, $2, $3, $4, coalesce($5::timestamptz, clock_timestamp()), $6
where $4::text[] is null or (select count(*) from tenants where tenant_id = any ($4) and deleted_at is null) = cardinality($4)
returning api_key_id

-- name: api_key
-- The key by which a client authenticates for itself.
select secret_sha256, tenant_ids, role, revoked_at from api_keys where api_key_id = $1

-- name: api_key_standing
-- The key with what it may do in the tenant $2 (null: in the only one that it is good for).
select
    secret_sha256,
    revoked_at,
    role,
    acts_in,
    tenant_ids is null or acts_in = any (tenant_ids) as in_scope,
    exists (select from tenants where tenant_id = acts_in and disabled_at is null) as tenant_enabled
from api_keys, lateral (
    select coalesce($2::text, case when cardinality(tenant_ids) = 1 then tenant_ids[1] end) as acts_in
) as named
where api_key_id = $1

-- name: close_tenant
-- Holds the gate of the tenant alone to the end of the transaction: no session begins meanwhile.
select take_gate(tenant_gate($1), true)

-- name: open_user
-- Holds the gates of a tenant and a user with others, to the end of the transaction: nobody signs the user out meanwhile.
select take_gate(tenant_gate($1), false), take_gate(user_gate($1, $2), false)
