-- The last key that signs can be neither retired nor removed, even concurrently.
create or replace function keep_a_signing_key() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('signing keys', 0));
    if not exists (
        select from signing_keys
        where key_id <> old.key_id and retired_at is null and signs_from <= clock_timestamp()
    ) then
        raise exception 'the last signing key stays' using errcode = 'check_violation', constraint = 'last_signing_key';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;

create or replace function keep_signing_keys() returns trigger language plpgsql as $$
begin
    raise exception 'the last signing key stays' using errcode = 'check_violation', constraint = 'last_signing_key';
end
$$;

create or replace trigger keep_a_signing_key_retired before update on signing_keys
for each row when (new.retired_at is not null and old.retired_at is null) execute function keep_a_signing_key();
create or replace trigger keep_a_signing_key_deleted before delete on signing_keys
for each row when (old.retired_at is null) execute function keep_a_signing_key();
create or replace trigger keep_signing_keys before truncate on signing_keys execute function keep_signing_keys();
