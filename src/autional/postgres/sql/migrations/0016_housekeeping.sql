-- When each kind of housekeeping last began and last succeeded, on any node.
create table housekeeping (
    task     text primary key,
    begun_at timestamptz not null,
    done_at  timestamptz
);
