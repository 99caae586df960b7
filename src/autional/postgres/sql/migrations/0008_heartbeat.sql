-- The database's time, noted each second: a server that takes over with a clock behind it is not used before it has caught up.
create table heartbeat (
    only_row boolean primary key default true check (only_row),
    at       timestamptz not null
);
