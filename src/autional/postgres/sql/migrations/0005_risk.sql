-- Where a session began, on which model of device, and how risky that was.
alter table sessions
    add country      text,
    add city         text,
    add latitude     real,
    add longitude    real,
    add device_model text,
    add risk_score   smallint not null default 0 check (risk_score between 0 and 100),
    add risk_facts   jsonb not null default '{}'; -- strength of each fact that counts, above 0 and up to 1

create index sessions_by_device on sessions (tenant_id, device_id, session_id) where device_id is not null;

-- What each fact weighs for a tenant, where it is not the default.
create table risk_weights (
    tenant_id text primary key references tenants on delete cascade,
    weights   jsonb not null
);

drop function if exists create_session;
