-- Sessions in which somebody acts for the user: who that is, from which sessions they were begun, and when the user
-- authenticated.
alter table sessions
    add column begun_from uuid[], -- the session that it was begun from, that from which this one was begun, and so on: it ends with any
    add column act jsonb, -- RFC 8693 §4.1: `sub`, and in `act` for whom that one acts
    add column authenticated_at timestamptz; -- null: when it began

create index sessions_by_parent on sessions (home, (begun_from[1])) where begun_from is not null;
-- What ends with a session, at any depth: those that go on, which are few.
create index sessions_by_ancestor on sessions using gin (begun_from) where begun_from is not null and ended_at is null;
create index sessions_by_actor on sessions (home, (act ->> 'sub'), created_at, session_id) where act is not null;

alter table session_limits add column max_sessions_per_agent integer; -- of each agent for a user

alter table session_breakdowns add column agents jsonb not null default '[]';
