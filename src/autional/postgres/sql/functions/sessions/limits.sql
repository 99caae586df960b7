-- Makes room for one more session of a user, or of an agent that acts for the user, under the limits of the tenant; false
-- when it is to be refused, and also when it would end one of $_begun_from, from which it is begun. Logins of one user follow
-- each other, since the caller holds the gate of the user alone.
create or replace function make_room(
    _home bigint, _user_id text, _role text, _device_type text, _actor text, _begun_from uuid[],
    _now timestamptz
) returns boolean language plpgsql as $$
declare
    limits session_limits;
    most integer;
    only_type text;
    excess uuid[];
begin
    select * into limits from session_limits where home = _home;
    if not found then
        return true;
    end if;
    perform from sessions
    where home = _home and user_id = _user_id and ended_at is null
    order by session_id
    for update;
    foreach only_type in array case when _actor is null then array[null, _device_type] else array[null::text] end loop
        most := case
            when _actor is not null then limits.max_sessions_per_agent
            when only_type is null then coalesce((limits.by_role ->> _role)::integer, limits.max_sessions)
            else (limits.by_device_type ->> only_type)::integer
        end;
        continue when most is null;
        select array_agg(session_id) into excess from (
            select session_id from sessions
            where home = _home and user_id = _user_id and ended_at is null and idle_expires_at > _now
                and device_type = coalesce(only_type, device_type) and act ->> 'sub' is not distinct from _actor
            order by
                case limits.on_overflow when 'end_oldest' then created_at else last_active_at end desc,
                session_id desc
            offset most - 1
        ) as beyond;
        if excess is null then
            continue;
        elsif limits.on_overflow = 'refuse' or excess && _begun_from then
            return false;
        end if;
        perform end_sessions(_home, excess, 'session_limit', _now);
    end loop;
    return true;
end
$$;

-- Whether a thousand sessions of agents that go on were begun from a session: ending it has to stay one short statement.
create or replace function has_most_children(_home bigint, _session_id uuid) returns boolean language sql stable as $$
    select count(*) >= 1000 from (
        select from sessions
        where home = _home and begun_from is not null and begun_from && array[_session_id] and ended_at is null
        limit 1000
    ) as children
$$;
