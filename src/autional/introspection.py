"""What a token is and whether it is good now: the one answer for bearers, introspection and validation."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from autional import ids, tokens
from autional.db import Queries
from autional.jose import AccessClaims, Issuer, TokenError, TokenExpiredError
from autional.problems import Problem
from autional.revocations import TokenReference
from autional.tokens import Subject


class Standing(NamedTuple):
    """What the database says about an access token at one instant."""

    good: bool
    tenants_enabled: bool
    leeway: timedelta
    device_fingerprint: str | None


class ActiveToken(NamedTuple):
    """A token that is good, with what a client may know of it; an access token comes with its claims."""

    reference: TokenReference
    subject: Subject
    issued_at: datetime
    claims: AccessClaims | None
    device_fingerprint: str | None


async def standing(queries: Queries, claims: AccessClaims, acts_in: str, now: datetime) -> Standing:
    """Look at everything that may have ended an access token since it was signed, in one round trip."""
    row = await queries.row(
        "token_standing",
        claims.tenant_id,
        claims.session_id,
        now,
        acts_in,
        claims.jti,
        claims.user_id,
        ids.issued_at(claims.jti),
        level_of(claims),
    )
    if row is None:
        return Standing(good=False, tenants_enabled=False, leeway=timedelta(), device_fingerprint=None)
    leeway = timedelta(seconds=row["leeway"])
    return Standing(row["good"], row["tenants_enabled"], leeway, row["device_fingerprint"])


async def introspect(queries: Queries, issuer: Issuer, token: str, now: datetime) -> ActiveToken | None:
    """The token if it is good at `now`; None for whatever is not, for whichever reason (RFC 7662 §2.2)."""
    try:
        return await _refresh_token(queries, token, now)
    except Problem:
        return await _access_token(queries, issuer, token, now)


def token_id(issuer: Issuer, token: str) -> str:
    """The id of a token of this service, whatever became of it; a text that is no token is taken for an id."""
    try:
        return tokens.read_refresh_token(token).token_id
    except Problem:
        pass
    try:
        return issuer.read(token).jti
    except TokenError:
        return token.replace("\0", "")


def level_of(claims: AccessClaims) -> int:
    """The assurance level that a token was issued for."""
    return int(claims.acr.removeprefix("aal"))


def check_time(claims: AccessClaims, leeway: timedelta, now: datetime) -> None:
    """Raises TokenError for a token that is not valid yet, TokenExpiredError (RFC 7519 §4.1.4, §4.1.5)."""
    if (now + leeway).timestamp() < claims.nbf:
        raise TokenError("not valid yet")
    if (now - leeway).timestamp() >= claims.exp:
        raise TokenExpiredError("expired")


async def _access_token(queries: Queries, issuer: Issuer, token: str, now: datetime) -> ActiveToken | None:
    try:
        claims = issuer.read(token)
        found = await standing(queries, claims, claims.tenant_id, now)
        check_time(claims, found.leeway, now)
    except TokenError:
        return None
    if not (found.good and found.tenants_enabled):
        return None
    expires_at = datetime.fromtimestamp(claims.exp, UTC)
    subject = Subject(
        claims.tenant_id,
        claims.user_id,
        claims.role,
        claims.session_id,
        claims.client_id,
        claims.amr,
        level_of(claims),
        datetime.fromtimestamp(claims.auth_time, UTC),
    )
    reference = TokenReference(claims.tenant_id, claims.jti, "access", claims.user_id, expires_at)
    issued_at = datetime.fromtimestamp(claims.iat, UTC)
    return ActiveToken(reference, subject, issued_at, claims, found.device_fingerprint)


async def _refresh_token(queries: Queries, token: str, now: datetime) -> ActiveToken | None:
    presented = tokens.read_refresh_token(token)
    row = await queries.row("refresh_token", presented.tenant_id, presented.token_id, ids.digest(presented.text), now)
    if row is None or not row["good"]:
        return None
    reference = TokenReference(presented.tenant_id, presented.token_id, "refresh", row["user_id"], row["expires_at"])
    return ActiveToken(reference, tokens.subject_of(row, presented.tenant_id), row["issued_at"], None, None)
