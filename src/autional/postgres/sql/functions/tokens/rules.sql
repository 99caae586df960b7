-- What the tokens of a tenant that is not disabled are issued under: their lives, and the generations that they must
-- still have to be valid. A view, since a function of it would cost the hot paths a statement of its own.
create or replace view token_rules as
select
    home,
    coalesce(config.access_expiry, interval '1 hour') as access_expiry,
    coalesce(config.refresh_expiry, interval '30 days') as refresh_expiry,
    access_generation, refresh_generation, session_generation, tells_sessions
from tenants left join jwt_configs as config using (home)
where disabled_at is null;
