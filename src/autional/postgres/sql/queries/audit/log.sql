-- name: append_audit
-- of the tenant
select append_audit($1, $2, $3, $4, $5, $6) as sequence

-- name: users_of_sessions
-- of the sessions $2
-- Whose these sessions are.
select session_id, user_id from sessions where home = $1 and session_id = any ($2::uuid[])

-- name: audit_page
-- of the tenant
-- Newest first, before the entry $2 (null: from the newest), of an action $3, an actor $4, about $5 (each null: any; a
-- user, or a value such as a session id), from $6 and before $7, at most $8. The rarest of what is asked leads.
with candidates as (
    (
        select sequence from audit_entries
        where $4::text is null and $5::text is null and $3::text is null and home = $1
            and sequence < coalesce($2::bigint, 9223372036854775807)
            and at >= coalesce($6::timestamptz, '-infinity') and at < coalesce($7::timestamptz, 'infinity')
        order by sequence desc
        limit $8
    )
    union
    (
        select sequence from audit_entries
        where $4::text is null and $5::text is null and home = $1 and action = $3::text
            and sequence < coalesce($2::bigint, 9223372036854775807)
            and at >= coalesce($6::timestamptz, '-infinity') and at < coalesce($7::timestamptz, 'infinity')
        order by sequence desc
        limit $8
    )
    union
    (
        select distinct sequence from audit_values join audit_entries using (home, sequence)
        where home = $1 and user_id = coalesce($5::text, $4)
            and sequence < coalesce($2::bigint, 9223372036854775807) and action = coalesce($3::text, action)
            and at >= coalesce($6::timestamptz, '-infinity') and at < coalesce($7::timestamptz, 'infinity')
            and ($4 is null or coalesce(details ->> 'actor', (
                select value from audit_values
                where home = $1 and sequence = audit_entries.sequence and path = array['actor']
            )) = $4)
        order by sequence desc
        limit $8
    )
    union
    (
        select distinct sequence from audit_values join audit_entries using (home, sequence)
        where home = $1 and value = coalesce($5::text, $4) and length(value) <= 128
            and sequence < coalesce($2::bigint, 9223372036854775807) and action = coalesce($3::text, action)
            and at >= coalesce($6::timestamptz, '-infinity') and at < coalesce($7::timestamptz, 'infinity')
            and ($4 is null or coalesce(details ->> 'actor', (
                select value from audit_values
                where home = $1 and sequence = audit_entries.sequence and path = array['actor']
            )) = $4)
        order by sequence desc
        limit $8
    )
    union
    (
        select sequence from audit_entries
        where ($4::text is null or $5::text is null) and home = $1 and details ->> 'actor' = coalesce($4, $5)
            and sequence < coalesce($2::bigint, 9223372036854775807) and action = coalesce($3::text, action)
            and at >= coalesce($6::timestamptz, '-infinity') and at < coalesce($7::timestamptz, 'infinity')
        order by sequence desc
        limit $8
    )
)
select sequence, at, action, request_id, details, hash, (
    select coalesce(jsonb_agg(jsonb_build_array(path, value) order by place), '[]') from audit_values
    where audit_values.home = $1 and audit_values.sequence = audit_entries.sequence
) as personal
from audit_entries join candidates using (sequence)
where home = $1
order by sequence desc
limit $8

-- name: audit_chain
-- of the tenant
-- The next entries after $2 as they stand, to be reckoned again: each with a row of path, subject and commitment for each
-- personal value, what that value and its salt come to now (null: erased), and whose it is.
select sequence, at, action, request_id, details::text as details, details_sha256, previous_hash, hash, (
    select coalesce(
        jsonb_agg(
            jsonb_build_array(
                to_json(path)::text, encode(subject, 'hex'), encode(commitment, 'hex'),
                encode(audit_commitment(salt, value), 'hex'), foreign_tenant, coalesce(foreign_user, user_id)
            )
            order by place
        ),
        '[]'
    )
    from audit_values where audit_values.home = $1 and audit_values.sequence = audit_entries.sequence
) as personal
from audit_entries
where home = $1 and sequence > $2
order by sequence
limit $3

-- name: audit_head
-- of the tenant
select sequence, hash from audit_heads where home = $1
