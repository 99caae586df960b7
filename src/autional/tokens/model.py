"""Access and refresh tokens: the types that the other modules pass around."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Literal, NamedTuple

from autional.core.authority import Role

ACCESS_EXPIRY = timedelta(hours=1)
REFRESH_EXPIRY = timedelta(days=30)
TOKEN_PREFIX = "tok"
NO_CLIENT = "-"


class Subject(NamedTuple):
    """The subject of an access token: a user as authenticated in a session, or an operator without one."""

    tenant_id: str
    user_id: str
    role: Role
    session_id: str | None
    client_id: str
    amr: Sequence[str]
    aal: int
    authenticated_at: datetime
    act: dict[str, Any] | None = None
    """Who acts for the user in the session (RFC 8693 §4.1)."""


class TokenPair(NamedTuple):
    """The tokens of a session; the access token expires in `expires_in` seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


class AccessToken(NamedTuple):
    """An access token that expires in `expires_in` seconds."""

    text: str
    expires_in: int


class ExchangeClaims(NamedTuple):
    """What an exchange changes in a token (RFC 8693): audience, actor, and the tokens it came from."""

    audience: str
    actor: dict[str, Any] | None
    ancestors: list[str]


class PresentedToken(NamedTuple):
    """A refresh token of this service as a client presents it; its text names its session and tenant."""

    token_id: str
    session_id: str
    tenant_id: str


class Issuance(NamedTuple):
    """When an access token is issued and expires, and the generations of its tenant and session."""

    token_id: str
    issued_at: datetime
    expires_at: datetime
    generations: tuple[int, int]


class StatusKeys(NamedTuple):
    """What the ids of status lists and the indexes in them are made with."""

    lists: bytes
    indexes: bytes


class IssuedToken(NamedTuple):
    """A token as administrators see it."""

    token_id: str
    token_type: Literal["access", "refresh"]
    status: str
    user_id: str
    session_id: str | None
    issued_at: datetime
    expires_at: datetime
    ip: IPv4Address | IPv6Address | None
    user_agent: str | None
