-- name: insert_tenant
-- of the whole tenant
select tenant_id from add_tenant($1, $2, $3, $4, $5) as tenant_id where tenant_id is not null

-- name: tenants
-- A split tenant is as its first bucket is.
select split_part(tenant_id, '/', 1) as tenant_id, name, created_at, disabled_at from tenants
where deleted_at is null and (home % 1024 = 1 or home % 1024 = 0 and disabled_at is distinct from '-infinity')
order by tenant_id

-- name: split_tenants
select tenant_id, buckets from split_tenants

-- name: insert_split_tenant
-- of the whole tenant
insert into split_tenants (tenant_id, buckets) values ($1, $2)

-- name: delete_split_tenant
-- of the whole tenant
delete from split_tenants where tenant_id = $1::text

-- name: keep_whole_from_use
-- From the beginning of time: only the buckets of the tenant are used.
-- of the whole tenant
update tenants set disabled_at = '-infinity' where home = $1

-- name: search_tenants
-- Those whose ids begin with $1, newest first, after the place $2, $3 (null: from the start), $4 of them after skipping $5.
select split_part(tenant_id, '/', 1) as tenant_id, name, created_at, disabled_at from tenants
where deleted_at is null and starts_with(tenant_id, $1::text)
    and (home % 1024 = 1 or home % 1024 = 0 and disabled_at is distinct from '-infinity')
    and ($2::timestamptz is null or (created_at, tenant_id) < ($2, $3::text))
order by created_at desc, tenant_id desc
limit $4 offset $5

-- name: count_tenants
select count(*) as total from tenants where deleted_at is null and starts_with(tenant_id, $1::text)
    and (home % 1024 = 1 or home % 1024 = 0 and disabled_at is distinct from '-infinity')

-- name: keep_bucket_from_use
-- Until every node knows of it.
-- of the whole tenant
update tenants set disabled_at = created_at where home = $1

-- name: enabled_tenant
-- set
-- of the tenant
select turn from unnest($1::bigint[]) with ordinality as call (home, turn)
    join tenants on tenants.home = call.home and disabled_at is null

-- name: disable_tenant
-- of each bucket
select disable_tenant($1, $2) as tenant_id

-- name: enable_tenant
-- of each bucket
select enable_tenant($1) as tenant_id

-- name: end_tenant
-- of each bucket
select end_tenant($1, $2, $3) as ended_at

-- name: end_whole_tenant
-- of the whole tenant
select end_whole_tenant($1, $2)

-- name: use_up_tenant_id
-- of the whole tenant
select use_up_tenant_id($1, $2, $3)

-- name: deleted_tenants
select tenant_id from tenants where deleted_at is not null

-- name: purge_tenant
-- of the whole tenant
select purge_tenant($1, $2) as has_more

-- name: close_tenant_gate
-- of each bucket
-- Holds the gate of the tenant alone to the end of the transaction: no session begins meanwhile.
select hold_tenant($1, true)

-- name: share_tenant_gate
-- of each bucket
-- Holds the gate of a tenant with others, to the end of the transaction: nobody deletes or disables it meanwhile.
select hold_tenant($1, false)

-- name: share_user_gate
-- of the user $2
-- Holds the gates of a tenant and a user with others, to the end of the transaction: nobody signs the user out meanwhile.
select share_user($1, $2)
