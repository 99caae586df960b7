-- Ends everything that an earlier state would bring to life: sessions with all their tokens, trusted devices, jobs, and what
-- administrators signed in with. API keys are closed until somebody enables them. Answers about when the state was current.
create or replace function close_restored(_epoch text) returns timestamptz language plpgsql as $$
declare
    one bigint;
    state_at timestamptz := (select max(begun_at) from housekeeping);
begin
    insert into restorations (epoch, restored_at, state_at) values (_epoch, clock_timestamp(), state_at);
    for one in select home from tenants where deleted_at is null order by home loop
        perform take_gate(tenant_gate(one), true);
        update tenants set -- beyond what was given out after that state
            session_generation = session_generation + 1000000,
            access_generation = access_generation + 1000000,
            refresh_generation = refresh_generation + 1000000
        where home = one;
        perform sign_out_tenant(one, null, 'database_restored', null);
    end loop;
    update api_keys set closed_at = clock_timestamp() where revoked_at is null;
    update jobs set state = 'cancelled', finished_at = clock_timestamp() where state in ('shown', 'waiting', 'running');
    delete from idempotency_keys;
    delete from console_sessions;
    delete from console_links;
    return state_at;
end
$$;
