-- name: revocations
-- of each bucket
-- What was ended in a tenant from $2 and before $3, by the request $4, the job $5, of the user $6 (each null: any), newest
-- first, after the place $7, $8 (null: from the start), $9 of them after skipping $10.
select revocation_id, at, kind, subject_id, user_id, reason, by_user, by_tenant, by_key, job_id, request_id
from revocations
where home = $1 and at >= $2::timestamptz and at < $3::timestamptz and kind not in ('established', 'assurance', 'tokens', 'alert')
    and ($4::text is null or request_id = $4) and ($5::text is null or job_id = $5) and ($6::text is null or user_id = $6)
    and ($7::timestamptz is null or (at, revocation_id) < ($7, $8::text::bigint))
order by at desc, revocation_id desc
limit $9 offset $10

-- name: count_revocations
-- of each bucket, added up
-- How many that are, up to $7.
select count(*) as total from (
    select from revocations
    where home = $1 and at >= $2::timestamptz and at < $3::timestamptz and kind not in ('established', 'assurance', 'tokens', 'alert')
        and ($4::text is null or request_id = $4) and ($5::text is null or job_id = $5) and ($6::text is null or user_id = $6)
    limit $7
) as found
