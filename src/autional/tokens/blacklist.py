"""The blacklist: tokens that were revoked one by one."""

from datetime import datetime
from typing import Literal, NamedTuple

from autional.core import problems
from autional.core.authority import Authority, Scope, raise_if_refused
from autional.core.problems import Problem
from autional.postgres.queries import MOST_COUNTED, Bounds, Queries, Size
from autional.tokens.model import TOKEN_PREFIX

TokenType = Literal["access", "refresh"]
_PREFIX = "bl_"
_TOKEN = f"{TOKEN_PREFIX}_"


class TokenReference(NamedTuple):
    """A token of this service, without its secret."""

    tenant_id: str
    token_id: str
    token_type: TokenType
    user_id: str
    expires_at: datetime


class BlacklistEntry(NamedTuple):
    """A revoked token; the entry is removed after the token has expired."""

    token_id: str
    user_id: str
    reason: str
    created_at: datetime
    expires_at: datetime

    @property
    def blacklist_id(self) -> str:
        """The id of the entry, which follows from that of the token."""
        return _PREFIX + self.token_id.removeprefix(_TOKEN)


async def find_token(queries: Queries, tenant_id: str, token_id: str, at: datetime | None) -> TokenReference | None:
    """A token that was issued in the tenant and has not expired; otherwise None."""
    row = await queries.row("issued_token", tenant_id, token_id, at)
    if row is None:
        return None
    return TokenReference(tenant_id, row["token_id"], row["token_type"], row["user_id"], row["expires_at"])


async def add(queries: Queries, token: TokenReference, reason: str, at: datetime | None) -> None:
    """Revoke one token; a second time changes nothing."""
    await queries.rows(
        "blacklist_token",
        token.tenant_id,
        token.token_id,
        token.token_type,
        token.user_id,
        reason,
        token.expires_at,
        at,
    )


async def reason_of(queries: Queries, scope: Scope, token_id: str) -> str | None:
    """Why a token in a scope is on the list; None if it is not."""
    row = await queries.row("blacklist_entry", scope.tenant_id, token_id, scope.user_id)
    return row["reason"] if row else None


async def list_blacklist(
    queries: Queries, tenant_id: str, user_id: str | None, bounds: Bounds, at: datetime | None
) -> tuple[list[BlacklistEntry], Size]:
    """Part of the list, newest first, and the size of the list."""
    rows = await queries.rows("blacklist_page", tenant_id, at, user_id, *bounds, MOST_COUNTED + 1)
    found = [row for row in rows if row["token_id"] is not None]
    return [BlacklistEntry(*(row[name] for name in BlacklistEntry._fields)) for row in found], Size.up_to_bound(
        rows[0]["total"]
    )


async def remove(queries: Queries, authority: Authority, blacklist_id: str) -> None:
    """Make a token valid again, if nothing else revoked it. This counts as handing out the token.

    Raises the Problems BLACKLIST_ENTRY_NOT_FOUND, OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH.
    """
    token_id = _TOKEN + blacklist_id.removeprefix(_PREFIX) if blacklist_id.startswith(_PREFIX) else ""
    row = await queries.row("delete_blacklist_entry", authority.tenant_id, token_id, *authority[1:])
    if row is None:
        raise Problem(problems.BLACKLIST_ENTRY_NOT_FOUND)
    raise_if_refused(row["refused"])
