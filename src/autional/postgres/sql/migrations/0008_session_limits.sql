-- How many sessions a user may have at once, and what happens beyond that.
create table session_limits (
    tenant_id      text primary key references tenants on delete cascade,
    max_sessions   integer check (max_sessions > 0),
    by_role        jsonb not null, -- wins over max_sessions
    by_device_type jsonb not null, -- holds beside the other
    on_overflow    text not null check (on_overflow in ('refuse', 'end_oldest', 'end_least_recently_active'))
);

drop function if exists create_session;
