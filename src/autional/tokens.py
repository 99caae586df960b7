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
from autional.db import Bounds, Queries, Row
from autional.jose import AccessClaims, Issuer, Role
from autional.problems import Problem, Violation
from autional.texts import user_id_fault

ACCESS_EXPIRY = timedelta(hours=1)
REFRESH_EXPIRY = timedelta(days=30)
REFRESHES_PER_MINUTE = 60
TOKEN_PREFIX = "tok"
_OPERATOR = "autional-cli"
UNKNOWN_CLIENT = "-"
_EAGER = timedelta(seconds=2)
_REFRESH_TOKEN = re.compile(
    rf"(tok_[0-9A-Z]{{26}})\.(sess_[0-9A-Z]{{26}})\.([A-Za-z0-9_-]{{43}})\.({tenants.TENANT_ID.pattern})"
)


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
    """What an exchange changes in a token (RFC 8693): its audience, who acts for the user, and what it came from."""

    audience: str
    actor: dict[str, Any] | None
    ancestors: list[str]


class PresentedToken(NamedTuple):
    """A refresh token that this service issued, as a client sends it: it names its session and its home."""

    token_id: str
    session_id: str
    tenant_id: str


class Issuance(NamedTuple):
    """When an access token begins and ends, and the generations of its tenant and session that it belongs to."""

    token_id: str
    issued_at: datetime
    expires_at: datetime
    generations: tuple[int, int]


class IssuedToken(NamedTuple):
    """A token as those who look after the tenant see it."""

    token_id: str
    token_type: Literal["access", "refresh"]
    status: str
    user_id: str
    session_id: str | None
    issued_at: datetime
    expires_at: datetime
    ip: IPv4Address | IPv6Address | None
    user_agent: str | None


def new_id(user_id: str, at: datetime | None = None) -> str:
    """A fresh token id."""
    return ids.new_id(TOKEN_PREFIX, at, user_id)


def refresh_token(issuer: Issuer, tenant_id: str, session_id: str, token_id: str) -> str:
    """The text of a refresh token: it says its id, session and tenant, and a MAC over them that only we can make."""
    return f"{token_id}.{session_id}.{_mac(issuer, tenant_id, session_id, token_id)}.{tenant_id}"


def read_refresh_token(issuer: Issuer, text: str) -> PresentedToken:
    """Take a presented refresh token apart. Raises the Problem INVALID_REFRESH_TOKEN for what we did not issue."""
    match = _REFRESH_TOKEN.fullmatch(text)
    if match is None or not hmac.compare_digest(match[3], _mac(issuer, match[4], match[2], match[1])):
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    return PresentedToken(match[1], match[2], match[4])


def sign(issuer: Issuer, subject: Subject, issuance: Issuance, exchanged: Exchanged | None = None) -> AccessToken:
    """An access token (RFC 9068 §2.2), valid from its issuance to its end, both in whole seconds."""
    issued = int(issuance.issued_at.timestamp())
    claims = AccessClaims(
        iss=issuer.of(subject.tenant_id),
        sub=subject.user_id,
        user_id=subject.user_id,
        tenant_id=subject.tenant_id,
        session_id=subject.session_id,
        jti=issuance.token_id,
        type="access",
        role=subject.role,
        aud=exchanged.audience if exchanged else issuer.audience,
        act=exchanged.actor if exchanged else None,
        ancestors=exchanged.ancestors if exchanged else [],
        client_id=subject.client_id,
        iat=issued,
        nbf=issued,
        exp=int(issuance.expires_at.timestamp()),
        auth_time=int(subject.authenticated_at.timestamp()),
        amr=list(subject.amr),
        acr=f"aal{subject.aal}",
        gen=issuance.generations,
    )
    return AccessToken(issuer.ring.sign(claims), claims.exp - claims.iat)


def issuance_of(row: Row, token_id: str) -> Issuance:
    """That of a row which tells when a token was issued, until when it is good, and of which generations it is."""
    generations = row["tenant_generation"], row["session_generation"]
    return Issuance(token_id, row["issued_at"], row["access_expires_at"], generations)


async def refresh(
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
    access = sign(issuer, subject_of(row, presented.tenant_id), issuance_of(row, row["access_id"]))
    text = refresh_token(issuer, presented.tenant_id, row["session_id"], row["successor_id"])
    return TokenPair(access.text, text, _remaining(row))


async def rotate_access(
    queries: Queries,
    issuer: Issuer,
    grace: timedelta,
    presented: PresentedToken,
    at: datetime | None,
    *,
    session_id: str | None = None,
    idempotency_key: str | None = None,
) -> AccessToken:
    """A new access token for a good refresh token, which stays as it is; a consumed one is judged as by `refresh`.

    Raises the Problems INVALID_REFRESH_TOKEN, REFRESH_TOKEN_REUSED, TOO_MANY_REFRESHES.
    """
    row = await _judged(queries, grace, presented, at, rotate=False, session_id=session_id, key=idempotency_key)
    access = sign(issuer, subject_of(row, presented.tenant_id), issuance_of(row, row["access_id"]))
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
        await assessments.of_session(queries, presented.tenant_id, row["session_id"], "token_reuse")
        raise Problem(problems.REFRESH_TOKEN_REUSED)
    if row["outcome"] == "limited":
        raise Problem(problems.TOO_MANY_REFRESHES, retry_after=int(row["retry_after"]) + 1)
    return row


def _remaining(row: Row) -> int:
    """Whole seconds that an access token is still good: none where it is repeated after its end."""
    return max(0, int(row["access_expires_at"].timestamp()) - int(row["moment"].timestamp()))


async def reissue(
    queries: Queries,
    issuer: Issuer,
    authority: Authority,
    session_id: str,
    user_id: str | None,
    now: datetime | None,
    *,
    proved: Sequence[str] | None = None,
) -> tuple[TokenPair, Subject]:
    """A fresh pair for a session of a user (None: of any) that goes on; its other refresh tokens are over.

    Methods that its user has proved since are added to those of the session, which rises to the level of all of them:
    its limits may only shorten it, and access tokens of the lower level are over.
    Raises the Problems SESSION_NOT_FOUND, OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH, INVALID_PARAMETER.
    """
    tenant_id = authority.tenant_id
    token_id, access_id = new_id(user_id or "", now), new_id(user_id or "", now)
    row = await queries.row(
        "reissue_tokens",
        tenant_id,
        session_id,
        user_id,
        now,
        token_id,
        access_id,
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
        raise Problem(
            problems.INVALID_PARAMETER, violations=[Violation("amr", "length", "A session has at most 32 methods")]
        )
    must_not_be_refused(row["refused"])
    subject = subject_of(row, tenant_id)
    access = sign(issuer, subject, issuance_of(row, access_id))
    return TokenPair(access.text, refresh_token(issuer, tenant_id, session_id, token_id), access.expires_in), subject


async def issued(
    queries: Queries,
    tenant_id: str,
    now: datetime | None,
    *,
    user_id: str | None = None,
    token_type: str | None = None,
    status: str | None = None,
    token_id: str | None = None,
    bounds: Bounds = (None, None, 1, 0),
) -> tuple[list[IssuedToken], int]:
    """A part of the tenant's tokens, newest first, and the size of the whole."""
    rows = await queries.rows("issued_tokens", tenant_id, now, user_id, token_type, status, token_id, *bounds)
    found = [row for row in rows if row["token_id"] is not None]
    return [IssuedToken(*(row[name] for name in IssuedToken._fields)) for row in found], rows[0]["total"]


async def mint_operator_token(
    queries: Queries,
    issuer: Issuer,
    *,
    tenant_id: str,
    user_id: str,
    role: Role,
    life: timedelta,
    now: datetime | None,
) -> str:
    """An access token for an operator at the shell: it belongs to no session and is in no statistics.

    Raises the Problems INVALID_PARAMETER, TENANT_NOT_FOUND.
    """
    if fault := user_id_fault(user_id):
        raise Problem(problems.INVALID_PARAMETER, violations=[Violation("user", "format", fault)])
    token_id = new_id(user_id, now)
    row = await queries.row("record_operator_token", tenant_id, token_id, user_id, role, life, now)
    if row is None:
        raise Problem(problems.TENANT_NOT_FOUND)
    issuance = Issuance(token_id, row["issued_at"], row["access_expires_at"], (row["tenant_generation"], 0))
    subject = Subject(tenant_id, user_id, role, None, _OPERATOR, (), 3, row["issued_at"])
    return sign(issuer, subject, issuance).text


def reading(presented: PresentedToken, at: datetime | None) -> tuple[object, ...]:
    """What the query `refresh_token` takes."""
    return presented.tenant_id, presented.token_id, presented.session_id, at


def subject_of(row: Row, tenant_id: str) -> Subject:
    """Whom the access tokens of a session speak for, by its row or its fields."""
    return Subject(
        tenant_id,
        row["user_id"],
        row["role"],
        row["session_id"],
        row["app_id"] or UNKNOWN_CLIENT,
        row["amr"],
        row["aal"],
        row["created_at"],
    )


def _mac(issuer: Issuer, tenant_id: str, session_id: str, token_id: str) -> str:
    mac = hmac.digest(issuer.refresh_key, f"{tenant_id}\n{session_id}\n{token_id}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
