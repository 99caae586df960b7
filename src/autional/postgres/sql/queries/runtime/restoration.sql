-- name: restoration_epoch
-- Of the last restoration; nothing where there was none.
select epoch from restorations order by restored_at desc limit 1

-- name: begin_restoration
select begin_restoration($1) as state_at

-- name: close_restored_tenant
-- of each bucket
select close_restored_tenant($1)

-- name: finish_restoration
update restorations set finished_at = clock_timestamp() where finished_at is null

-- name: unfinished_restoration
-- About when the state was current that is being closed.
select state_at from restorations where finished_at is null order by restored_at desc limit 1

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

-- name: log_position
-- How far the write-ahead log has come, in bytes.
select pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint as position
