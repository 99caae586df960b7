-- Leaves no trace of a user: what goes on is ended, what is counted stays without the person, the rest is removed.
-- Answers how many sessions there were.
create or replace function erase_user(_tenant_id text, _user_id text, _now timestamptz) returns bigint
language plpgsql as $$
declare
    named text[];
    mentioned text := to_json(_user_id)::text;
begin
    perform take_gate(tenant_gate(_tenant_id), false), take_gate(user_gate(_tenant_id, _user_id), true);
    -- a job is locked before its sessions, here as by who works on it
    update jobs set
        filter = case when position(mentioned in filter::text) > 0 then '{"user_id": "erased"}' else filter end,
        requested_by = case when requested_by = _user_id then 'erased' else requested_by end
    where tenant_id = _tenant_id and (requested_by = _user_id or position(mentioned in filter::text) > 0);
    perform session_id from sessions where tenant_id = _tenant_id and user_id = _user_id order by session_id for update;
    _now := coalesce(_now, clock_timestamp());
    select coalesce(array_agg(session_id), '{}') into named from sessions
    where tenant_id = _tenant_id and user_id = _user_id;
    perform end_sessions(_tenant_id, named, 'erasure', _now);
    delete from refresh_tokens where tenant_id = _tenant_id and session_id = any (named);
    delete from access_tokens where tenant_id = _tenant_id and session_id = any (named);
    delete from idempotency_keys where tenant_id = _tenant_id and session_id = any (named);
    delete from trusted_devices where tenant_id = _tenant_id and user_id = _user_id;
    update sessions set
        user_id = 'erased', device_id = null, device_fingerprint = null, device_model = null, browser = null, os = null,
        user_agent = null, ip = null, country = null, city = null, latitude = null, longitude = null,
        risk_score = 0, risk_facts = '{}', end_reason = case when state = 'revoked' then 'erasure' end
    where tenant_id = _tenant_id and session_id = any (named);
    delete from access_tokens where tenant_id = _tenant_id and user_id = _user_id;
    update blacklist set user_id = 'erased', reason = 'erasure' where tenant_id = _tenant_id and user_id = _user_id;
    update revocations set
        user_id = null, reason = 'erasure', subject = case when kind = 'user' then 'erased' else subject end
    where tenant_id = _tenant_id and (user_id = _user_id or kind = 'user' and subject = _user_id);
    update audit_entries set details = null
    where tenant_id = _tenant_id and (
        position(mentioned in details::text) > 0
        or exists (select from unnest(named) as name where position(to_json(name)::text in details::text) > 0)
    );
    return cardinality(named);
end
$$;
