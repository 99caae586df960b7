-- Appends to the log of a tenant ('-': of the platform). The head is locked until the act itself is committed: no entry without its act, no
-- act without its entry, and one order of both.
create or replace function append_audit(
    _tenant_id text, _at timestamptz, _action text, _request_id text, _details jsonb
) returns bigint language plpgsql as $$
declare
    head audit_heads;
    details_hash bytea := sha256(convert_to(_details::text, 'UTF8'));
    entry_hash bytea;
begin
    if not exists (select from tenants where tenant_id = _tenant_id) and _tenant_id <> '-' then
        return null; -- it was deleted meanwhile
    end if;
    insert into audit_heads (tenant_id, sequence, hash) values (_tenant_id, 0, '') on conflict do nothing;
    select * into head from audit_heads where tenant_id = _tenant_id for update;
    _at := coalesce(_at, clock_timestamp());
    entry_hash := audit_hash(head.hash, head.sequence + 1, _at, _action, _request_id, details_hash);
    insert into audit_entries (tenant_id, sequence, at, action, request_id, details, details_sha256, previous_hash, hash)
    values (_tenant_id, head.sequence + 1, _at, _action, _request_id, _details, details_hash, head.hash, entry_hash);
    update audit_heads set sequence = head.sequence + 1, hash = entry_hash where tenant_id = _tenant_id;
    return head.sequence + 1;
end
$$;

-- The hash of an entry: of the one before and of all that the entry says, a line each.
create or replace function audit_hash(
    _previous bytea, _sequence bigint, _at timestamptz, _action text, _request_id text, _details_sha256 bytea
) returns bytea language sql immutable as $$
    select sha256(convert_to(concat_ws(
        E'\n', encode(_previous, 'hex'), _sequence, (extract(epoch from _at) * 1000000)::bigint, _action, _request_id,
        encode(_details_sha256, 'hex')
    ), 'UTF8'))
$$;

-- An entry never changes; only its details may go, and entries go with their tenant.
create or replace function keep_audit() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and not exists (select from tenants where tenant_id = old.tenant_id and deleted_at is null) then
        return old;
    elsif tg_op = 'UPDATE' and new.details is null and to_jsonb(new) - 'details' = to_jsonb(old) - 'details' then
        return new;
    end if;
    raise exception 'the audit log is append-only';
end
$$;

create or replace trigger keep_audit before update or delete on audit_entries
for each row execute function keep_audit();
