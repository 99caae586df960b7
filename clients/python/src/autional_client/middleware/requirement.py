"""What a request must prove, and what is answered if it does not. No framework."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from autional_client.verifier.verdict import Claims, Reason, Verdict

ROLES = ("user", "security_admin", "admin", "platform_admin")
"""Lowest first."""
_UNKNOWN: frozenset[Reason] = frozenset({"status_unknown"})
_TEXTS: Mapping[str, str] = {
    "missing": "An access token is required",
    "expired": "The access token has expired",
    "revoked": "The access token has been revoked",
    "tenant_disabled": "The access token has been revoked",
}
_INVALID = "The access token is not valid here"


class Requirement(NamedTuple):
    """What a token must have: a role of this rank or above, an assurance level, an authentication that is not older."""

    role: str | None = None
    level: int = 0
    """1 to 3 (NIST SP 800-63B)."""
    max_age: int | None = None
    """Seconds since the user authenticated (OpenID Connect Core §3.1.2.1)."""


class Refusal(NamedTuple):
    """An answer to a request that does not prove enough: a Problem (RFC 9457)."""

    status: int
    headers: dict[str, str]
    body: bytes


SIGNED_OUT = Refusal(204, {"Cache-Control": "no-store"}, b"")
NOT_SIGNED_OUT = Refusal(503, {"Retry-After": "5", "Content-Type": "text/plain"}, b"The session was not ended")
"""The answers to a request to sign out."""


class NotAllowedError(Exception):
    """A request does not prove enough; `refusal` is the answer."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.status)


def must_be_able_to_sign_out(path: str | None, *, can_sign_out: bool) -> None:
    """Raise ValueError for a path to sign out at where the verifier has no API key to end sessions with."""
    if path is not None and not can_sign_out:
        raise ValueError("to sign out, the verifier needs an api_key")


def requirement(role: str | None = None, level: int = 0, max_age: int | None = None) -> Requirement:
    """A requirement; raises ValueError for a role or a level that does not exist."""
    if (role is not None and role not in ROLES) or level not in {0, 1, 2, 3} or (max_age is not None and max_age < 0):
        raise ValueError("role must be one of " + ", ".join(ROLES) + "; level 0 to 3; max_age in seconds")
    return Requirement(role, level, max_age)


def refusal_of(verdict: Verdict, resource_metadata: str | None = None) -> Refusal | None:
    """The answer to a request with such a token (RFC 6750 §3); None: it may go on.

    `resource_metadata` is the URL of the API's metadata, for clients that look for its authorization server (RFC 9728
    §5.1). Where nobody can say whether the token is valid the answer is a 503, so that nobody is signed out by it.
    """
    if verdict.valid:
        return None
    if verdict.reason in _UNKNOWN:
        return _refusal(503, "It is not known now whether access tokens are valid", {"Retry-After": "5"})
    text = _TEXTS.get(verdict.reason, _INVALID)
    challenge = {} if verdict.reason == "missing" else {"error": "invalid_token", "error_description": text}
    return challenged(401, text, challenge, resource_metadata)


def shortfall(claims: Claims, needed: Requirement, now: float) -> Refusal | None:
    """The answer to a valid token that does not prove enough; None: it does."""
    if needed.role is not None and _rank(claims.role) < ROLES.index(needed.role):
        return challenged(403, "The role of the user is too low", {"error": "insufficient_scope"})
    is_old = needed.max_age is not None and now - (claims.auth_time or 0) > needed.max_age
    if claims.level >= needed.level and not is_old:
        return None
    asked = {"acr_values": f"aal{needed.level}"} if needed.level else {}
    asked |= {"max_age": str(needed.max_age)} if needed.max_age is not None else {}
    text = "A different authentication is required"
    error = {"error": "insufficient_user_authentication", "error_description": text}
    return challenged(401, text, error | asked)


def challenged(status: int, text: str, challenge: Mapping[str, str], resource_metadata: str | None = None) -> Refusal:
    """An answer with a challenge (RFC 6750 §3, RFC 9470 §3)."""
    said = dict(challenge) | ({"resource_metadata": resource_metadata} if resource_metadata else {})
    parameters = ", ".join(f'{name}="{value}"' for name, value in said.items())
    return _refusal(status, text, {"WWW-Authenticate": f"Bearer {parameters}".strip()})


def _refusal(status: int, text: str, headers: dict[str, str]) -> Refusal:
    titles = {401: "Unauthorized", 403: "Forbidden", 503: "Service Unavailable"}
    body = msgspec.json.encode({"type": "about:blank", "title": titles[status], "status": status, "detail": text})
    return Refusal(status, {"Content-Type": "application/problem+json", "Cache-Control": "no-store"} | headers, body)


def _rank(role: str | None) -> int:
    return ROLES.index(role) if role in ROLES else -1
