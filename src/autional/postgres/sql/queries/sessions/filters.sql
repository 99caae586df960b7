-- Parts of statements about sessions; {0} is the placeholder of a value.

-- part: filter status active
ended_at is null and idle_expires_at > {0}::timestamptz

-- part: filter status expired
(state = 'expired' or ended_at is null and idle_expires_at <= {0}::timestamptz)

-- part: filter status ended
(ended_at is not null or idle_expires_at <= {0}::timestamptz)

-- part: filter status revoked
state = 'revoked'

-- part: filter user_id
user_id = {0}::text

-- part: filter search
user_id like {0}::text

-- part: filter search session
(session_id between {0}::uuid and {1}::uuid or user_id like {2}::text)

-- part: filter device_type
device_type = {0}::text

-- part: filter device_id
device_id = {0}::text

-- part: filter app_id
app_id = {0}::text

-- part: filter actor
act is not null and act ->> 'sub' = {0}::text

-- part: filter parent_session_id
begun_from is not null and begun_from[1] = {0}::uuid

-- part: filter country
country = {0}::text

-- part: filter ip
ip <<= {0}::inet

-- part: filter amr
{0}::text = any (string_to_array(amr, ' '))

-- part: filter aal
aal = {0}::smallint

-- part: filter min_risk
risk_score >= {0}::smallint

-- part: filter max_risk
risk_score <= {0}::smallint

-- part: filter created_from
created_at >= {0}::timestamptz

-- part: filter created_to
created_at < {0}::timestamptz

-- part: filter active_from
last_active_at >= {0}::timestamptz

-- part: filter active_to
last_active_at < {0}::timestamptz

-- part: before
(created_at, session_id) < ({0}::timestamptz, {1}::uuid)

-- part: after
(created_at, session_id) > ({0}::timestamptz, {1}::uuid)

-- part: before risk
(risk_score, created_at, session_id) < ({0}::smallint, {1}::timestamptz, {2}::uuid)

-- part: not overdue
expiry_minute >= minute_of({0}::timestamptz)

-- part: overdue
expiry_minute <= minute_of({0}::timestamptz) and idle_expires_at <= {0}

-- part: after user
user_id ~>=~ {0}::text and (user_id ~>~ {0} or (created_at, session_id) > ({1}::timestamptz, {2}::uuid))

-- part: before user
user_id ~<=~ {0}::text and (user_id ~<~ {0} or (created_at, session_id) < ({1}::timestamptz, {2}::uuid))

-- part: after expiry
(expiry_minute, session_id) > ({0}::integer, {1}::uuid)

-- part: before end
(ended_at, session_id) < ({0}::timestamptz, {1}::uuid)

-- part: before deadline
(idle_expires_at, session_id) < ({0}::timestamptz, {1}::uuid)

-- part: selected_sessions
select sessions.*, {moment}::timestamptz as seen_at from {sessions} where home = $1 and {conditions} order by {order} limit {limit} offset {skip}

-- part: selected_count
-- How many there are, up to a bound.
select count(*) as total from (select from sessions where home = $1 and {conditions} limit {limit}) as found

-- part: first_sessions
-- The first of a list, whatever its filter says.
(select * from session_rows where home = $1 and {conditions} order by {order} limit {most}) as sessions

-- part: end_of_first
-- The last of the first of a list, with how many those are and how many of them the filter selects.
select sessions.*, {moment}::timestamptz as seen_at, count(*) over () as looked_at, count(*) filter (where {conditions}) over () as selected
from {sessions}
order by {reversed}
limit 1

-- part: filter session_ids
session_id = any ({0}::uuid[])

-- part: not id
session_id <> {0}::uuid

-- part: preview_sessions
-- What there is, of one snapshot, with those of it that are active kept for the job.
with chosen as materialized (
    select session_id, user_id, device_type,
        case
            when state = 'revoked' then 'revoked'
            when ended_at is null and idle_expires_at > {moment}::timestamptz then 'active'
            else 'expired'
        end as status
    from sessions where home = $1 and {conditions}
),
kept as (
    insert into job_sessions (home, job_id, session_id)
    select $1, {job}::text, session_id from chosen where status = 'active'
)
select device_type, status, count(*) as sessions, (select count(distinct user_id) from chosen) as users
from chosen
group by device_type, status
