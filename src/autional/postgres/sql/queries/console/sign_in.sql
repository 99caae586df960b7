-- name: insert_console_link
-- of the user $4
insert into console_links (link_id, secret_sha256, home, user_id, role, expires_at)
select $2, $3, home, $4, $5, coalesce($6::timestamptz, statement_timestamp()) + $7::interval
from tenants where home = $1 and disabled_at is null
returning true as is_made

-- name: open_console_link
-- A link opens once: whoever removes it has opened it, if it was valid and its tenant is enabled.
with opened as (
    delete from console_links
    where link_id = $1 and secret_sha256 = $2
    returning home, user_id, role, expires_at
)
select split_part(tenant_id, '/', 1) as tenant_id, user_id, role from opened join tenants using (home)
where disabled_at is null and expires_at > coalesce($3::timestamptz, statement_timestamp())

-- name: begin_console_session
-- of the session $2
select begin_console_session($1, $2, $3, $4, $5, $6, $7)

-- name: console_session
-- Whose session a secret is of, if it may go on at $2.
select
    secret_sha256, split_part(own.tenant_id, '/', 1) as tenant_id, sessions.session_id, user_id, role, console_sessions.aal,
    ended_at is null and idle_expires_at > coalesce($2::timestamptz, statement_timestamp())
        and sessions.tenant_generation = own.session_generation as is_valid,
    own.disabled_at is null as is_enabled
from console_sessions
    join tenants as own on own.home = console_sessions.home
    join sessions on sessions.home = console_sessions.home and sessions.session_id = console_sessions.session_id
where console_session_id = $1

-- name: prune_console_links
with gone as (
    delete from console_links where link_id = any (array(select link_id from console_links where expires_at < $1 limit $2))
    returning 1
)
select count(*) as done from gone

-- name: prune_console_sessions
-- Secrets of sessions that have ended, or are gone.
with gone as (
    delete from console_sessions where console_session_id = any (array(
        select console_session_id
        from console_sessions left join sessions
            on sessions.home = console_sessions.home and sessions.session_id = console_sessions.session_id
        where sessions.session_id is null or ended_at is not null or idle_expires_at < $1
        limit $2
    ))
    returning 1
)
select count(*) as done from gone
