-- Lists are in the order of (created_at, id), with times from the database: no list is ordered by the time in an id.
create index sessions_by_creation on sessions (tenant_id, created_at, session_id);
drop index sessions_by_user;
create index sessions_by_user on sessions (tenant_id, user_id text_pattern_ops, created_at, session_id);
drop index sessions_by_device;
create index sessions_by_device on sessions (tenant_id, device_id, created_at, session_id) where device_id is not null;
drop index sessions_by_risk;
create index sessions_by_risk on sessions (tenant_id, risk_score, created_at, session_id) where risk_score > 0;
