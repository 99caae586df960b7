-- name: revoke_sessions_of_user
-- of the user $2
-- With the trust in the user's devices: who is signed out everywhere proves everything again.
select sign_out_user($1, $2, null, false, $3, $4) as revoked

-- name: revoke_tokens_of_user
-- of the user $2
select sign_out_user($1, $2, $3, true, $4, $5) as revoked

-- name: sign_out_tenant
-- of each bucket
select sign_out_tenant($1, $2, $3, $4)

-- name: end_signed_out
-- of each bucket, added up
select end_signed_out($1, $3, $2) as done

-- name: end_sessions_of_agent
-- of each bucket, added up
select end_sessions_of_agent($1, $2, $3, $5, $4) as done

-- name: tenants_signing_out
select tenant_id from tenants where signing_out_reason is not null
