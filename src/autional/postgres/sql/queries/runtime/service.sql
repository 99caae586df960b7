-- name: kept_issuer
-- The issuer of this installation; $1 from now on where there is none yet and one is given.
with kept as (
    insert into installation (issuer) select $1::text where $1 is not null
    on conflict (only_row) do update set issuer = installation.issuer -- waits for another node's first start and reads it
    returning issuer
)
select issuer from kept union all select issuer from installation limit 1
