-- The minute of the epoch in which an instant falls: floor, where a cast would round.
create or replace function minute_of(_instant timestamptz) returns integer
language sql immutable parallel safe as $$ select floor(extract(epoch from _instant) / 60)::integer $$;

-- Adds to the statistics of a tenant. The slot follows the connection, so that connections do not wait for each other.
create or replace function add_to_counters(
    _home bigint, _device_type text, _live bigint, _revoked bigint, _expired bigint,
    _purged_revoked bigint default 0, _purged_expired bigint default 0
) returns void language plpgsql as $$
begin
    insert into session_counters as counters
        (home, slot, device_type, live, revoked, expired, purged_revoked, purged_expired, changed_minute)
    values
        (
            _home, pg_backend_pid() % 64, _device_type, _live, _revoked, _expired, _purged_revoked, _purged_expired,
            minute_of(clock_timestamp())
        )
    on conflict (home, slot, device_type) do update set
        live = counters.live + excluded.live,
        revoked = counters.revoked + excluded.revoked,
        expired = counters.expired + excluded.expired,
        purged_revoked = counters.purged_revoked + excluded.purged_revoked,
        purged_expired = counters.purged_expired + excluded.purged_expired,
        changed_minute = greatest(counters.changed_minute, excluded.changed_minute);
end
$$;
