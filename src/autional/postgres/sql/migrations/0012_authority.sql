-- What an API key may do.
alter table api_keys
    add role text not null default 'service' check (role in ('service', 'security_admin', 'admin', 'platform_admin')),
    add check (role <> 'platform_admin' or tenant_ids is null);

drop function if exists touch_session;
drop function if exists reissue_tokens;
