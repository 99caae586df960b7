-- Notes that somebody looks at the breakdown of a tenant, once in ten seconds.
create or replace function ask_for_breakdown(_home bigint, _at timestamptz) returns void language plpgsql as $$
declare
    moment timestamptz := coalesce(_at, statement_timestamp());
    known timestamptz := (select asked_at from session_breakdowns where home = _home);
begin
    if known >= moment - interval '10 seconds' then
        return;
    end if;
    insert into session_breakdowns (home, asked_at)
    select _home, moment from tenants where home = _home and disabled_at is null
    on conflict (home) do update set asked_at = excluded.asked_at;
end
$$;
