"""The tokens of a tenant, as administrators see them."""

from datetime import datetime
from typing import Literal, NamedTuple

from autional.postgres.queries import MOST_COUNTED, Bounds, Queries, Row, Size
from autional.tokens.model import IssuedToken

_LOOKED_AT = 2_500
_LONGEST_CHAIN = 50


class TokenFilter(NamedTuple):
    """Which tokens; None: any."""

    user_id: str | None = None
    token_type: Literal["access", "refresh"] | None = None
    status: str | None = None


class RefreshLink(NamedTuple):
    """A refresh token in the chain of its session."""

    refresh_id: str
    issued_at: datetime
    expires_at: datetime
    access_expires_at: datetime
    depth: int
    """How many came before it."""
    consumed_at: datetime | None
    successor_id: str | None
    revoked_at: datetime | None
    reissued: bool
    repeated_late: bool
    """Whether its exchange was repeated within the grace period."""


class TokenList(NamedTuple):
    """Part of a list of tokens, newest first, and the size of the list."""

    tokens: list[IssuedToken]
    size: Size
    cut_at: tuple[datetime, str] | None
    """Where the search stopped before the part was full; None: it did not."""


async def list_tokens(
    queries: Queries, tenant_id: str, only: TokenFilter, bounds: Bounds, at: datetime | None
) -> TokenList:
    """Part of the tenant's tokens. It looks at a bounded number of them, whatever the filter selects."""
    size, skip = bounds[2:]
    needed = skip + size + 1  # of the pair where the part before ended, one token may be left
    filtered = only.status is not None or only.user_id is not None
    look = _LOOKED_AT if filtered else needed
    by_session = only.user_id
    if only.user_id is not None:
        row = await queries.row("has_many_sessions", tenant_id, only.user_id, _LOOKED_AT)
        by_session = None if row and row["many"] else only.user_id
    rows = await queries.rows(
        "issued_tokens", tenant_id, at, by_session, only.token_type, only.status, *bounds, look, None, only.user_id
    )
    found = [_issued(row) for row in rows if row["token_id"] is not None]
    seen = (rows[0]["seen_at"], rows[0]["seen_id"]) if rows[0]["seen_at"] is not None else None
    if not filtered:
        counted = await queries.row("count_issued_tokens", tenant_id, only.token_type, MOST_COUNTED + 1)
        whole = Size.up_to_bound(counted["total"] if counted else 0)
    elif bounds[0] is None:
        whole = Size(rows[0]["total"], seen is None)
    else:
        whole = (await list_tokens(queries, tenant_id, only, (None, None, 1, 0), at)).size
    return TokenList(found, whole, seen if len(found) < size else None)


async def find_issued(queries: Queries, tenant_id: str, token_id: str, at: datetime | None) -> IssuedToken | None:
    """One token that is on record; otherwise None."""
    row = await queries.row("issued_tokens", tenant_id, at, None, None, None, None, None, 1, 0, 1, token_id, None)
    return _issued(row) if row and row["token_id"] is not None else None


async def session_chain(queries: Queries, tenant_id: str, session_id: str) -> list[RefreshLink]:
    """The refresh tokens of a session that are on record, the newest first."""
    rows = await queries.rows("session_tokens", tenant_id, session_id, _LONGEST_CHAIN)
    return [RefreshLink(*(row[name] for name in RefreshLink._fields)) for row in rows]


def _issued(row: Row) -> IssuedToken:
    return IssuedToken(*(row[name] for name in IssuedToken._fields))
