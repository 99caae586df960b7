"""Sign out a user or a whole tenant."""

from datetime import datetime

from autional.postgres.queries import Queries, in_batches
from autional.tokens.blacklist import TokenType

_BATCH = 500


async def revoke_all_tokens(
    queries: Queries,
    tenant_id: str,
    user_id: str | None,
    token_type: TokenType | None,
    reason: str,
    at: datetime | None,
) -> int:
    """Revoke every token of a user, or of the whole tenant, that was issued until now; without a type the sessions too.

    Returns how many sessions of the user were revoked. The sessions of a tenant are invalid at once, and are
    marked as revoked by `end_signed_out_sessions`, in small transactions.
    """
    if user_id is not None:
        row = await queries.row("revoke_tokens_of_user", tenant_id, user_id, token_type, reason, at)
        return int(row["revoked"]) if row else 0
    await queries.rows("sign_out_tenant", tenant_id, token_type, reason, at)
    return 0


async def end_signed_out_sessions(queries: Queries, tenant_id: str, at: datetime | None) -> int:
    """Mark the sessions of the last sign-out of a tenant as revoked, in small transactions.

    Returns how many sessions were looked at.
    """
    return await in_batches(queries, "end_signed_out", tenant_id, at, size=_BATCH)


async def sign_out_agent(queries: Queries, tenant_id: str, actor: str, reason: str, at: datetime | None) -> int:
    """Revoke every session in which an agent acts, in small transactions; returns how many there were."""
    await queries.rows("close_tenant_gate", tenant_id)  # whose session is being begun now is waited for
    return await in_batches(queries, "end_sessions_of_agent", tenant_id, actor, reason, at, size=_BATCH)


async def sign_out_user(queries: Queries, tenant_id: str, user_id: str, reason: str, at: datetime | None) -> int:
    """Revoke every session of a user; returns how many were active."""
    row = await queries.row("revoke_sessions_of_user", tenant_id, user_id, reason, at)
    return int(row["revoked"]) if row else 0
