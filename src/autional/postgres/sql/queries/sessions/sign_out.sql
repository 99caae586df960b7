-- name: revoke_sessions_of_user
-- With the trust in the user's devices: who is signed out everywhere proves everything again.
select sign_out_user($1, $2, null, false, $3, $4) as revoked

-- name: revoke_tokens_of_user
select sign_out_user($1, $2, $3, true, $4, $5) as revoked

-- name: sign_out_tenant
select sign_out_tenant($1, $2, $3, $4)

-- name: end_signed_out
select end_signed_out($1, $3, $2) as done

-- name: end_sessions_of_agent
select end_sessions_of_agent($1, $2, $3, $5, $4) as done

-- name: tenants_signing_out
select tenant_id from tenants where signing_out_reason is not null
