-- name: instant
-- The instant of what follows in a transaction: where locks were taken before, after them.
select coalesce($1::timestamptz, statement_timestamp()) as instant

-- name: one
select 1
