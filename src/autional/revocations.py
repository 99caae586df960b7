"""Ending tokens before their time: single ones, all of a user, all of a tenant. Sessions end in sessions.py."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from autional import ids, problems, sessions
from autional.db import Queries
from autional.problems import Problem

TokenType = Literal["access", "refresh"]

_BLACKLIST_PREFIX = "bl"
_BATCH = 500
_MILLISECOND = timedelta(milliseconds=1)
_EVERYBODY = ""


class TokenReference(NamedTuple):
    """A token that this service issued, without its secret."""

    tenant_id: str
    token_id: str
    token_type: TokenType
    user_id: str
    expires_at: datetime


class BlacklistEntry(NamedTuple):
    """A token that was ended by itself; the entry goes when the token's own life is over."""

    blacklist_id: str
    token_id: str
    user_id: str
    reason: str
    created_at: datetime
    expires_at: datetime


async def token_by_id(queries: Queries, tenant_id: str, token_id: str, now: datetime) -> TokenReference | None:
    """A token that was issued for a session of the tenant, unless its own life is over."""
    row = await queries.row("issued_token", tenant_id, token_id, now)
    if row is None:
        return None
    return TokenReference(tenant_id, row["token_id"], row["token_type"], row["user_id"], row["expires_at"])


async def blacklist(queries: Queries, token: TokenReference, reason: str, now: datetime) -> None:
    """End one token; a second time changes nothing."""
    entry_id = ids.new_id(_BLACKLIST_PREFIX, now)
    await queries.rows(
        "blacklist_token",
        token.tenant_id,
        token.token_id,
        entry_id,
        token.token_type,
        token.user_id,
        reason,
        now,
        token.expires_at,
    )


async def blacklist_reason(queries: Queries, tenant_id: str, token_id: str, now: datetime) -> str | None:
    """Why a token is on the list; None when it is not."""
    row = await queries.row("blacklist_entry", tenant_id, token_id, now)
    return row["reason"] if row else None


async def blacklist_page(
    queries: Queries, tenant_id: str, user_id: str | None, size: int, skip: int, now: datetime
) -> tuple[list[BlacklistEntry], int]:
    """A part of the list, newest first, and the size of the whole."""
    rows = await queries.rows("blacklist_page", tenant_id, now, user_id, size, skip)
    entries = [BlacklistEntry(*(row[name] for name in BlacklistEntry._fields)) for row in rows]
    return entries, rows[0]["total"] if rows else 0


async def remove_from_blacklist(queries: Queries, tenant_id: str, blacklist_id: str) -> None:
    """Let a token be good again, if nothing else ended it. Raises the Problem BLACKLIST_ENTRY_NOT_FOUND."""
    if not await queries.rows("delete_blacklist_entry", tenant_id, blacklist_id):
        raise Problem(problems.BLACKLIST_ENTRY_NOT_FOUND)


async def revoke_all(
    queries: Queries, tenant_id: str, user_id: str | None, token_type: TokenType | None, reason: str, now: datetime
) -> None:
    """End every token of a user, or of the whole tenant, that was issued until now; without a type the sessions too.

    The tokens are over at once. The sessions of a tenant are ended in small transactions that follow.
    """
    types = ["access", "refresh"] if token_type is None else [token_type]
    barrier = now.replace(microsecond=now.microsecond // 1000 * 1000) + _MILLISECOND  # ids tell milliseconds
    await queries.rows("bar_tokens", tenant_id, user_id or _EVERYBODY, types, barrier, reason)
    if token_type is not None:
        return
    if user_id is not None:
        await sessions.end_of_user(queries, tenant_id, user_id, reason, now)
        return
    await queries.rows("distrust_everybody", tenant_id)
    while row := await queries.row("end_some_sessions", tenant_id, reason, now, _BATCH):
        if row["ended"] < _BATCH:
            break
