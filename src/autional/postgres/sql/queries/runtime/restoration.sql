-- name: restoration_epoch
-- Of the last restoration; nothing where there was none.
select epoch from restorations order by restored_at desc limit 1

-- name: close_restored
select close_restored($1) as state_at

-- name: forgotten
-- What was erased or deleted since $1.
select 'user' as kind, tenant_id, subject as hash, requested_at as at
from erased_users join tenants using (home)
where requested_at >= $1::timestamptz
union all
select 'tenant', null, id_hmac, deleted_at from deleted_tenants where deleted_at >= $1
order by at, hash

-- name: users_of_tenant
-- Everybody of whom a tenant has a record.
select user_id from sessions where home = $1
union select user_id from trusted_devices where home = $1
union select user_id from access_tokens where home = $1
union select user_id from blacklist where home = $1
union select user_id from revocations where home = $1
union select user_id from audit_values where home = $1
