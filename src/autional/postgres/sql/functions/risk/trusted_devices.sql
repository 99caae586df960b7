-- Trusts a device from now on, or for longer; of more devices of the user than this the one trusted longest ago is
-- forgotten. No row when the session that the user calls from, if one is named, is not active.
create or replace function trust_device(
    _home bigint, _device jsonb, _session_id uuid, _within interval, _most integer, _at timestamptz
) returns setof trusted_devices language plpgsql as $$
declare
    moment timestamptz := coalesce(_at, clock_timestamp());
    given trusted_devices := jsonb_populate_record(null::trusted_devices, _device);
begin
    if _session_id is not null then
        perform from sessions
        where home = _home and session_id = _session_id and ended_at is null and idle_expires_at > moment;
        if not found then
            return;
        end if;
    end if;
    delete from trusted_devices where home = _home and device_id in (
        select device_id from trusted_devices
        where home = _home and user_id = given.user_id and fingerprint_hash <> given.fingerprint_hash
        order by trusted_until desc, device_id desc
        offset _most - 1
    );
    return query insert into trusted_devices (
        home, device_id, user_id, fingerprint_hash, device_name, device_type, browser, os, ip, created_at, trusted_until
    ) values (
        _home, given.device_id, given.user_id, given.fingerprint_hash, given.device_name, given.device_type,
        given.browser, given.os, given.ip, moment, moment + _within
    )
    on conflict (home, user_id, fingerprint_hash) do update set
        device_name = coalesce(excluded.device_name, trusted_devices.device_name),
        device_type = coalesce(excluded.device_type, trusted_devices.device_type),
        browser = coalesce(excluded.browser, trusted_devices.browser),
        os = coalesce(excluded.os, trusted_devices.os),
        ip = coalesce(excluded.ip, trusted_devices.ip),
        trusted_until = excluded.trusted_until
    returning trusted_devices.*;
end
$$;
