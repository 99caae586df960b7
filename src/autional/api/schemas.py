"""What goes over the wire, by the names of the contract."""

from datetime import datetime
from ipaddress import ip_address
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta

from autional.jose import Role
from autional.user_agents import DeviceType

_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*(?![\s\S])"
UserId = Annotated[str, Meta(min_length=1, max_length=128, pattern=_NO_CONTROLS)]
Text = Annotated[str, Meta(max_length=200, pattern=_NO_CONTROLS)]
LongText = Annotated[str, Meta(max_length=2048, pattern=_NO_CONTROLS)]
Method = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_.-]+(?![\s\S])")]

Data = TypeVar("Data")


class IpAddress(str):
    """An IPv4 or IPv6 address in its canonical form, without a zone. Raises ValueError."""

    def __new__(cls, text: str) -> "IpAddress":
        """Check and normalise."""
        if "%" in text:
            raise ValueError("an IP address without a zone")
        return super().__new__(cls, ip_address(text))


class Sent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a client sends: an unknown field is refused, since a mistyped one must not mean something else."""


class Answered(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a client is answered: a field that is not known is left out."""


class StatisticsQuery(Sent):
    """Parameters of the statistics."""

    user_id: UserId | None = None


class SessionStatsResponse(Answered, omit_defaults=False):
    """The founding page: session statistics of the current tenant."""

    active_sessions: int
    expired_sessions: int
    revoked_sessions: int
    total_sessions: int
    device_breakdown: dict[str, int]
    updated_at: datetime
    user_id: str | msgspec.UnsetType = msgspec.UNSET


class CreateSessionRequest(Sent):
    """A user who has just been authenticated."""

    auth_user_id: UserId
    amr: Annotated[list[Method], Meta(max_length=16)] = []
    app_id: Text | None = None
    browser: Text | None = None
    device_fingerprint: Text | None = None
    device_id: Text | None = None
    device_type: DeviceType | None = None
    ip: IpAddress | None = None
    os: Text | None = None
    role: Role = "user"
    user_agent: LongText | None = None


class RevokeRequest(Sent):
    """Why a session is ended."""

    reason: Text | None = None


class SessionResponse(Answered):
    """A session; `role` to `revoke_reason` only in answers to administrators."""

    id: str
    tenant_id: str
    user_id: str
    status: str
    device_type: DeviceType
    amr: str
    created_at: datetime
    authenticated_at: datetime
    last_active_at: datetime
    expires_at: datetime
    idle_expires_at: datetime
    device_id: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    app_id: str | None = None
    browser: str | None = None
    os: str | None = None
    role: str | None = None
    aal: int | None = None


class TokenPairResponse(Answered, omit_defaults=False):
    """Tokens of a session (RFC 6749 §5.1)."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"


class CreateSessionData(Answered):
    """A new session and its tokens."""

    session: SessionResponse
    tokens: TokenPairResponse


class DataResponse(Answered, Generic[Data], omit_defaults=False):
    """The envelope of an answer to a service."""

    data: Data
    timestamp: datetime
    code: int = 0
    message: str = "success"
