-- name: blacklist_token
-- Nothing when the token is on the list already: its first entry stays.
with added as (
    insert into blacklist (tenant_id, token_id, blacklist_id, token_type, user_id, reason, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict do nothing
    returning token_id
)
insert into revocations (tenant_id, at, kind, subject, user_id, reason)
select $1, $7, 'token', token_id, $5, $6 from added

-- name: blacklist_entry
select reason from blacklist where tenant_id = $1 and token_id = $2 and expires_at > $3

-- name: blacklist_page
select blacklist_id, token_id, user_id, reason, created_at, expires_at, count(*) over () as total
from blacklist
where tenant_id = $1 and expires_at > $2 and user_id = coalesce($3::text, user_id)
order by created_at desc, blacklist_id desc
limit $4 offset $5

-- name: delete_blacklist_entry
delete from blacklist where tenant_id = $1 and blacklist_id = $2 returning blacklist_id

-- name: prune_blacklist
delete from blacklist where expires_at <= $1

-- name: bar_tokens
-- Ends the tokens of a user ('': of the tenant) that were issued before $4, of these types.
with barred as (
    insert into not_before (tenant_id, user_id, token_type, not_before)
    select $1, $2, token_type, $4 from unnest($3::text[]) as token_type
    on conflict (tenant_id, user_id, token_type) do update set
        not_before = greatest(not_before.not_before, excluded.not_before)
)
insert into revocations (tenant_id, at, kind, subject, user_id, reason)
values ($1, $4, case when $2 = '' then 'tenant' else 'user' end, coalesce(nullif($2, ''), $1), nullif($2, ''), $5)

-- name: end_some_sessions
-- Ends sessions of the tenant that began before $3, a batch at a time; answers how many it looked at.
with batch as materialized (
    select array(
        select session_id from sessions
        where tenant_id = $1 and ended_at is null and state = 'live' and expiry_minute > 0 and created_at <= $3
        limit $4
    ) as ids
)
select end_sessions($1, ids, $2, $3), cardinality(ids) as ended from batch
