-- name: alert_rules
select measure, factor, minimum from alert_rules where home = $1 order by measure

-- name: delete_alert_rules
-- With the open alerts of measures that have no rule any more.
with ended as (
    update alerts set ended_at = statement_timestamp() where home = $1 and ended_at is null and measure <> all ($2::text[])
)
delete from alert_rules where home = $1 and measure <> all ($2::text[])

-- name: set_alert_rules
insert into alert_rules (home, measure, factor, minimum)
select $1, measure, factor, minimum from unnest($2::text[], $3::real[], $4::integer[]) as given (measure, factor, minimum)
order by measure
on conflict (home, measure) do update set factor = excluded.factor, minimum = excluded.minimum

-- name: alerts
-- The latest first, open ones before all others.
select alert_id, measure, at, value, expected, ended_at from alerts
where home = $1
order by ended_at is not null, at desc, alert_id desc
limit $2

-- name: tenants_with_alert_rules
select distinct tenant_id from alert_rules join tenants using (home) where deleted_at is null

-- name: evaluate_alerts
select evaluate_alerts($1, $2) as raised

-- name: prune_alerts
with gone as (
    delete from alerts where (home, alert_id) in (
        select home, alert_id from alerts where ended_at < $1::timestamptz - interval '90 days' limit $2
    )
    returning 1
)
select count(*)::integer as done from gone
