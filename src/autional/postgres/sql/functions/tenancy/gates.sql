-- Whoever adds sessions or tokens holds the gate of the tenant and of the user, shared; whoever ends everything that a
-- tenant or a user has holds it alone, and only then reads the clock and acts: nothing slips in between. Locks are taken
-- in one order: tenant, users, sessions. False when the gate is not free and the caller does not wait.
create or replace function take_gate(_name text, _alone boolean, _wait boolean default true) returns boolean
language plpgsql as $$
declare
    gate bigint := hashtextextended(_name, 0);
begin
    if not _wait then
        return case when _alone then pg_try_advisory_xact_lock(gate) else pg_try_advisory_xact_lock_shared(gate) end;
    elsif _alone then
        perform pg_advisory_xact_lock(gate);
    else
        perform pg_advisory_xact_lock_shared(gate);
    end if;
    return true;
end
$$;

-- The gate of a tenant, where the tenant is.
create or replace function hold_tenant(_home bigint, _alone boolean) returns void language plpgsql as $$
begin
    perform take_gate(tenant_gate(_home), _alone);
end
$$;

-- The gates of a tenant and a user with others.
create or replace function share_user(_home bigint, _user_id text) returns void language plpgsql as $$
begin
    perform take_gate(tenant_gate(_home), false), take_gate(user_gate(_home, _user_id), false);
end
$$;

create or replace function tenant_gate(_home bigint) returns text
language sql immutable parallel safe as $$ select 'tenant ' || _home $$;

create or replace function user_gate(_home bigint, _user_id text) returns text
language sql immutable parallel safe as $$ select 'user ' || _home || E'\n' || _user_id $$;
