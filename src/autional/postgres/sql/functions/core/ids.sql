-- The access token that was issued with a refresh token, and the other way round: their ids differ by the last bit.
create or replace function access_of(_refresh_id uuid) returns uuid language sql immutable parallel safe as $$
    select (left(_refresh_id::text, 35) || translate(right(_refresh_id::text, 1), '37bf', '26ae'))::uuid
$$;

create or replace function refresh_of(_access_id uuid) returns uuid language sql immutable parallel safe as $$
    select (left(_access_id::text, 35) || translate(right(_access_id::text, 1), '26ae', '37bf'))::uuid
$$;

create or replace function is_refresh(_token_id uuid) returns boolean language sql immutable parallel safe as $$
    select right(_token_id::text, 1) in ('3', '7', 'b', 'f')
$$;

-- The text of the id of a session or token, which is Crockford's base 32 of its 16 bytes: its two last bits say of what.
create or replace function id_text(_id uuid) returns text language sql immutable parallel safe as $$
    select case when right(_id::text, 1) in ('0', '4', '8', 'c') then 'sess_' else 'tok_' end || string_agg(
        substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(bits, 5 * place + 1, 5)::bit(5)::integer + 1, 1), ''
        order by place
    )
    from (select '00' || ('x' || replace(_id::text, '-', ''))::bit(128)::text) as number (bits),
        generate_series(0, 25) as place
$$;
