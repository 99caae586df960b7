-- name: append_audit
select append_audit($1, $2, $3, $4, $5) as sequence

-- name: audit_page
-- Newest first, before the entry $2 (null: from the newest), of an action $3, an actor $4, a text in the details $5
-- (each null: any), from $6 and before $7.
select sequence, at, action, request_id, details, hash from audit_entries
where tenant_id = $1 and sequence < coalesce($2::bigint, 9223372036854775807)
    and action = coalesce($3::text, action)
    and ($4::text is null or details ->> 'actor' = $4)
    and ($5::text is null or position(to_json($5::text)::text in details::text) > 0)
    and at >= coalesce($6::timestamptz, '-infinity') and at < coalesce($7::timestamptz, 'infinity')
order by sequence desc
limit $8

-- name: audit_chain
-- The next entries after $2 as they stand, to be reckoned again.
select sequence, at, action, request_id, details::text as details, details_sha256, previous_hash, hash
from audit_entries
where tenant_id = $1 and sequence > $2
order by sequence
limit $3

-- name: audit_head
select sequence, hash from audit_heads where tenant_id = $1
