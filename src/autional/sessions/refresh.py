"""Refresh a session: exchange its refresh token for the next pair (RFC 6749 §6, RFC 9700 §4.14.2)."""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from autional.core import ids, problems
from autional.core.problems import Problem
from autional.postgres.queries import Queries, Row
from autional.risk.assessment import assess_session
from autional.tokens import refresh_tokens
from autional.tokens.issue import issuance_of, issue_access_token, new_access_id, new_refresh_id, subject_of
from autional.tokens.jwt import Issuer
from autional.tokens.model import AccessToken, PresentedToken, TokenPair

REFRESHES_PER_MINUTE = 60
_EAGER = timedelta(seconds=2)


class RefreshAttempt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the SQL function `refresh_session` is given."""

    token_session: str
    token_id: str
    at: datetime | None
    rotate: bool
    eager: timedelta
    grace: timedelta
    next_id: str
    """Of the next refresh token; without `rotate` of the access token."""
    per_minute: int
    session_id: str | None
    key_sha256: str | None
    """As PostgreSQL reads it."""
    knows_act: bool = True
    """Whether the token will say who acts for the user: nodes of 0.1.0, which cannot, do not say this."""


class RefreshRequest(NamedTuple):
    """A presented refresh token, and what comes along with it."""

    presented: PresentedToken
    grace: timedelta
    """How long a repeat without an idempotency key still gets the same tokens once."""
    at: datetime | None = None
    """An instant that a test passes; None for the database's time."""
    session_id: str | None = None
    """The session that the token must belong to; None for any."""
    idempotency_key: str | None = None


async def refresh_session(queries: Queries, issuer: Issuer, request: RefreshRequest) -> TokenPair:
    """Exchange a refresh token for the next pair (RFC 6749 §6, RFC 9700 §4.14.2).

    A repeat of the last exchange gets the same tokens: for a day under the idempotency key of the first time; without
    that key any number of times within two seconds, and without any key once more within the grace period. Any other
    reuse ends the session, although the call is refused.
    Raises the Problems INVALID_REFRESH_TOKEN, REFRESH_TOKEN_REUSED, TOO_MANY_REFRESHES; DatabaseUnavailableError.
    """
    row = await _attempt(queries, request, rotate=True)
    tenant_id = request.presented.tenant_id
    access = await _access_token(queries, issuer, row, tenant_id)
    text = refresh_tokens.write(issuer, tenant_id, row["session_id"], row["token_id"])
    return TokenPair(access.text, text, access.expires_in)


async def rotate_access_token(queries: Queries, issuer: Issuer, request: RefreshRequest) -> AccessToken:
    """A new access token for a valid refresh token, which stays valid.

    Reuse of a consumed token is handled as in `refresh_session`.
    Raises the Problems INVALID_REFRESH_TOKEN, REFRESH_TOKEN_REUSED, TOO_MANY_REFRESHES; DatabaseUnavailableError.
    """
    row = await _attempt(queries, request, rotate=False)
    return await _access_token(queries, issuer, row, request.presented.tenant_id)


def _new_attempt(request: RefreshRequest, *, rotate: bool) -> RefreshAttempt:
    presented, key = request.presented, request.idempotency_key
    return RefreshAttempt(
        token_session=ids.as_uuid(presented.session_id),
        token_id=ids.as_uuid(presented.token_id),
        at=request.at,
        rotate=rotate,
        eager=_EAGER,
        grace=request.grace,
        next_id=ids.as_uuid((new_refresh_id if rotate else new_access_id)(request.at, session_id=presented.session_id)),
        per_minute=REFRESHES_PER_MINUTE,
        session_id=ids.as_uuid(request.session_id) if request.session_id else None,
        key_sha256=ids.as_bytea(ids.sha256(key)) if key else None,
    )


async def _attempt(queries: Queries, request: RefreshRequest, *, rotate: bool) -> Row:
    tenant_id = request.presented.tenant_id
    row = await queries.row("refresh_session", tenant_id, _new_attempt(request, rotate=rotate))
    if row is None or row["outcome"] == "invalid":
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    if row["outcome"] == "reused":
        await assess_session(queries, tenant_id, row["session_id"], "token_reuse")
        raise Problem(problems.REFRESH_TOKEN_REUSED)
    if row["outcome"] == "limited":
        raise Problem(problems.TOO_MANY_REFRESHES, retry_after=int(row["retry_after"]) + 1)
    return row


async def _access_token(queries: Queries, issuer: Issuer, row: Row, tenant_id: str) -> AccessToken:
    """The access token of a successful attempt; a repeat gets the first one, with its remaining lifetime."""
    access_id = row["token_id"] if row["outcome"] == "accessed" else ids.sibling(row["token_id"])
    access = await issue_access_token(queries, issuer, subject_of(row, tenant_id), issuance_of(row, access_id))
    return AccessToken(access.text, _remaining(row))


def _remaining(row: Row) -> int:
    """Whole seconds until an access token expires; 0 if it is repeated after its end."""
    return max(0, int(row["access_expires_at"].timestamp()) - int(row["moment"].timestamp()))
