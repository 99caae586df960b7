-- name: login_history
-- set
-- of the user $2
-- The latest 50 sessions of users, each seen from a login: from a device with that hash, id, browser and system (the
-- first of them that both sides know), in a country, from an address.
select
    turn, history.*, coalesce(call.at, statement_timestamp()) as seen_at,
    (select weights from risk_weights where home = call.home) as weights
from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::inet[])
    with ordinality as call (home, user_id, at, device_fingerprint, device_id, browser, os, country, ip, turn)
    cross join lateral (
        select
            count(*)::int as sessions,
            coalesce(bool_or(case
                when call.device_fingerprint is not null and recent.device_fingerprint is not null
                    then recent.device_fingerprint = call.device_fingerprint
                when call.device_id is not null and recent.device_id is not null
                    then recent.device_id = call.device_id
                else recent.browser is not distinct from call.browser and recent.os is not distinct from call.os
            end), false) as device_known,
            coalesce(bool_or(recent.country = call.country), false) as country_known,
            count(recent.country)::int as countries,
            coalesce(bool_or(
                family(recent.ip) = family(call.ip)
                and network(set_masklen(recent.ip, case family(recent.ip) when 4 then 24 else 48 end)) >>= call.ip
            ), false) as network_known,
            case when call.ip is null then 0 else count(recent.ip)::int end as networks,
            count(*) filter (
                where ended_at is null and idle_expires_at > coalesce(call.at, statement_timestamp())
            )::int as active_sessions,
            count(*) filter (
                where state = 'revoked' and end_reason not in ('logout', 'signed_out')
                    and ended_at > coalesce(call.at, statement_timestamp()) - interval '1 day'
            )::int as revoked_lately,
            coalesce(bool_or(
                end_reason = 'refresh_token_reuse'
                and ended_at > coalesce(call.at, statement_timestamp()) - interval '1 day'
            ), false) as token_reused,
            coalesce(array_agg(date_part('hour', created_at at time zone 'UTC')::int), '{}') as hours,
            -- an aggregate takes its rows as the subquery orders them
            (array_agg(latitude) filter (where latitude is not null))[1] as last_latitude,
            (array_agg(longitude) filter (where latitude is not null))[1] as last_longitude,
            (array_agg(last_active_at) filter (where latitude is not null))[1] as last_placed_at
        from (
            select
                device_fingerprint, device_id, browser, os, country, ip, state, ended_at, end_reason, created_at,
                last_active_at, idle_expires_at, latitude, longitude
            from sessions
            where sessions.home = call.home and sessions.user_id = call.user_id
            order by created_at desc, session_id desc
            limit 50
        ) as recent
    ) as history

-- name: risk_of_session
-- of the session $2
select risk_score, risk_facts, (select weights from risk_weights where home = $1) as weights
from sessions where home = $1 and session_id = $2

-- name: set_risk
-- of the session $2
update sessions set risk_score = $3, risk_facts = $4 where home = $1 and session_id = $2

-- name: risk_weights
-- of the tenant
select weights from risk_weights where home = $1

-- name: put_risk_weights
-- of each bucket
insert into risk_weights (home, weights) values ($1, $2)
on conflict (home) do update set weights = excluded.weights

-- name: delete_risk_weights
-- of each bucket
delete from risk_weights where home = $1

-- name: device_history
-- The sessions on the device $2 (its id, or that of a trusted one) at $3; their facts are those of the latest 50.
with device as (
    select session_id, user_id, state, end_reason, created_at, ended_at, idle_expires_at, risk_facts
    from sessions where home = $1 and device_id = $2
    union
    select session_id, sessions.user_id, state, end_reason, sessions.created_at, ended_at, idle_expires_at, risk_facts
    from trusted_devices join sessions using (home, user_id)
    where home = $1 and trusted_devices.device_id = $2 and device_fingerprint = fingerprint_hash
)
select
    count(*)::int as sessions,
    count(*) filter (where ended_at is null and idle_expires_at > coalesce($3::timestamptz, statement_timestamp()))::int as active_sessions,
    count(*) filter (where state = 'revoked')::int as revoked,
    count(*) filter (where end_reason = 'refresh_token_reuse')::int as failures,
    (select coalesce(jsonb_agg(risk_facts), '[]') from (
        select risk_facts from device order by created_at desc, session_id desc limit 50
    ) as latest) as facts,
    exists (select from trusted_devices where home = $1 and device_id = $2) as trusted,
    (select weights from risk_weights where home = $1) as weights
from device
