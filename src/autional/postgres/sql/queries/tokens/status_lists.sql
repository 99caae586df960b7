-- name: list_token
select list_token($1, $2, $3, $4, $5, $6, $7, $8) as number

-- name: tenants_to_list
-- Those whose log says more than has been brought into the lists.
select tenant_id from listing_heads as listed join tenants using (home) left join revocation_heads as head using (home)
where head.position > listed.position or looked_to < look_to

-- name: uncheck_listed_tokens
select uncheck_listed_tokens($1, $2) as has_more

-- name: check_listed_tokens
select check_listed_tokens($1) as has_more

-- name: tenants_listing_tokens
select tenant_id from tenants where lists_tokens

-- name: lists_tokens
-- of the tenant
select lists_tokens from tenants where home = $1

-- name: set_lists_tokens
-- From now on. Tokens that stand in a list stay there, and their bits are set, also when no more are added.
with begun as (
    insert into listing_heads (home, position)
    select home, coalesce(position, 0) from tenants left join revocation_heads using (home) where home = $1 and $2
    on conflict do nothing
)
update tenants set lists_tokens = $2 where home = $1 and lists_tokens <> $2

-- name: status_list
-- Its version, 0 as long as none of its tokens has been looked at.
select
    coalesce((select version from status_lists where list = $1), 0) as version,
    exists (select from status_lists where list = $1 and retired_at is not null) as is_retired,
    clock_timestamp() as read_at, floor(extract(epoch from clock_timestamp()))::bigint as now

-- name: revoked_numbers
-- The numbers of a list whose tokens have been revoked, since shortly before an instant (null: all).
select number from listed_tokens
where number >= $1::bigint << 20 and number < ($1::bigint + 1) << 20 and revoked_at is not null
    and ($2::timestamptz is null or revoked_at > $2 - interval '1 minute')

-- name: prune_listed_tokens
-- Removes tokens that are over, a batch at a time; revoked ones only with their list, since no bit is ever cleared.
with gone as (
    delete from listed_tokens where number in (
        select number from listed_tokens
        where expires_at < $1::timestamptz - interval '1 hour' and (
            revoked_at is null or exists (select from status_lists where list = number >> 20 and retired_at is not null)
        )
        order by expires_at
        limit $2
    )
    returning 1
)
select count(*)::integer as done from gone

-- name: retire_status_lists
-- Retires lists that are full and whose tokens have been over for a day; $2 at most.
with retired as (
    update status_lists set retired_at = clock_timestamp() where list in (
        select list from status_lists
        where retired_at is null and expires_at < $1::timestamptz - interval '1 day'
            and list < (select last_value from token_numbers) >> 20
        limit $2
    )
    returning 1
)
select count(*)::integer as done from retired
