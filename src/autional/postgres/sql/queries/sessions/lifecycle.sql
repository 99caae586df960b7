-- name: create_session
-- batched by create_sessions
-- of the user $2.user_id
-- No row when the tenant is unknown or disabled.
select * from create_session($1, $2)

-- name: create_sessions
select * from create_sessions($1, $2)

-- name: touch_session
-- of the session $2
select touch_session($1, $2, $3, $4, $5) as outcome

-- name: end_session
-- of the session $2
select end_session($1, $2, $3, $4, $5) as found

-- name: revoke_named_sessions
-- of the sessions $2
-- Ends them and answers which of them exist.
select session_id from end_named_sessions($1, $2, $3, $4) as session_id

-- name: session
-- set
-- of the session $2
-- Sessions as they are at an instant, each of one user only where one is named.
select turn, sessions.*, coalesce(call.at, statement_timestamp()) as seen_at
from unnest($1::bigint[], $2::uuid[], $3::text[], $4::timestamptz[])
    with ordinality as call (home, session_id, user_id, at, turn)
    join session_rows as sessions on sessions.home = call.home and sessions.session_id = call.session_id
        and (call.user_id is null or sessions.user_id = call.user_id)

-- name: act_by
select act_by($1, $2, $3, $4, null)

-- name: who_ended_sessions
-- of the sessions $2
-- Who ended the sessions $2, by which request and job, and the entry of the log; of a sign-out of everybody its own.
select distinct on (own.subject_id) own.subject_id as session_id, coalesce(own.by_user, of_all.by_user) as user_id, coalesce(own.by_tenant, of_all.by_tenant) as home_tenant,
    coalesce(own.by_key, of_all.by_key) as key_id, own.job_id,
    coalesce(own.request_id, of_all.request_id) as request_id, (
        select sequence from audit_entries -- ids of requests are the callers' own: of several the one at that time
        where home = $1 and request_id = coalesce(own.request_id, of_all.request_id)
            and coalesce(details ->> 'actor', (
                select value from audit_values
                where home = $1 and sequence = audit_entries.sequence and path = array['actor']
            ))
                in (own.by_user, own.by_key, of_all.by_user, of_all.by_key)
        order by abs(extract(epoch from audit_entries.at - own.at))
        limit 1
    ) as audit_sequence
from revocations as own left join lateral (
    select by_user, by_tenant, by_key, request_id from revocations as everybody
    where everybody.home = $1 and kind = 'tenant' and own.request_id is null
        and everybody.at <= own.at and everybody.reason = own.reason
    order by at desc
    limit 1
) as of_all on true
where own.home = $1 and own.kind = 'session' and own.subject_id = any ($2::uuid[])
order by own.subject_id, own.at
