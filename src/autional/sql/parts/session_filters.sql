-- Parts of statements about sessions; {0} is where a value stands.

-- name: filter status active
ended_at is null and idle_expires_at > {0}::timestamptz

-- name: filter status expired
(state = 'expired' or ended_at is null and idle_expires_at <= {0}::timestamptz)

-- name: filter status revoked
state = 'revoked'

-- name: filter user_id
user_id = {0}::text

-- name: filter search
user_id like {0}::text

-- name: filter search session
(session_id between {0}::text and {0} || repeat('Z', 26) or user_id like {1}::text)

-- name: filter device_type
device_type = {0}::text

-- name: filter device_id
device_id = {0}::text

-- name: filter app_id
app_id = {0}::text

-- name: filter country
country = {0}::text

-- name: filter ip
ip <<= {0}::inet

-- name: filter amr
{0}::text = any (amr)

-- name: filter aal
aal = {0}::smallint

-- name: filter min_risk
risk_score >= {0}::smallint

-- name: filter max_risk
risk_score <= {0}::smallint

-- name: filter created_from
created_at >= {0}::timestamptz

-- name: filter created_to
created_at < {0}::timestamptz

-- name: filter active_from
last_active_at >= {0}::timestamptz

-- name: filter active_to
last_active_at < {0}::timestamptz

-- name: before
(created_at, session_id) < ({0}::timestamptz, {1}::text)

-- name: after
(created_at, session_id) > ({0}::timestamptz, {1}::text)

-- name: before risk
(risk_score, created_at, session_id) < ({0}::smallint, {1}::timestamptz, {2}::text)

-- name: selected_sessions
select sessions.*, {moment}::timestamptz as seen_at from sessions where tenant_id = $1 and {conditions} order by {order} limit {limit} offset {skip}

-- name: selected_count
-- How many there are, up to a bound.
select count(*) as total from (select from sessions where tenant_id = $1 and {conditions} limit {limit}) as found

-- name: filter session_ids
session_id = any ({0}::text[])

-- name: not id
session_id <> {0}::text

-- name: show_sessions
-- What there is, of one snapshot, with those of it that are active kept for the job.
with chosen as materialized (
    select session_id, user_id, device_type,
        case
            when state = 'revoked' then 'revoked'
            when ended_at is null and idle_expires_at > {moment}::timestamptz then 'active'
            else 'expired'
        end as status
    from sessions where tenant_id = $1 and {conditions}
),
kept as (
    insert into job_sessions (tenant_id, job_id, session_id)
    select $1, {job}::text, session_id from chosen where status = 'active'
)
select device_type, status, count(*) as sessions, (select count(distinct user_id) from chosen) as users
from chosen
group by device_type, status
