-- name: users_with_sessions
-- The next $4 users after $3 (null: from the first) whose ids begin like $2 and who have sessions on record, each found by
-- one step through the index.
with recursive found as (
    (
        select user_id from sessions
        where home = $1 and user_id ~>~ coalesce($3::text, '') and user_id like $2::text
        order by user_id using ~<~
        limit 1
    )
    union all
    select following.user_id from found cross join lateral (
        select user_id from sessions
        where home = $1 and sessions.user_id ~>~ found.user_id and user_id like $2
        order by user_id using ~<~
        limit 1
    ) as following
)
select user_id from found limit $4

-- name: user_is_known
-- of the user $2
-- A row if the user has a session or a token on record.
select 1 as known where exists (select from sessions where home = $1 and user_id = $2)
    or exists (select from access_tokens where home = $1 and user_id = $2)
