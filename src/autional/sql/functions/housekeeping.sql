-- Writes down, a batch at a time, what time has ended: nothing that is read depends on it.
-- Only sessions overdue since `_before` are moved, so that a reading for a moment since then still finds them live.
-- Answers how many were moved.
create or replace function sweep_expired(_tenant_id text, _before timestamptz, _batch integer)
returns bigint language sql as $$
    with
    overdue as (
        select session_id from sessions
        where tenant_id = _tenant_id and state = 'live'
            and expiry_minute > 0 and expiry_minute <= minute_of(_before) and idle_expires_at <= _before
        order by expiry_minute
        limit _batch
        for update skip locked
    ),
    moved as (
        update sessions set state = 'expired', ended_at = idle_expires_at
        from overdue
        where sessions.tenant_id = _tenant_id and sessions.session_id = overdue.session_id
        returning device_type
    ),
    counted as (select device_type, count(*) as moved from moved group by device_type order by device_type),
    added as (select add_to_counters(_tenant_id, device_type, -moved, 0, moved), moved from counted)
    select coalesce(sum(moved), 0)::bigint from added
$$;

-- Removes the records of sessions that ended in a state before an instant, a batch at a time, from the statistics too;
-- lifetime totals keep them. Answers how many were removed.
create or replace function purge_ended(_tenant_id text, _state text, _before timestamptz, _batch integer)
returns bigint language sql as $$
    with
    over as (
        select session_id from sessions
        where tenant_id = _tenant_id and state = _state and ended_at is not null and ended_at <= _before
        order by ended_at
        limit _batch
        for update skip locked
    ),
    gone as (
        delete from sessions using over
        where sessions.tenant_id = _tenant_id and sessions.session_id = over.session_id
        returning device_type
    ),
    counted as (select device_type, count(*) as removed from gone group by device_type order by device_type),
    added as (
        select
            add_to_counters(
                _tenant_id, device_type, 0,
                case when _state = 'revoked' then -removed else 0 end, case when _state = 'expired' then -removed else 0 end,
                case when _state = 'revoked' then removed else 0 end, case when _state = 'expired' then removed else 0 end
            ),
            removed
        from counted
    )
    select coalesce(sum(removed), 0)::bigint from added
$$;
