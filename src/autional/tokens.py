"""Access and refresh tokens: what stands in them, who gets them, how one follows another."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from asyncpg import Record

from autional import ids, problems
from autional.db import Queries
from autional.ids import Secret
from autional.jose import AccessClaims, Issuer, Role
from autional.problems import Problem

ACCESS_EXPIRY = timedelta(hours=1)
REFRESH_EXPIRY = timedelta(days=30)
REFRESHES_PER_MINUTE = 60
TOKEN_PREFIX = "tok"
_OPERATOR = "autional-cli"
_NO_CLIENT = "-"
_REFRESH_TOKEN = re.compile(r"(tok_[0-9A-Z]{26})\.[A-Za-z0-9_-]{43}\.([A-Za-z0-9][A-Za-z0-9_-]{0,63})")


class Subject(NamedTuple):
    """Whom an access token speaks for: a user as authenticated in a session, or an operator without one."""

    tenant_id: str
    user_id: str
    role: Role
    session_id: str | None
    client_id: str
    amr: Sequence[str]
    aal: int
    authenticated_at: datetime


class TokenPair(NamedTuple):
    """What a client is given for a session: the access token lives `expires_in` seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


class AccessToken(NamedTuple):
    """An access token that lives `expires_in` seconds."""

    text: str
    expires_in: int


class PresentedToken(NamedTuple):
    """A refresh token as a client sends it: it names its home, so that any node finds it."""

    text: str
    token_id: str
    tenant_id: str


def new_id(now: datetime, user_id: str) -> str:
    """A fresh token id."""
    return ids.new_id(TOKEN_PREFIX, now, user_id)


def new_refresh_token(tenant_id: str, user_id: str, now: datetime) -> Secret:
    """The first refresh token of a session."""
    secret = ids.new_secret(TOKEN_PREFIX, now, user_id)
    text = f"{secret.text}.{tenant_id}"
    return Secret(secret.id, text, ids.digest(text))


def read_refresh_token(text: str) -> PresentedToken:
    """Take a presented refresh token apart. Raises the Problem INVALID_REFRESH_TOKEN."""
    match = _REFRESH_TOKEN.fullmatch(text)
    if match is None:
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    return PresentedToken(text, match[1], match[2])


def sign(issuer: Issuer, subject: Subject, token_id: str, now: datetime, expires_at: datetime) -> AccessToken:
    """An access token (RFC 9068 §2.2), valid from `now` to `expires_at`, both in whole seconds."""
    issued = int(now.timestamp())
    claims = AccessClaims(
        iss=issuer.name,
        sub=subject.user_id,
        user_id=subject.user_id,
        tenant_id=subject.tenant_id,
        session_id=subject.session_id,
        jti=token_id,
        type="access",
        role=subject.role,
        aud=issuer.audience,
        client_id=subject.client_id,
        iat=issued,
        nbf=issued,
        exp=int(expires_at.timestamp()),
        auth_time=int(subject.authenticated_at.timestamp()),
        amr=list(subject.amr),
        acr=f"aal{subject.aal}",
    )
    return AccessToken(issuer.ring.sign(claims), claims.exp - claims.iat)


class RefreshRules(NamedTuple):
    """What the service knows about refreshing: its own key, and how long a repeat gets the same answer."""

    key: bytes
    grace: timedelta


async def refresh(
    queries: Queries,
    issuer: Issuer,
    rules: RefreshRules,
    presented: PresentedToken,
    now: datetime,
    session_id: str | None = None,
) -> TokenPair:
    """Exchange a refresh token for the next pair (RFC 6749 §6, RFC 9700 §4.14.2).

    A repeat of the last token within the grace gets the very same refresh token. The reuse of any other ends the
    session, which stays ended although the call is refused. Where a session is named, the token must be of that one.
    Raises the Problems INVALID_REFRESH_TOKEN, REFRESH_TOKEN_REUSED, TOO_MANY_REFRESHES.
    """
    next_id, access_id = ids.new_id(TOKEN_PREFIX, now), ids.new_id(TOKEN_PREFIX, now)
    row = await queries.row(
        "refresh_session",
        presented.tenant_id,
        presented.token_id,
        ids.digest(presented.text),
        now,
        rules.grace,
        next_id,
        ids.digest(_successor(rules.key, presented, next_id)),
        REFRESH_EXPIRY,
        access_id,
        ACCESS_EXPIRY,
        REFRESHES_PER_MINUTE,
        session_id,
    )
    if row is None or row["outcome"] == "invalid":
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    if row["outcome"] == "reused":
        raise Problem(problems.REFRESH_TOKEN_REUSED)
    if row["outcome"] == "limited":
        seconds = int((row["retry_at"] - now).total_seconds()) + 1
        raise Problem(problems.TOO_MANY_REFRESHES, retry_after=seconds)
    access = sign(issuer, subject_of(row, presented.tenant_id), access_id, now, row["access_expires_at"])
    return TokenPair(access.text, _successor(rules.key, presented, row["successor_id"]), access.expires_in)


async def mint_operator_token(
    queries: Queries,
    issuer: Issuer,
    *,
    tenant_id: str,
    user_id: str,
    role: Role,
    life: timedelta,
    now: datetime,
) -> str:
    """An access token for an operator at the shell: it belongs to no session and is in no statistics.

    Raises the Problem TENANT_NOT_FOUND.
    """
    if not await queries.rows("enabled_tenant", tenant_id):
        raise Problem(problems.TENANT_NOT_FOUND)
    subject = Subject(tenant_id, user_id, role, None, _OPERATOR, (), 1, now)
    return sign(issuer, subject, new_id(now, user_id), now, now + life).text


def subject_of(row: Record, tenant_id: str) -> Subject:
    """The subject of a row that holds a session."""
    return Subject(
        tenant_id,
        row["user_id"],
        row["role"],
        row["session_id"],
        row["app_id"] or _NO_CLIENT,
        row["amr"],
        row["aal"],
        row["created_at"],
    )


def _successor(key: bytes, presented: PresentedToken, next_id: str) -> str:
    """The refresh token that follows a presented one: the same each time, known to nobody without the service's key."""
    secret = hmac.digest(key, f"{presented.text}\n{next_id}".encode(), hashlib.sha256)
    return f"{next_id}.{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}.{presented.tenant_id}"
