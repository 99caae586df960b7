-- Appends to the log of a tenant (0: of the platform). The head is locked until the act itself is committed: no entry
-- without its act, no act without its entry, and one order of both. `_personal` are rows of path, value, user and salt
-- and, in hexadecimal, subject. Answers the number of the entry; null when the tenant was deleted meanwhile.
create or replace function append_audit(
    _home bigint, _at timestamptz, _action text, _request_id text, _details jsonb, _personal jsonb
) returns bigint language plpgsql security definer set search_path = autional, pg_temp as $$
declare
    head audit_heads;
    committed text;
    details_hash bytea;
    entry_hash bytea;
begin
    if not exists (select from tenants where home = _home) and _home <> 0 then
        return null;
    end if;
    insert into audit_heads (home, sequence, hash) values (_home, 0, '') on conflict do nothing;
    select * into head from audit_heads where home = _home for update;
    _at := coalesce(_at, clock_timestamp());
    select string_agg(audit_commitment_line(path, subject, audit_commitment(salt, value)), '' order by place)
    into committed
    from audit_personal(_personal);
    details_hash := sha256(convert_to(_details::text || coalesce(committed, ''), 'UTF8'));
    entry_hash := audit_hash(head.hash, head.sequence + 1, _at, _action, _request_id, details_hash);
    insert into audit_entries (home, sequence, at, action, request_id, details, details_sha256, previous_hash, hash)
    values (_home, head.sequence + 1, _at, _action, _request_id, _details, details_hash, head.hash, entry_hash);
    insert into audit_values (
        home, sequence, place, path, subject, user_id, foreign_tenant, foreign_user, value, salt, commitment
    )
    select _home, head.sequence + 1, place, path, subject, user_id, foreign_tenant, foreign_user, value, salt,
        audit_commitment(salt, value)
    from audit_personal(_personal);
    update audit_heads set sequence = head.sequence + 1, hash = entry_hash where home = _home;
    return head.sequence + 1;
end
$$;

create or replace function audit_personal(_personal jsonb)
returns table (
    place integer, path text[], subject bytea, user_id text, foreign_tenant text, foreign_user text, value text, salt bytea
)
language plpgsql immutable as $$
begin
    return query
    select turn::integer, array(select jsonb_array_elements_text(one -> 'path')), decode(one ->> 'subject', 'hex'),
        one ->> 'user_id', one ->> 'foreign_tenant', one ->> 'foreign_user', one ->> 'value', decode(one ->> 'salt', 'hex')
    from jsonb_array_elements(_personal) with ordinality as rows (one, turn);
end
$$;

create or replace function audit_commitment(_salt bytea, _value text) returns bytea language sql immutable as $$
    select sha256(_salt || convert_to(_value, 'UTF8'))
$$;

-- What an entry's hash says of a personal value.
create or replace function audit_commitment_line(_path text[], _subject bytea, _commitment bytea) returns text
language sql immutable as $$
    select E'\n' || to_json(_path)::text || ' ' || coalesce(encode(_subject, 'hex'), '-') || ' ' || encode(_commitment, 'hex')
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

-- An entry never changes, and goes with its tenant alone; of a personal value only what an erasure removes may go.
create or replace function keep_audit() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and exists (select from tenants where home = old.home and deleted_at is not null) then
        return old;
    end if;
    raise exception 'the audit log is append-only';
end
$$;

create or replace function keep_audit_values() returns trigger language plpgsql as $$
begin
    if new.value is null and new.salt is null and coalesce(new.user_id, new.foreign_tenant, new.foreign_user) is null
        and (new.home, new.sequence, new.place, new.path, new.commitment)
            = (old.home, old.sequence, old.place, old.path, old.commitment)
        and new.subject is not distinct from old.subject
    then
        return new;
    end if;
    raise exception 'the audit log is append-only';
end
$$;

create or replace function keep_audit_head() returns trigger language plpgsql as $$
begin
    if new.home = old.home and new.sequence = old.sequence + 1 then
        return new;
    end if;
    raise exception 'the audit log is append-only';
end
$$;

create or replace function keep_audit_whole() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end
$$;

create or replace trigger keep_audit before update or delete on audit_entries -- not on Citus
for each row execute function keep_audit(); -- not on Citus
create or replace trigger keep_audit before delete on audit_values -- not on Citus
for each row execute function keep_audit(); -- not on Citus
create or replace trigger keep_audit_values before update on audit_values -- not on Citus
for each row execute function keep_audit_values(); -- not on Citus
create or replace trigger keep_audit before delete on audit_heads -- not on Citus
for each row execute function keep_audit(); -- not on Citus
create or replace trigger keep_audit_head before update on audit_heads -- not on Citus
for each row execute function keep_audit_head(); -- not on Citus
create or replace trigger keep_audit_whole before truncate on audit_entries -- not on Citus
for each statement execute function keep_audit_whole(); -- not on Citus
create or replace trigger keep_audit_whole before truncate on audit_values -- not on Citus
for each statement execute function keep_audit_whole(); -- not on Citus
create or replace trigger keep_audit_whole before truncate on audit_heads -- not on Citus
for each statement execute function keep_audit_whole(); -- not on Citus
