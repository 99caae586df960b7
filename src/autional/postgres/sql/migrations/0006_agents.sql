-- Sessions in which somebody acts for the user: who that is, from whose session it was begun, and when the user authenticated.
alter table sessions
    add column parent_id uuid, -- ends with it
    add column act jsonb, -- RFC 8693 §4.1: `sub`, and in `act` for whom that one acts
    add column authenticated_at timestamptz; -- null: when it began

create index sessions_by_parent on sessions (home, parent_id) where parent_id is not null;
create index sessions_by_actor on sessions (home, (act ->> 'sub'), created_at, session_id) where act is not null;

alter table session_limits add column max_sessions_per_agent integer; -- of each agent for a user

alter table session_breakdowns add column agents jsonb not null default '[]';
