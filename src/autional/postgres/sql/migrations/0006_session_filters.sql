-- Equality and prefixes by one index.
drop index sessions_by_user;
create index sessions_by_user on sessions (tenant_id, user_id text_pattern_ops, session_id);
create index sessions_by_ip on sessions (tenant_id, ip) where ip is not null;
create index sessions_by_risk on sessions (tenant_id, risk_score, session_id) where risk_score > 0;
