-- Rows of hot tables refer to others without foreign keys, each of which would lock the parent's row at every insert: who
-- inserts holds the gate or the session's row, and who deletes a parent deletes its children.
alter table sessions drop constraint sessions_tenant_id_fkey;
alter table refresh_tokens drop constraint refresh_tokens_tenant_id_session_id_fkey;
alter table access_tokens drop constraint access_tokens_tenant_id_session_id_fkey;
alter table session_counters drop constraint session_counters_tenant_id_fkey;
alter table idempotency_keys drop constraint idempotency_keys_tenant_id_fkey;

drop function if exists create_session_2;
drop function if exists refresh_session;

-- Hot tables are vacuumed when a fiftieth of them has changed; a refresh changes its old token in place.
alter table refresh_tokens set (
    fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02
);
alter table access_tokens set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table idempotency_keys set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
