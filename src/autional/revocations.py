"""Ending tokens before their time: single ones, all of a user, all of a tenant. Sessions end in sessions.py."""

from datetime import datetime
from typing import Literal, NamedTuple

from autional import problems
from autional.authority import Authority, Scope, must_not_be_refused
from autional.db import Bounds, Queries
from autional.problems import Problem

TokenType = Literal["access", "refresh"]

_BATCH = 500


class TokenReference(NamedTuple):
    """A token that this service issued, without its secret."""

    tenant_id: str
    token_id: str
    token_type: TokenType
    user_id: str
    expires_at: datetime


class EndedBy(NamedTuple):
    """Who ended a session (neither user nor key: the service itself), by which job and request; the log's entry."""

    user_id: str | None
    home_tenant: str | None
    """The user's tenant, if another one."""
    key_id: str | None
    job_id: str | None
    request_id: str | None
    entry: int | None


class BlacklistEntry(NamedTuple):
    """A token that was ended by itself; the entry goes when the token's own life is over."""

    blacklist_id: str
    token_id: str
    user_id: str
    reason: str
    created_at: datetime
    expires_at: datetime


async def token_by_id(queries: Queries, tenant_id: str, token_id: str, now: datetime | None) -> TokenReference | None:
    """A token that was issued for a session of the tenant, unless its own life is over."""
    row = await queries.row("issued_token", tenant_id, token_id, now)
    if row is None:
        return None
    return TokenReference(tenant_id, row["token_id"], row["token_type"], row["user_id"], row["expires_at"])


async def blacklist(queries: Queries, token: TokenReference, reason: str, now: datetime | None) -> None:
    """End one token; a second time changes nothing."""
    await queries.rows(
        "blacklist_token",
        token.tenant_id,
        token.token_id,
        token.token_type,
        token.user_id,
        reason,
        token.expires_at,
        now,
    )


async def blacklist_reason(queries: Queries, scope: Scope, token_id: str) -> str | None:
    """Why a token within a scope is on the list; None when it is not."""
    row = await queries.row("blacklist_entry", scope.tenant_id, token_id, scope.user_id)
    return row["reason"] if row else None


async def blacklist_page(
    queries: Queries, tenant_id: str, user_id: str | None, bounds: Bounds, now: datetime | None
) -> tuple[list[BlacklistEntry], int]:
    """A part of the list, newest first, and the size of the whole."""
    rows = await queries.rows("blacklist_page", tenant_id, now, user_id, *bounds)
    found = [row for row in rows if row["blacklist_id"] is not None]
    return [BlacklistEntry(*(row[name] for name in BlacklistEntry._fields)) for row in found], rows[0]["total"]


async def remove_from_blacklist(queries: Queries, authority: Authority, blacklist_id: str) -> None:
    """Let a token be good again, if nothing else ended it: that is handing it out.

    Raises the Problems BLACKLIST_ENTRY_NOT_FOUND, OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH.
    """
    row = await queries.row("delete_blacklist_entry", authority.tenant_id, blacklist_id, *authority[1:])
    if row is None:
        raise Problem(problems.BLACKLIST_ENTRY_NOT_FOUND)
    must_not_be_refused(row["refused"])


async def who_ended(queries: Queries, tenant_id: str, session_id: str) -> EndedBy | None:
    """Who ended a session that was revoked; None where there is no record."""
    row = await queries.row("who_ended_session", tenant_id, session_id)
    return EndedBy(*(row[name] for name in EndedBy._fields)) if row else None


async def revoke_all(
    queries: Queries,
    tenant_id: str,
    user_id: str | None,
    token_type: TokenType | None,
    reason: str,
    now: datetime | None,
) -> int:
    """End every token of a user, or of the whole tenant, that was issued until now; without a type the sessions too.

    Returns how many sessions of the user were ended. The sessions of a tenant are over at once too, and are written
    down as ended by `end_signed_out`, in small transactions.
    """
    if user_id is not None:
        row = await queries.row("revoke_tokens_of_user", tenant_id, user_id, token_type, reason, now)
        return int(row["revoked"]) if row else 0
    await queries.rows("sign_out_tenant", tenant_id, token_type, reason, now)
    return 0


async def end_signed_out(queries: Queries, tenant_id: str, now: datetime | None) -> int:
    """Write down as ended, in small transactions, the sessions that the last sign-out of everybody ended.

    Returns how many.
    """
    ended = 0
    while row := await queries.row("end_signed_out", tenant_id, _BATCH, now):
        ended += row["looked_at"]
        if row["looked_at"] < _BATCH:
            break
    return ended
