-- name: room_for_receiver
select "position", at from room_for_receiver($1, $2, $3)

-- name: insert_receiver
insert into receivers (
    home, receiver_id, protocol, url, audience, app_id, description, kinds, sealed_secrets, created_at, told_to
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: note_told_sessions
-- Has begun sessions in the log of a tenant while a receiver wants to be told of them.
update tenants set tells_sessions = wanted
from (select coalesce(bool_or('established' = any (kinds)), false) as wanted from receivers where home = $1) as asked
where home = $1 and tells_sessions <> wanted

-- name: receivers
-- The receivers of a tenant ($2: only this one), with what each still has to be told and what it never was.
select
    receiver_id, protocol, url, audience, app_id, description, kinds, created_at, status, status_reason, owner_key, event_types, failures,
    case when suspended_until > clock_timestamp() then suspended_until end as suspended_until, overlap_until, cardinality(sealed_secrets) as secrets,
    waiting, waiting_since, dead, last_answer, attempted_at
from receivers, lateral (
    select count(*) as waiting, min(event_at) as waiting_since from (
        select event_at from deliveries
        where deliveries.home = $1 and deliveries.receiver_id = receivers.receiver_id and state = 'waiting'
        limit 10001
    ) as counted
) as waits, lateral (
    select count(*) as dead from (
        select from deliveries
        where deliveries.home = $1 and deliveries.receiver_id = receivers.receiver_id and state = 'dead'
        limit 10001
    ) as counted
) as died left join lateral (
    select answer as last_answer, attempted_at from deliveries
    where deliveries.home = $1 and deliveries.receiver_id = receivers.receiver_id and attempted_at is not null
    order by position desc
    limit 1
) as attempt on true
where receivers.home = $1 and ($2::text is null or receivers.receiver_id = $2)
order by created_at, receiver_id

-- name: update_receiver
-- Changes a receiver; one that goes on is tried at once, and what waited for it has another day.
with kept as (
    update deliveries set dies_at = statement_timestamp() + interval '1 day'
    where home = $1 and receiver_id = $2 and state = 'waiting' and $6 = 'enabled'
        and dies_at < statement_timestamp() + interval '12 hours'
)
update receivers set
    url = coalesce($3, url), description = coalesce($4, description), kinds = coalesce($5, kinds),
    told_to = case
        when status = 'disabled' and $6 is distinct from 'disabled'
        then coalesce((select position from revocation_heads where home = $1), 0)
        else told_to
    end,
    status = coalesce($6, status), status_reason = $7,
    failures = 0, suspended_until = '-infinity', has_work = true
where home = $1 and receiver_id = $2
returning receiver_id

-- name: rotate_receiver_secret
-- Puts a secret before the one that signs now, which signs too for as long as $4.
update receivers set
    sealed_secrets = $3::bytea[] || sealed_secrets[1:1], overlap_until = statement_timestamp() + $4::interval
where home = $1 and receiver_id = $2 and cardinality(sealed_secrets) > 0
returning overlap_until

-- name: delete_receiver
delete from receivers where home = $1 and receiver_id = $2 returning receiver_id

-- name: claim_deliveries
select
    home, receiver_id, "position", protocol, url, audience, sealed_secrets, sealed_header, event_types, control,
    (event).revocation_id, (event).at, (event).kind, (event).subject_id, (event).user_id, (event).reason,
    (event).by_user, (event).by_tenant, (event).by_key, (event).job_id, (event).request_id, (event).details, 0::float as lag,
    floor(extract(epoch from clock_timestamp()))::bigint as now,
    tenant_id
from claim_deliveries($1, $2, $3, $4, $5, $6) join tenants using (home)

-- name: tenants_with_deliveries
select distinct home from receivers where has_work

-- name: reachable_tenants_with_deliveries
select home from reachable_tenants_with_deliveries() as home

-- name: owners_of_receivers
-- The API keys that made streams of a tenant.
select tenant_id, array_agg(owner_key) as keys from receivers join tenants using (home)
where home = $1 and owner_key is not null
group by tenant_id

-- name: lapsed_keys
-- Those of the API keys $1 that are not valid for a tenant any more.
select api_key_id from unnest($1::text[]) as asked (api_key_id) where not exists (
    select from api_keys
    where api_keys.api_key_id = asked.api_key_id and revoked_at is null and closed_at is null
        and (tenant_ids is null or $2::text = any (tenant_ids))
)

-- name: claim_deliveries_of
-- What is due for receivers of tenant $1: $2 at most in all, $3 of each, for as long as $4; but for the receivers $5 and
-- those of the owners $6.
select receiver_id, "position" from claim_deliveries_of($1, $2, $3, $4, $5, $6)

-- name: told_deliveries
-- What the receivers $2 of tenant $1 are to be told at positions $3.
select
    home, receiver_id, delivery.position, protocol, url, audience,
    case when overlap_until > clock_timestamp() then sealed_secrets else sealed_secrets[1:1] end as sealed_secrets,
    sealed_header, event_types, control,
    revocation_id, event.at, kind, subject_id, user_id, reason, by_user, by_tenant, by_key, job_id, request_id, details, 0::float as lag,
    floor(extract(epoch from clock_timestamp()))::bigint as now,
    tenant_id
from unnest($2::text[], $3::bigint[]) as claimed (receiver_id, place)
    join deliveries as delivery using (receiver_id) join receivers using (home, receiver_id) join tenants using (home)
    left join revocations as event using (home, position)
where home = $1 and delivery.position = place
order by delivery.position

-- name: finish_deliveries
select finish_deliveries($1)

-- name: finish_deliveries_of
select finish_deliveries_of($1, $2)

-- name: settle_receivers
select settle_receivers()

-- name: settle_receivers_of
select settle_receivers_of($1)

-- name: replay_deliveries
select replay_deliveries($1, $2, $3) as replayed

-- name: deliveries
-- What a receiver was or is to be told, in state $3 (null: any), newest first, before position $4 (null: from the start).
select deliveries.position, state, event_at, due_at, attempts, attempted_at, lag, answer, revocation_id, kind
from deliveries left join revocations on revocations.home = $1 and revocations.position = deliveries.position
where deliveries.home = $1 and receiver_id = $2 and ($3::text is null or state = $3)
    and ($4::bigint is null or deliveries.position < $4)
order by deliveries.position desc
limit $5

-- name: prune_deliveries
-- Removes the record of deliveries that are older than a month, a batch at a time.
with gone as (
    -- on Citus: delete from deliveries where event_at < $1::timestamptz - interval '30 days' and $2::integer > 0
    delete from deliveries where ctid in ( -- not on Citus
        select ctid from deliveries where event_at < $1::timestamptz - interval '30 days' order by event_at limit $2 -- not on Citus
    ) -- not on Citus
    returning 1
)
select count(*)::integer as done from gone

-- name: insert_stream
insert into receivers (
    home, receiver_id, protocol, url, audience, description, kinds, event_types, sealed_header, owner_key, created_at, told_to
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: update_stream
-- A header belongs to the URL that it was given for.
update receivers set
    protocol = $3, url = $4, description = $5, kinds = $6, event_types = $7,
    sealed_header = case when $8::bytea is null and url = $4 then sealed_header else $8 end,
    failures = 0, suspended_until = '-infinity', has_work = true
where home = $1 and receiver_id = $2
returning receiver_id

-- name: add_control
select add_control($1, $2, $3)

-- name: exclude_from_stream
insert into stream_exclusions (home, receiver_id, user_sha256)
select $1, $2, sha256(convert_to($3, 'UTF8')) where (
    select count(*) from stream_exclusions where home = $1 and receiver_id = $2
) < $4
on conflict (home, receiver_id, user_sha256) do update set home = excluded.home
returning home

-- name: include_in_stream
delete from stream_exclusions where home = $1 and receiver_id = $2 and user_sha256 = sha256(convert_to($3, 'UTF8'))

-- name: acknowledge_deliveries
-- Notes what a receiver that asks itself has got: delivered, or refused with the reason $4 at the same place.
select acknowledge_deliveries($1, $2, $3, $4) as acknowledged

-- name: take_deliveries
-- The positions of what such a receiver is to be told next: the first of each subject, $3 at most.
select take_deliveries($1, $2, $3) as positions

-- name: tenants_with_late_deliveries
select distinct home from deliveries where state = 'waiting' and dies_at < $1::timestamptz - interval '1 minute'

-- name: give_up_deliveries
select give_up_deliveries($1, $2, $3) as done

-- name: tell_receivers
select tell_receivers($1, $2) as has_more

-- name: tell_receivers_of
-- The same, but for those of the owners $3.
select tell_receivers($1, $2, $3) as has_more

-- name: tenants_to_tell
-- Those with receivers for whom something of the log is not written down yet.
select distinct home from receivers join revocation_heads using (home)
where told_to < revocation_heads.position
limit 1000
