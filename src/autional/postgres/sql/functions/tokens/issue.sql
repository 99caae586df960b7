-- Records a token that is exchanged from an access token of its user (RFC 8693): checked again under the gates, with its
-- session held, so that nothing that ends it can come between. $_ids are its id and those that it was exchanged from.
-- No row when it is no longer valid: no leeway counts here.
create or replace function exchange_token(
    _home bigint, _session_id uuid, _at timestamptz, _ids uuid[], _tenant_generation integer,
    _session_generation integer, _level smallint, _user_id text, _role text, _subject_expires_at timestamptz,
    _life interval, _token_id uuid
) returns table (issued_at timestamptz, access_expires_at timestamptz) language plpgsql as $$
#variable_conflict use_column
declare
    session sessions;
    moment timestamptz;
begin
    perform take_gate(tenant_gate(_home), false), take_gate(user_gate(_home, _user_id), false);
    if _session_id is not null then
        select * into session from sessions where home = _home and session_id = _session_id for share;
    end if;
    moment := coalesce(_at, clock_timestamp());
    if not exists (
        select from tenants
        where home = _home and disabled_at is null and access_generation = _tenant_generation
    ) or exists (
        select from blacklist where home = _home and token_id = any (_ids)
    ) or (case when _session_id is null
        then not exists (
            select from access_tokens where home = _home and token_id = _ids[1] and session_id is null
        )
        else (
            session.ended_at is null and session.idle_expires_at > moment and session.aal <= _level
            and session.access_generation = _session_generation
        ) is not true
    end) then
        return;
    end if;
    issued_at := moment;
    access_expires_at := access_end(moment, _life, least(_subject_expires_at, session.idle_expires_at));
    if access_expires_at <= date_trunc('second', moment) then
        return;
    end if;
    insert into access_tokens (
        home, token_id, session_id, kind, user_id, role, issued_at, expires_at,
        tenant_generation, session_generation, ancestors
    ) values (
        _home, _token_id, _session_id, 'exchange', case when _session_id is null then _user_id end,
        case when _session_id is null then _role end, moment, access_expires_at,
        _tenant_generation, _session_generation, _ids
    );
    return next;
end
$$;

-- Records an access token of an operator, who belongs to no session. No row when the tenant is unknown or disabled.
create or replace function record_operator_token(
    _home bigint, _token_id uuid, _user_id text, _role text, _life interval, _at timestamptz
) returns table (issued_at timestamptz, access_expires_at timestamptz, tenant_generation integer) language plpgsql as $$
#variable_conflict use_column
declare
    moment timestamptz;
begin
    perform take_gate(tenant_gate(_home), false), take_gate(user_gate(_home, _user_id), false);
    moment := coalesce(_at, clock_timestamp());
    insert into access_tokens (
        home, token_id, kind, user_id, role, issued_at, expires_at, tenant_generation
    )
    select
        _home, _token_id, 'operator', _user_id, _role, moment, access_end(moment, _life, null),
        access_generation
    from tenants where home = _home and disabled_at is null
    returning issued_at, expires_at, tenant_generation
    into record_operator_token.issued_at, record_operator_token.access_expires_at,
        record_operator_token.tenant_generation;
    if found then
        return next;
    end if;
end
$$;
