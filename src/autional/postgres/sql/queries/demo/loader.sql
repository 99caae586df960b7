-- name: analyze_sessions
analyze sessions, token_pairs

-- name: share_tenant_gate
-- Holds the gate of a tenant with others, to the end of the transaction: nobody deletes or disables it meanwhile.
select take_gate(tenant_gate($1), false)

-- name: token_rules
select * from token_rules where home = $1
