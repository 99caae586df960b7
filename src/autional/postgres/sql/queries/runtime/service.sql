-- name: kept_issuer
-- The issuer of this installation; $1 from now on where there is none yet and one is given.
with kept as (
    insert into installation (issuer) select $1::text where $1 is not null
    on conflict (only_row) do update set issuer = installation.issuer -- waits for another node's first start and reads it
    returning issuer
)
select issuer from kept union all select issuer from installation limit 1

-- name: beat
-- Notes the database's time where that was not done within a second; answers for how many seconds its clock is behind.
with noted as (
    insert into heartbeat as known (at) values (clock_timestamp())
    on conflict (only_row) do update set at = excluded.at where known.at < excluded.at - interval '0.9 second'
)
select greatest(extract(epoch from max(at) - clock_timestamp()), 0)::float as behind from heartbeat
