-- How many sessions a tenant had ever begun, or ended before their time, when its statistics were last read before an
-- instant.
create or replace function sessions_until(_home bigint, _measure text, _at timestamptz) returns bigint
language sql stable as $$
    select coalesce((
        select case _measure
            when 'logins' then active + expired + revoked + purged_revoked + purged_expired
            else revoked + purged_revoked
        end
        from unnest(array['minute', 'hour', 'day']) as resolutions (name), lateral (
            select * from statistics_samples
            where home = _home and resolution = resolutions.name and at <= _at and read_at <= _at
            order by at desc
            limit 1
        ) as sample
        order by read_at desc
        limit 1
    ), 0)
$$;

-- How often something happened in a tenant in the hour before an instant.
create or replace function measured_in_hour(_home bigint, _measure text, _at timestamptz) returns bigint
language sql stable as $$
    select case _measure
        when 'reuse' then (
            select count(*) from revocations
            where home = _home and reason = 'refresh_token_reuse' and kind = 'session'
                and at > _at - interval '1 hour' and at <= _at
        )
        when 'risk' then (
            select count(*) from (
                select from sessions
                where home = _home and risk_score >= 70 and risk_score > 0
                    and created_at > _at - interval '1 hour' and created_at <= _at
                limit 100000
            ) as risky
        )
        else sessions_until(_home, _measure, _at) - sessions_until(_home, _measure, _at - interval '1 hour')
    end
$$;

-- Tells of an alert that was raised or has ended, in the log of its tenant.
create or replace function tell_alert(
    _home bigint, _at timestamptz, _measure text, _value bigint, _expected numeric, _what text
) returns void language sql as $$
    insert into revocations (home, at, kind, reason, details)
    values (
        _home, _at, 'alert', format('%s: %s in an hour, %s expected', _measure, _value, round(_expected, 1)),
        jsonb_build_object('measure', _measure, 'count', _value, 'expected', round(_expected, 1), 'what', _what)
    )
$$;

-- Raises and ends the alerts of a tenant: compares the last hour with the same hour of the four weeks before, as far as the
-- tenant is that old, and tells of both in its log. Answers how many were raised.
create or replace function evaluate_alerts(_home bigint, _at timestamptz) returns integer language plpgsql as $$
declare
    rule record;
    raised integer := 0;
begin
    for rule in
        select alert_rules.*, measured_in_hour(_home, measure, _at) as value, coalesce((
            select avg(measured_in_hour(_home, measure, _at - week * interval '7 days'))
            from generate_series(1, 4) as week, tenants
            where tenants.home = _home and created_at < _at - week * interval '7 days' - interval '1 hour'
        ), 0) as expected
        from alert_rules where home = _home
        order by measure
    loop
        if rule.value >= rule.minimum and rule.value > rule.factor * rule.expected then
            insert into alerts (home, measure, at, value, expected)
            values (_home, rule.measure, _at, rule.value, rule.expected)
            on conflict do nothing;
            if found then
                raised := raised + 1;
                perform tell_alert(_home, _at, rule.measure, rule.value, rule.expected, 'raised');
            end if;
        else
            update alerts set ended_at = _at where home = _home and measure = rule.measure and ended_at is null;
            if found then
                perform tell_alert(_home, _at, rule.measure, rule.value, rule.expected, 'ended');
            end if;
        end if;
    end loop;
    return raised;
end
$$;
