-- Begins to end what an earlier state would bring to life: closes API keys until somebody enables them, and what
-- administrators signed in with; nothing is repeated, no job goes on. Answers about when the state was current.
create or replace function begin_restoration(_epoch text) returns timestamptz language plpgsql as $$
declare
    moment timestamptz := clock_timestamp();
    state_at timestamptz := coalesce(
        (select restorations.state_at from restorations where finished_at is null order by restored_at limit 1),
        (select max(begun_at) from housekeeping)
    );
begin
    insert into restorations (epoch, restored_at, state_at) values (_epoch, moment, state_at);
    update api_keys set closed_at = coalesce(closed_at, moment) where revoked_at is null;
    update jobs set state = 'cancelled', finished_at = moment where state in ('shown', 'waiting', 'running');
    delete from idempotency_keys;
    delete from console_sessions;
    delete from console_links;
    return state_at;
end
$$;

-- Ends the sessions, tokens and trusted devices of a tenant.
create or replace function close_restored_tenant(_home bigint) returns void language plpgsql as $$
begin
    perform take_gate(tenant_gate(_home), true);
    update tenants set -- beyond what was given out after that state
        session_generation = session_generation + 1000000,
        access_generation = access_generation + 1000000,
        refresh_generation = refresh_generation + 1000000
    where home = _home;
    perform sign_out_tenant(_home, null, 'database_restored', null);
end
$$;
