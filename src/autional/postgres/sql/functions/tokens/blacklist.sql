-- Puts a token on the blacklist; a second time changes nothing.
create or replace function blacklist_token(
    _tenant_id text, _token_id uuid, _type text, _user_id text, _reason text, _expires_at timestamptz, _at timestamptz
) returns void language plpgsql as $$
declare
    moment timestamptz := coalesce(_at, clock_timestamp());
begin
    insert into blacklist (tenant_id, token_id, token_type, user_id, reason, created_at, expires_at)
    select _tenant_id, _token_id, _type, _user_id, _reason, moment, _expires_at
    from tenants where tenant_id = _tenant_id
    on conflict do nothing;
    if found then
        insert into revocations (tenant_id, at, kind, subject_id, user_id, reason)
        values (_tenant_id, moment, 'token', _token_id, _user_id, _reason);
    end if;
end
$$;
