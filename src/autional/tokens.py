"""Access and refresh tokens: what stands in them, who gets them, how one follows another."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Literal, NamedTuple

from autional import assessments, ids, policies, problems, tenants
from autional.authority import Authority, must_not_be_refused
from autional.db import Queries, Row
from autional.ids import Secret
from autional.jose import AccessClaims, Issuer, Role
from autional.problems import Problem, Violation

ACCESS_EXPIRY = timedelta(hours=1)
REFRESH_EXPIRY = timedelta(days=30)
REFRESHES_PER_MINUTE = 60
TOKEN_PREFIX = "tok"
_OPERATOR = "autional-cli"
_NO_CLIENT = "-"
_REFRESH_TOKEN = re.compile(rf"(tok_[0-9A-Z]{{26}})\.[A-Za-z0-9_-]{{43}}\.({tenants.TENANT_ID.pattern})")


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


class Exchanged(NamedTuple):
    """What an exchange changes in a token (RFC 8693): its audience, and who acts for the user."""

    audience: str
    actor: dict[str, Any] | None


class PresentedToken(NamedTuple):
    """A refresh token as a client sends it: it names its home, so that any node finds it."""

    text: str
    token_id: str
    tenant_id: str


class IssuedToken(NamedTuple):
    """A token as those who look after the tenant see it."""

    token_id: str
    token_type: Literal["access", "refresh"]
    status: str
    user_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime
    ip: IPv4Address | IPv6Address | None
    user_agent: str | None


def new_id(now: datetime, user_id: str) -> str:
    """A fresh token id."""
    return ids.new_id(TOKEN_PREFIX, now, user_id)


def new_refresh_token(tenant_id: str, user_id: str, now: datetime) -> Secret:
    """The first refresh token of a session."""
    secret = ids.new_secret(TOKEN_PREFIX, now, user_id)
    text = f"{secret.text}.{tenant_id}"
    return Secret(secret.id, text, ids.digest(text))


def retryable_refresh_token(key: bytes, tenant_id: str, idempotency_key: str, token_id: str) -> Secret:
    """The first refresh token of a session that was asked for under an idempotency key: the same for each retry."""
    text = _derived(key, f"{tenant_id}\n{idempotency_key}", token_id, tenant_id)
    return Secret(token_id, text, ids.digest(text))


def read_refresh_token(text: str) -> PresentedToken:
    """Take a presented refresh token apart. Raises the Problem INVALID_REFRESH_TOKEN."""
    match = _REFRESH_TOKEN.fullmatch(text)
    if match is None:
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    return PresentedToken(text, match[1], match[2])


def sign(
    issuer: Issuer,
    subject: Subject,
    token_id: str,
    now: datetime,
    expires_at: datetime,
    exchanged: Exchanged | None = None,
) -> AccessToken:
    """An access token (RFC 9068 §2.2), valid from `now` to `expires_at`, both in whole seconds."""
    issued = int(now.timestamp())
    claims = AccessClaims(
        iss=issuer.of(subject.tenant_id),
        sub=subject.user_id,
        user_id=subject.user_id,
        tenant_id=subject.tenant_id,
        session_id=subject.session_id,
        jti=token_id,
        type="access",
        role=subject.role,
        aud=exchanged.audience if exchanged else issuer.audience,
        act=exchanged.actor if exchanged else None,
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
    *,
    session_id: str | None = None,
    idempotency_key: str | None = None,
) -> TokenPair:
    """Exchange a refresh token for the next pair (RFC 6749 §6, RFC 9700 §4.14.2).

    A repeat of the last token gets the very same refresh token: within the grace, or within a day under the same
    idempotency key. The reuse of any other ends the
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
        ids.digest(idempotency_key) if idempotency_key else None,
    )
    if row is None or row["outcome"] == "invalid":
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    if row["outcome"] == "reused":
        await assessments.of_session(queries, presented.tenant_id, row["session_id"], "token_reuse")
        raise Problem(problems.REFRESH_TOKEN_REUSED)
    if row["outcome"] == "limited":
        seconds = int((row["retry_at"] - now).total_seconds()) + 1
        raise Problem(problems.TOO_MANY_REFRESHES, retry_after=seconds)
    access = sign(issuer, subject_of(row, presented.tenant_id), access_id, now, row["access_expires_at"])
    return TokenPair(access.text, _successor(rules.key, presented, row["successor_id"]), access.expires_in)


async def reissue(
    queries: Queries,
    issuer: Issuer,
    authority: Authority,
    session_id: str,
    user_id: str | None,
    now: datetime,
    *,
    proved: Sequence[str] | None = None,
) -> tuple[TokenPair, Subject]:
    """A fresh pair for a session of a user (None: of any) that goes on; its other refresh tokens are over.

    Methods that its user has proved since are added to those of the session, which rises to the level of all of them:
    its limits may only shorten it, and access tokens of the lower level are over.
    Raises the Problems SESSION_NOT_FOUND, OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH, INVALID_PARAMETER.
    """
    tenant_id = authority.tenant_id
    refresh_token, access_id = new_refresh_token(tenant_id, user_id or "", now), new_id(now, user_id or "")
    row = await queries.row(
        "reissue_tokens",
        tenant_id,
        session_id,
        user_id,
        now,
        refresh_token.id,
        refresh_token.digest,
        REFRESH_EXPIRY,
        access_id,
        ACCESS_EXPIRY,
        proved,
        [limits.absolute for limits in policies.DEFAULTS.values()],
        [limits.idle for limits in policies.DEFAULTS.values()],
        authority.role,
        authority.aal,
        authority.except_user,
    )
    if row is None:
        raise Problem(problems.SESSION_NOT_FOUND)
    if row["refused"] == "too_many_methods":
        raise Problem(problems.INVALID_PARAMETER, violations=[Violation("amr", "length", "at most 32 in a session")])
    must_not_be_refused(row["refused"])
    subject = subject_of(row, tenant_id)
    access = sign(issuer, subject, access_id, now, row["access_expires_at"])
    return TokenPair(access.text, refresh_token.text, access.expires_in), subject


async def rotate_access(
    queries: Queries, issuer: Issuer, presented: PresentedToken, now: datetime, session_id: str | None = None
) -> AccessToken:
    """A new access token for a refresh token that is good and stays as it is.

    Raises the Problem INVALID_REFRESH_TOKEN.
    """
    row = await queries.row("refresh_token", *reading(presented, now))
    if row is None or not row["good"] or row["session_id"] != (session_id or row["session_id"]):
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    access_id = new_id(now, row["user_id"])
    expires_at = min(now + row["access_expiry"], row["session_expires_at"])
    await queries.rows("insert_access_token", presented.tenant_id, access_id, row["session_id"], now, expires_at)
    return sign(issuer, subject_of(row, presented.tenant_id), access_id, now, expires_at)


async def issued(
    queries: Queries,
    tenant_id: str,
    now: datetime,
    *,
    user_id: str | None = None,
    token_type: str | None = None,
    status: str | None = None,
    token_id: str | None = None,
    size: int = 1,
    skip: int = 0,
) -> tuple[list[IssuedToken], int]:
    """A part of the tenant's tokens, newest first, and the size of the whole."""
    rows = await queries.rows("issued_tokens", tenant_id, now, user_id, token_type, status, token_id, size, skip)
    found = [IssuedToken(*(row[name] for name in IssuedToken._fields)) for row in rows]
    return found, rows[0]["total"] if rows else 0


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
    await tenants.must_be_enabled(queries, tenant_id)
    subject = Subject(tenant_id, user_id, role, None, _OPERATOR, (), 1, now)
    return sign(issuer, subject, new_id(now, user_id), now, now + life).text


def reading(presented: PresentedToken, now: datetime) -> tuple[object, ...]:
    """What the query `refresh_token` takes."""
    return presented.tenant_id, presented.token_id, ids.digest(presented.text), now


def subject_of(row: Row, tenant_id: str) -> Subject:
    """Whom the access tokens of a session speak for, by its row or its fields."""
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
    return _derived(key, presented.text, next_id, presented.tenant_id)


def _derived(key: bytes, source: str, token_id: str, tenant_id: str) -> str:
    secret = hmac.digest(key, f"{source}\n{token_id}".encode(), hashlib.sha256)
    return f"{token_id}.{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}.{tenant_id}"
