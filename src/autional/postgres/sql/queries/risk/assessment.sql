-- name: login_history
-- batched
-- The latest 50 sessions of the user $2, seen from a login at $3 from the device with the hash $4, the id $5, the
-- browser $6 and system $7 (the first of them that both sides know), in the country $8, from the address $9.
with recent as materialized (
    select
        session_id, device_fingerprint, device_id, browser, os, country, ip, state, ended_at, end_reason, created_at,
        last_active_at, idle_expires_at, latitude, longitude
    from sessions where tenant_id = $1 and user_id = $2 order by created_at desc, session_id desc limit 50
)
select
    count(*)::int as sessions,
    coalesce(bool_or(case
        when $4::text is not null and device_fingerprint is not null then device_fingerprint = $4
        when $5::text is not null and device_id is not null then device_id = $5
        else browser is not distinct from $6::text and os is not distinct from $7::text
    end), false) as device_known,
    coalesce(bool_or(country = $8::text), false) as country_known,
    count(country)::int as countries,
    coalesce(bool_or(
        family(ip) = family($9::inet)
        and network(set_masklen(ip, case family(ip) when 4 then 24 else 48 end)) >>= $9
    ), false) as network_known,
    case when $9 is null then 0 else count(ip)::int end as networks,
    count(*) filter (where ended_at is null and idle_expires_at > coalesce($3::timestamptz, statement_timestamp()))::int as active_sessions,
    count(*) filter (
        where state = 'revoked' and end_reason not in ('logout', 'signed_out') and ended_at > coalesce($3, statement_timestamp()) - interval '1 day'
    )::int as revoked_lately,
    coalesce(bool_or(end_reason = 'refresh_token_reuse' and ended_at > coalesce($3, statement_timestamp()) - interval '1 day'), false) as token_reused,
    coalesce(array_agg(extract(hour from created_at at time zone 'UTC')::int), '{}') as hours,
    coalesce($3, statement_timestamp()) as seen_at,
    (array_agg(latitude order by created_at desc, session_id desc) filter (where latitude is not null))[1] as last_latitude,
    (array_agg(longitude order by created_at desc, session_id desc) filter (where latitude is not null))[1] as last_longitude,
    (array_agg(last_active_at order by created_at desc, session_id desc) filter (where latitude is not null))[1] as last_placed_at,
    (select weights from risk_weights where tenant_id = $1) as weights
from recent

-- name: risk_of_session
select risk_score, risk_facts, (select weights from risk_weights where tenant_id = $1) as weights
from sessions where tenant_id = $1 and session_id = $2

-- name: set_risk
update sessions set risk_score = $3, risk_facts = $4 where tenant_id = $1 and session_id = $2

-- name: risk_weights
select weights from risk_weights where tenant_id = $1

-- name: put_risk_weights
insert into risk_weights (tenant_id, weights) values ($1, $2)
on conflict (tenant_id) do update set weights = excluded.weights

-- name: delete_risk_weights
delete from risk_weights where tenant_id = $1

-- name: device_history
-- The sessions on the device $2 (its id, or that of a trusted one) at $3; their facts are those of the latest 50.
with device as (
    select session_id, user_id, state, end_reason, created_at, ended_at, idle_expires_at, risk_facts
    from sessions where tenant_id = $1 and device_id = $2
    union
    select session_id, sessions.user_id, state, end_reason, sessions.created_at, ended_at, idle_expires_at, risk_facts
    from trusted_devices join sessions using (tenant_id, user_id)
    where tenant_id = $1 and trusted_devices.device_id = $2 and device_fingerprint = fingerprint_hash
)
select
    count(*)::int as sessions,
    count(*) filter (where ended_at is null and idle_expires_at > coalesce($3::timestamptz, statement_timestamp()))::int as active_sessions,
    count(*) filter (where state = 'revoked')::int as revoked,
    count(*) filter (where end_reason = 'refresh_token_reuse')::int as failures,
    (select coalesce(jsonb_agg(risk_facts), '[]') from (
        select risk_facts from device order by created_at desc, session_id desc limit 50
    ) as latest) as facts,
    exists (select from trusted_devices where tenant_id = $1 and device_id = $2) as trusted,
    (select weights from risk_weights where tenant_id = $1) as weights
from device
