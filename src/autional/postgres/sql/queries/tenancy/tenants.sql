-- name: insert_tenant
-- Nothing when the id is taken, or was once.
insert into tenants (home, tenant_id, name, created_at)
select $1, $2, $3, coalesce($4::timestamptz, clock_timestamp())
where not exists (select from deleted_tenants where id_hmac = $5)
on conflict do nothing
returning tenant_id

-- name: tenants
select tenant_id, name, created_at, disabled_at from tenants where deleted_at is null order by tenant_id

-- name: search_tenants
-- Those whose ids begin with $1, newest first, after the place $2, $3 (null: from the start), $4 of them after skipping $5.
select tenant_id, name, created_at, disabled_at from tenants
where deleted_at is null and starts_with(tenant_id, $1::text)
    and ($2::timestamptz is null or (created_at, tenant_id) < ($2, $3::text))
order by created_at desc, tenant_id desc
limit $4 offset $5

-- name: count_tenants
select count(*) as total from tenants where deleted_at is null and starts_with(tenant_id, $1::text)

-- name: enabled_tenant
select from tenants where tenant_id = $1 and disabled_at is null

-- name: disable_tenant
-- Once: a second time changes and tells nothing.
with closed as materialized (select take_gate(tenant_gate($1), true)),
former as (select disabled_at from tenants, closed where home = $1),
changed as (
    update tenants set disabled_at = coalesce(tenants.disabled_at, $2, clock_timestamp()) from former
    where home = $1 and deleted_at is null
    returning tenant_id, former.disabled_at is null as is_new
),
told as (
    insert into revocations (home, at, kind, reason, details)
    select $1, coalesce($2, clock_timestamp()), 'tenant', 'tenant_disabled', '{"disabled": true}' from changed where is_new
)
select tenant_id from changed

-- name: enable_tenant
with former as (select disabled_at from tenants where home = $1 for update),
changed as (
    update tenants set disabled_at = null from former
    where home = $1 and deleted_at is null
    returning tenant_id, former.disabled_at is not null as is_new
),
told as (
    insert into revocations (home, at, kind, reason)
    select $1, clock_timestamp(), 'restored', 'tenant_enabled' from changed where is_new
)
select tenant_id from changed

-- name: delete_tenant
select delete_tenant($1, $2, $3, $4) as deleted

-- name: deleted_tenants
select tenant_id from tenants where deleted_at is not null

-- name: purge_tenant
select purge_tenant($1, $2) as has_more

-- name: close_tenant_gate
-- Holds the gate of the tenant alone to the end of the transaction: no session begins meanwhile.
select take_gate(tenant_gate($1), true)

-- name: share_tenant_gate
-- Holds the gate of a tenant with others, to the end of the transaction: nobody deletes or disables it meanwhile.
select take_gate(tenant_gate($1), false)

-- name: share_user_gate
-- Holds the gates of a tenant and a user with others, to the end of the transaction: nobody signs the user out meanwhile.
select take_gate(tenant_gate($1), false), take_gate(user_gate($1, $2), false)
