-- The text of the id of a session or token, which is Crockford's base 32 of its 16 bytes: its two last bits say of what.
create or replace function id_text(_id uuid) returns text language sql immutable parallel safe as $$
    select case when right(_id::text, 1) in ('0', '4', '8', 'c') then 'sess_' else 'tok_' end || string_agg(
        substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(bits, 5 * place + 1, 5)::bit(5)::integer + 1, 1), ''
        order by place
    )
    from (select '00' || ('x' || replace(_id::text, '-', ''))::bit(128)::text) as number (bits),
        generate_series(0, 25) as place
$$;
