"""Token status: one answer for bearers, introspection and validation."""

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from autional.core import ids
from autional.core.problems import Problem
from autional.postgres.queries import Lookup, Queries, Row, look_up
from autional.tokens import refresh_tokens
from autional.tokens.blacklist import TokenReference
from autional.tokens.issue import subject_of
from autional.tokens.jwt import AccessClaims, Issuer, TokenError, TokenExpiredError, VerifiedToken
from autional.tokens.model import TOKEN_PREFIX, PresentedToken, Subject

_REFRESH = f"{TOKEN_PREFIX}_"


class TokenFacts(NamedTuple):
    """What the text of a token and its row say, for as long as the token is valid."""

    reference: TokenReference
    subject: Subject
    issued_at: datetime


class ActiveToken(NamedTuple):
    """A valid token, with what a client may know of it; an access token includes its claims."""

    facts: TokenFacts
    verified: VerifiedToken | None
    device_fingerprint: str | None

    @property
    def tenant_id(self) -> str:
        """The tenant that issued it."""
        return self.facts.reference.tenant_id


def lookup(issuer: Issuer, token: str, at: datetime | None) -> Lookup[ActiveToken | None] | None:
    """The lookup of a token's status; its answer is the token if it is valid at `at`, otherwise None.

    There is no lookup for a text that this service did not issue (RFC 7662 §2.2).
    """
    read = _read(issuer, token)
    if isinstance(read, VerifiedToken):
        asked = status_arguments(read, read.claims.tenant_id, at)
        return Lookup("token_status", asked, partial(_access_token, read))
    if read is not None:
        return Lookup("refresh_token", refresh_tokens.lookup_arguments(read, at), partial(_refresh_token, read))
    return None


async def introspect(queries: Queries, issuer: Issuer, token: str, at: datetime | None) -> ActiveToken | None:
    """The token if it is valid at `at`, otherwise None, whatever the reason (RFC 7662 §2.2)."""
    asked = lookup(issuer, token, at)
    return await look_up(queries, asked) if asked else None


def status_arguments(verified: VerifiedToken, acts_in: str, at: datetime | None) -> tuple[object, ...]:
    """The arguments of the query `token_status`, which checks everything that may have ended the token."""
    claims = verified.claims
    return claims.tenant_id, claims.session_id, at, acts_in, *verified.once(_status)


def _status(claims: AccessClaims) -> tuple[object, ...]:
    ancestors = ",".join(map(ids.as_uuid, claims.ancestors)) or None
    return claims.jti, ancestors, *claims.gen, level_of(claims)


class ParsedToken(NamedTuple):
    """A token of this service by its text alone, valid or not; a refresh token names no user."""

    tenant_id: str
    token_id: str
    session_id: str | None
    claims: AccessClaims | None


def parse_token(issuer: Issuer, token: str) -> ParsedToken | None:
    """The authenticated token in a text; None if this service did not issue it."""
    read = _read(issuer, token)
    if isinstance(read, VerifiedToken):
        claims = read.claims
        return ParsedToken(claims.tenant_id, claims.jti, claims.session_id, claims)
    if read is not None:
        return ParsedToken(read.tenant_id, read.token_id, read.session_id, None)
    return None


def _read(issuer: Issuer, token: str) -> PresentedToken | VerifiedToken | None:
    """What an authenticated refresh token or access token says; None if this service did not issue it."""
    if token.startswith(_REFRESH):
        with suppress(Problem):
            return refresh_tokens.read(issuer, token)
    with suppress(TokenError):
        return issuer.read(token)
    return None


def level_of(claims: AccessClaims) -> int:
    """The assurance level of a token."""
    return int(claims.acr.removeprefix("aal"))


def check_time(claims: AccessClaims, leeway: int, now: datetime) -> None:
    """Raise TokenError for a token that is not valid yet, TokenExpiredError for an expired one (RFC 7519 §4.1.4-5)."""
    seconds = now.timestamp()
    if seconds + leeway < claims.nbf:
        raise TokenError("not valid yet")
    if seconds - leeway >= claims.exp:
        raise TokenExpiredError("expired")


def _access_token(verified: VerifiedToken, row: Row | None) -> ActiveToken | None:
    if row is None or not (row["is_valid"] and row["tenants_enabled"]):
        return None
    try:
        check_time(verified.claims, row["leeway"], row["seen_at"])
    except TokenError:
        return None
    return ActiveToken(verified.once(_facts), verified, row["device_fingerprint"])


def _facts(claims: AccessClaims) -> TokenFacts:
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
        claims.act,
    )
    reference = TokenReference(claims.tenant_id, claims.jti, "access", claims.user_id, expires_at)
    issued_at = datetime.fromtimestamp(claims.iat, UTC)
    return TokenFacts(reference, subject, issued_at)


def _refresh_token(presented: PresentedToken, row: Row | None) -> ActiveToken | None:
    if row is None or not row["is_valid"]:
        return None
    reference = TokenReference(presented.tenant_id, presented.token_id, "refresh", row["user_id"], row["expires_at"])
    return ActiveToken(TokenFacts(reference, subject_of(row, presented.tenant_id), row["issued_at"]), None, None)
