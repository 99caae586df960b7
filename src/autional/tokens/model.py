"""Access and refresh tokens: the types that the other modules pass around."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Literal, NamedTuple

from autional.core.authority import Role

ACCESS_EXPIRY = timedelta(hours=1)
REFRESH_EXPIRY = timedelta(days=30)
TOKEN_PREFIX = "tok"
UNKNOWN_CLIENT = "-"


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
