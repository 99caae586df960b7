-- How administrators sign in to the console: by a link that opens once, to a session like any other, whose browser holds a
-- secret instead of tokens.
create table console_links (
    link_id       text primary key,
    secret_sha256 bytea not null,
    home          bigint not null references tenants on delete cascade,
    user_id       text not null check (length(user_id) between 1 and 128),
    role          text not null check (role in ('security_admin', 'admin', 'platform_admin')),
    expires_at    timestamptz not null
);

create table console_sessions (
    console_session_id text primary key,
    secret_sha256      bytea not null,
    home               bigint not null,
    session_id         uuid not null,
    aal                smallint not null -- what its user has proved to the console
);

create index sessions_of_console on sessions (home, created_at, session_id) where app_id = 'autional-console';

-- What the active sessions of a tenant consist of, counted again each minute while somebody looks at it.
create table session_breakdowns (
    home       bigint primary key references tenants on delete cascade,
    asked_at   timestamptz not null,
    counted_at timestamptz,
    sessions   bigint not null default 0, -- how many were counted
    is_whole   boolean not null default true, -- whether those are all there are
    apps       jsonb not null default '[]', -- the most frequent, as name and number
    countries  jsonb not null default '[]',
    risk       jsonb not null default '{}' -- number by level
);
