-- Adds a tenant and answers its id; null when the id is taken, or was once.
create or replace function add_tenant(_home bigint, _tenant_id text, _name text, _at timestamptz, _id_hmac bytea)
returns text language plpgsql as $$
declare
    moment timestamptz := coalesce(_at, clock_timestamp());
begin
    if exists (select from deleted_tenants where id_hmac = _id_hmac) then
        return null;
    end if;
    insert into tenants (home, tenant_id, name, created_at) values (_home, _tenant_id, _name, moment)
    on conflict do nothing;
    return case when found then _tenant_id end;
end
$$;

-- Disables a tenant and answers its id, null when there is none or it is split (its buckets are disabled). Once: a second time changes and tells nothing.
create or replace function disable_tenant(_home bigint, _at timestamptz) returns text language plpgsql as $$
declare
    named record;
    moment timestamptz;
begin
    perform take_gate(tenant_gate(_home), true);
    moment := coalesce(_at, clock_timestamp());
    select tenant_id, disabled_at is null as is_new into named from tenants
    where home = _home and deleted_at is null and disabled_at is distinct from '-infinity';
    if named.is_new then
        update tenants set disabled_at = moment where home = _home;
        insert into revocations (home, at, kind, reason, details)
        values (_home, moment, 'tenant', 'tenant_disabled', '{"disabled": true}');
    end if;
    return named.tenant_id;
end
$$;

-- The other way round.
create or replace function enable_tenant(_home bigint) returns text language plpgsql as $$
declare
    named record;
    moment timestamptz;
begin
    perform from tenants where home = _home for update;
    moment := clock_timestamp();
    select tenant_id, disabled_at is not null as is_new into named from tenants
    where home = _home and deleted_at is null and disabled_at is distinct from '-infinity';
    if named.is_new then
        update tenants set disabled_at = null where home = _home;
        insert into revocations (home, at, kind, reason) values (_home, moment, 'restored', 'tenant_enabled');
    end if;
    return named.tenant_id;
end
$$;

-- Ends a tenant: nothing of it is accepted any more. Its records go later (purge_tenant). Answers when it ended; null when
-- there is no such tenant. Its id has to be used up in the same transaction.
create or replace function end_tenant(_home bigint, _tenant_id text, _at timestamptz) returns timestamptz
language plpgsql security definer set search_path = autional, pg_temp as $$
declare
    moment timestamptz;
begin
    perform take_gate(tenant_gate(_home), true);
    moment := coalesce(_at, clock_timestamp());
    update tenants set
        deleted_at = moment,
        disabled_at = coalesce(disabled_at, moment),
        session_generation = session_generation + 1,
        access_generation = access_generation + 1,
        refresh_generation = refresh_generation + 1
    where home = _home and split_part(tenant_id, '/', 1) = _tenant_id and deleted_at is null
        and disabled_at is distinct from '-infinity';
    if not found then
        return null;
    end if;
    insert into revocations (home, at, kind, reason, details)
    values (_home, moment, 'tenant', 'tenant_deleted', '{"disabled": true}');
    return moment;
end
$$;

-- Ends what lists the buckets of a split tenant, of which nothing was ever used.
create or replace function end_whole_tenant(_home bigint, _at timestamptz) returns void
language plpgsql security definer set search_path = autional, pg_temp as $$
begin
    update tenants set deleted_at = _at where home = _home and deleted_at is null and disabled_at = '-infinity';
end
$$;

-- Keeps the id of a tenant that was ended from being given out again, and revokes the keys of it alone.
create or replace function use_up_tenant_id(_tenant_id text, _id_hmac bytea, _at timestamptz) returns void
language plpgsql security definer set search_path = autional, pg_temp as $$
begin
    insert into deleted_tenants (id_hmac, deleted_at) values (_id_hmac, _at);
    update api_keys set
        revoked_at = case when tenant_ids = array[_tenant_id] then coalesce(revoked_at, _at) else revoked_at end,
        tenant_ids = case
            when tenant_ids = array[_tenant_id] then tenant_ids else array_remove(tenant_ids, _tenant_id)
        end
    where _tenant_id = any (tenant_ids);
end
$$;

-- The same in one, as nodes of 0.1.0 call it.
create or replace function delete_tenant(_home bigint, _tenant_id text, _id_hmac bytea, _at timestamptz) returns boolean
language plpgsql security definer set search_path = autional, pg_temp as $$
declare
    ended_at timestamptz := end_tenant(_home, _tenant_id, _at);
begin
    if ended_at is not null then
        perform use_up_tenant_id(_tenant_id, _id_hmac, ended_at);
    end if;
    return ended_at is not null;
end
$$;

-- Removes records of a deleted tenant, a batch at a time; false when all are gone.
create or replace function purge_tenant(_home bigint, _batch integer) returns boolean language plpgsql security definer set search_path = autional, pg_temp as $$
declare
    owner tenants;
    removed integer;
    named uuid[];
begin
    select * into owner from tenants where home = _home and deleted_at is not null for update skip locked;
    if not found or owner.deleted_at > clock_timestamp() - interval '1 day' and (
        exists (select from revocations where home = _home and kind = 'tenant' and position is null)
        or exists (select from deliveries where home = _home and state = 'waiting')
        or exists (select from receivers join revocation_heads as head using (home) where home = _home and told_to < head.position)
        or exists (
            select from listing_heads as listed join revocation_heads as head using (home)
            where home = _home and (listed.position < head.position or looked_to < look_to)
        )
        or exists (select from listed_tokens where home = _home and not checked)
    ) then
        return false; -- its receivers hear of it first
    end if;
    named := array(select session_id from sessions where home = _home limit _batch for update);
    perform delete_session_records(_home, named);
    delete from sessions where home = _home and session_id = any (named);
    removed := cardinality(named);
    if removed < _batch then
        delete from audit_entries where home = _home and sequence = any (
            array(select sequence from audit_entries where home = _home limit _batch)
        );
        get diagnostics removed = row_count;
    end if;
    if removed < _batch then
        delete from access_tokens where home = _home and token_id = any (
            array(select token_id from access_tokens where home = _home limit _batch)
        );
        get diagnostics removed = row_count;
    end if;
    if removed < _batch then
        delete from revocations where home = _home and revocation_id = any (
            array(select revocation_id from revocations where home = _home limit _batch)
        );
        get diagnostics removed = row_count;
    end if;
    if removed < _batch then
        delete from idempotency_keys where home = _home and key_sha256 = any (
            array(select key_sha256 from idempotency_keys where home = _home limit _batch)
        );
        get diagnostics removed = row_count;
    end if;
    if removed < _batch then
        delete from user_agents where home = _home;
        delete from session_counters where home = _home;
        delete from audit_heads where home = _home;
        delete from tenants where home = _home;
        return false;
    end if;
    return true;
end
$$;
