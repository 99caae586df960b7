-- name: trust_device
-- of the user $2.user_id
select * from trust_device($1, $2, $3, $4, $5, $6)

-- name: trusted_devices
-- of the user $2
-- The devices that a user trusts, newest first, after $4 and $5 (null: from the start), and how many there are at all.
with trusted as materialized (
    select device_id, user_id, fingerprint_hash, device_name, device_type, browser, os, ip, created_at, trusted_until
    from trusted_devices
    where home = $1 and user_id = $2 and trusted_until > coalesce($3::timestamptz, statement_timestamp())
),
part as (
    select * from trusted
    where $4::timestamptz is null or (created_at, device_id) < ($4, $5::text)
    order by created_at desc, device_id desc
    limit $6 offset $7
)
select part.*, counted.total
from (select count(*) as total from trusted) as counted left join part on true
order by created_at desc, device_id desc

-- name: distrust_device
-- of each bucket
-- One device, of this user only where one is named.
delete from trusted_devices
where home = $1 and device_id = $2 and user_id = coalesce($3::text, user_id)
returning device_id

-- name: distrust_fingerprint
-- of each bucket
delete from trusted_devices where home = $1 and fingerprint_hash = $2 returning device_id

-- name: sightings
-- of the session $2
-- When the device of a session was first and last seen with its user, and whether it is trusted at $3; a device
-- without a fingerprint is that of this one session.
select
    coalesce(seen.first_seen_at, sessions.created_at) as first_seen_at,
    coalesce(seen.last_seen_at, sessions.last_active_at) as last_seen_at,
    exists (
        select from trusted_devices
        where home = $1 and user_id = sessions.user_id and fingerprint_hash = device_fingerprint
            and trusted_until > coalesce($3::timestamptz, statement_timestamp())
    ) as is_trusted,
    coalesce($3::timestamptz, statement_timestamp()) >= sessions.expires_at as is_past_absolute
from sessions left join lateral (
    select min(other.created_at) as first_seen_at, max(other.last_active_at) as last_seen_at
    from sessions as other
    where other.home = $1 and other.user_id = sessions.user_id
        and other.device_fingerprint = sessions.device_fingerprint
) as seen on true
where home = $1 and session_id = $2

-- name: prune_trusted_devices
with gone as (
    -- on Citus: delete from trusted_devices where trusted_until < $1::timestamptz and $2::integer > 0
    delete from trusted_devices where ctid = any (array( -- not on Citus
        select ctid from trusted_devices where trusted_until < $1::timestamptz limit $2 -- not on Citus
    )) -- not on Citus
    returning 1
)
select count(*) as done from gone
