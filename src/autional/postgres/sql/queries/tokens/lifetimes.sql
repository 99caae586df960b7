-- name: jwt_config
-- of the tenant
select access_expiry, refresh_expiry, leeway from jwt_configs where home = $1

-- name: put_jwt_config
-- of each bucket
insert into jwt_configs (home, access_expiry, refresh_expiry, leeway) values ($1, $2, $3, $4)
on conflict (home) do update set
    access_expiry = excluded.access_expiry, refresh_expiry = excluded.refresh_expiry, leeway = excluded.leeway

-- name: delete_jwt_config
-- of each bucket
delete from jwt_configs where home = $1
