"""Refresh a session: exchange its refresh token for the next pair (RFC 6749 §6, RFC 9700 §4.14.2)."""

from datetime import datetime, timedelta

from autional.core import ids, problems
from autional.core.problems import Problem
from autional.postgres.queries import Queries, Row
from autional.risk.assessment import assess_session
from autional.tokens.issue import issuance_of, sign_access_token, subject_of
from autional.tokens.jwt import Issuer
from autional.tokens.model import TOKEN_PREFIX, AccessToken, PresentedToken, TokenPair
from autional.tokens.refresh_tokens import write

REFRESHES_PER_MINUTE = 60
_EAGER = timedelta(seconds=2)


async def refresh_session(
    queries: Queries,
    issuer: Issuer,
    grace: timedelta,
    presented: PresentedToken,
    at: datetime | None,
    *,
    session_id: str | None = None,
    idempotency_key: str | None = None,
) -> TokenPair:
    """Exchange a refresh token for the next pair (RFC 6749 §6, RFC 9700 §4.14.2).

    A repeat of the last token gets the very same tokens: for a day under the idempotency key of the first time; else
    any number of times within two seconds, and without a key once more within the grace. The reuse of any other ends
    the session, which stays ended although the call is refused. Where a session is named, the token must be of it.
    Raises the Problems INVALID_REFRESH_TOKEN, REFRESH_TOKEN_REUSED, TOO_MANY_REFRESHES.
    """
    row = await _judged(queries, grace, presented, at, rotate=True, session_id=session_id, key=idempotency_key)
    access = sign_access_token(issuer, subject_of(row, presented.tenant_id), issuance_of(row, row["access_id"]))
    text = write(issuer, presented.tenant_id, row["session_id"], row["successor_id"])
    return TokenPair(access.text, text, _remaining(row))


async def rotate_access_token(
    queries: Queries,
    issuer: Issuer,
    grace: timedelta,
    presented: PresentedToken,
    at: datetime | None,
    *,
    session_id: str | None = None,
    idempotency_key: str | None = None,
) -> AccessToken:
    """A new access token for a good refresh token, which stays unconsumed.

    A consumed one is treated as by `refresh_session`.

    Raises the Problems INVALID_REFRESH_TOKEN, REFRESH_TOKEN_REUSED, TOO_MANY_REFRESHES.
    """
    row = await _judged(queries, grace, presented, at, rotate=False, session_id=session_id, key=idempotency_key)
    access = sign_access_token(issuer, subject_of(row, presented.tenant_id), issuance_of(row, row["access_id"]))
    return AccessToken(access.text, _remaining(row))


async def _judged(
    queries: Queries,
    grace: timedelta,
    presented: PresentedToken,
    at: datetime | None,
    *,
    rotate: bool,
    session_id: str | None,
    key: str | None,
) -> Row:
    row = await queries.row(
        "refresh_session",
        presented.tenant_id,
        presented.session_id,
        presented.token_id,
        at,
        rotate,
        _EAGER,
        grace,
        ids.new_id(TOKEN_PREFIX, at),
        ids.new_id(TOKEN_PREFIX, at),
        REFRESHES_PER_MINUTE,
        session_id,
        ids.digest(key) if key else None,
        True,
    )
    if row is None or row["outcome"] == "invalid":
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    if row["outcome"] == "reused":
        await assess_session(queries, presented.tenant_id, row["session_id"], "token_reuse")
        raise Problem(problems.REFRESH_TOKEN_REUSED)
    if row["outcome"] == "limited":
        raise Problem(problems.TOO_MANY_REFRESHES, retry_after=int(row["retry_after"]) + 1)
    return row


def _remaining(row: Row) -> int:
    """Whole seconds that an access token is still good: none where it is repeated after its end."""
    return max(0, int(row["access_expires_at"].timestamp()) - int(row["moment"].timestamp()))
