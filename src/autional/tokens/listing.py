"""The tokens of a tenant, as administrators see them."""

from datetime import datetime

from autional.postgres.queries import Bounds, Queries
from autional.tokens.model import IssuedToken


async def list_tokens(
    queries: Queries,
    tenant_id: str,
    at: datetime | None,
    *,
    user_id: str | None = None,
    token_type: str | None = None,
    status: str | None = None,
    token_id: str | None = None,
    bounds: Bounds = (None, None, 1, 0),
) -> tuple[list[IssuedToken], int]:
    """Part of the tenant's tokens, newest first, and the size of the list."""
    rows = await queries.rows("issued_tokens", tenant_id, at, user_id, token_type, status, token_id, *bounds)
    found = [row for row in rows if row["token_id"] is not None]
    return [IssuedToken(*(row[name] for name in IssuedToken._fields)) for row in found], rows[0]["total"]
