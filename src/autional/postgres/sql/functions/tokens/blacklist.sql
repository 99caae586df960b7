-- Puts a token on the blacklist; a second time changes nothing.
create or replace function blacklist_token(
    _home bigint, _token_id uuid, _type text, _user_id text, _reason text, _expires_at timestamptz, _at timestamptz
) returns void language plpgsql as $$
declare
    moment timestamptz := coalesce(_at, clock_timestamp());
begin
    insert into blacklist (home, token_id, token_type, user_id, reason, created_at, expires_at)
    select _home, _token_id, _type, _user_id, _reason, moment, _expires_at
    from tenants where home = _home
    on conflict do nothing;
    if found then
        insert into revocations (home, at, kind, subject_id, user_id, reason)
        values (_home, moment, 'token', _token_id, _user_id, _reason);
    end if;
end
$$;
