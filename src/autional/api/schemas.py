"""What goes over the wire, by the names of the contract."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from autional.jose import Role
from autional.problems import Violation
from autional.session_filters import Order, SessionFilter
from autional.texts import NO_CONTROLS, NO_SECRET, IpAddress, UserAgent, UserId
from autional.user_agents import DeviceType

Text = Annotated[str, Meta(max_length=200, pattern=NO_SECRET)]
RefreshTokenText = Annotated[str, Meta(min_length=1, max_length=512, pattern=NO_CONTROLS)]
SessionId = UserId
DeviceId = UserId
ClientHint = Annotated[str, Meta(max_length=64, pattern=r"^[Ss][Ee][Cc]-[Cc][Hh]-[Uu][Aa][A-Za-z-]*(?![\s\S])")]
Method = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_.-]+(?![\s\S])")]

SIGNED_OUT = "signed_out"
SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
ENDED_BY_ADMINISTRATOR = "ended_by_administrator"
PageNumber = Annotated[int, Meta(ge=1, le=10_000_000)]
PageSize = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(min_length=1, max_length=512, pattern=NO_CONTROLS)]

Data = TypeVar("Data")


class Sent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a client sends: an unknown field is refused, since a mistyped one must not mean something else."""

    def faults(self) -> list[Violation]:
        """What is wrong between its fields."""
        return []


class Answered(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a client is answered: a field that is not known is left out."""


class FieldViolation(Answered):
    """One bad field: where, by which rule, and that rule in words; the value only in development mode."""

    field: str
    code: str
    description: str
    value: Any = None


class ProblemResponse(Answered):
    """What is answered instead of success (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: int
    service: str
    request_id: str
    trace_id: str
    span_id: str
    timestamp: datetime
    i18n_key: str
    i18n_args: dict[str, Any] = {}
    errors: list[FieldViolation] = []
    retry_after: int | None = None
    error: str | None = None
    error_description: str | None = None


class PageQuery(Sent):
    """Which part of a list: a page, or what follows a cursor."""

    page: PageNumber = 1
    page_size: PageSize = 20
    cursor: Cursor | None = None


class ListQuery(PageQuery):
    """Which part of a user's sessions."""

    status: Literal["active", "expired", "revoked", "all"] = "active"


class TenantListQuery(SessionFilter, kw_only=True):
    """Which part of the tenant's sessions that a filter names; by risk only those that have one."""

    page: PageNumber = 1
    page_size: PageSize = 20
    cursor: Cursor | None = None
    sort: Order = "-created_at"


class UserListQuery(ListQuery, kw_only=True):
    """A part of one user's sessions."""

    auth_user_id: UserId


class CreateSessionRequest(Sent):
    """A user who has just been authenticated."""

    auth_user_id: UserId
    amr: Annotated[list[Method], Meta(max_length=16)] = []
    app_id: Text | None = None
    browser: Text | None = None
    client_hints: Annotated[dict[ClientHint, UserAgent], Meta(max_length=16)] | None = None
    device_fingerprint: Text | None = None
    device_id: DeviceId | None = None
    device_type: DeviceType | None = None
    ip: IpAddress | None = None
    os: Text | None = None
    role: Role = "user"
    user_agent: UserAgent | None = None


class ActivityRequest(Sent):
    """What the user of a session uses now, where the caller knows it."""

    user_agent: UserAgent | None = None


class RevokeRequest(Sent):
    """Why a session is ended."""

    reason: Text | None = None


class SessionResponse(Answered):
    """A session; `role` to `revoked_by` only in answers to administrators, `current` for the caller's own."""

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
    geoip: str | None = None
    app_id: str | None = None
    browser: str | None = None
    os: str | None = None
    role: str | None = None
    aal: int | None = None
    risk_score: int | None = None
    device_model: str | None = None
    revoked_at: datetime | None = None
    revoke_reason: str | None = None
    revoked_by: "RevokedBy | None" = None
    current: bool | None = None


class TokenPairResponse(Answered, omit_defaults=False):
    """Tokens of a session (RFC 6749 §5.1)."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"


class RefreshTokensRequest(Sent):
    """A refresh token: the credential of the call."""

    refresh_token: RefreshTokenText


class CreateSessionData(Answered):
    """A new session and its tokens."""

    session: SessionResponse
    tokens: TokenPairResponse


class GetSessionData(Answered):
    """One session."""

    session: SessionResponse


class PageInfo(Answered):
    """Where a part of a list stands in the whole; a list that is walked by cursor has no page number."""

    page_size: int
    total: int
    total_pages: int
    has_next: bool
    has_prev: bool
    page: int | None = None
    next_cursor: str | None = None
    total_is_exact: bool = True


class Listed(Answered, omit_defaults=False):
    """The envelope of a part of a list, newest first; `items` comes with each kind."""

    pagination: PageInfo
    total: int
    timestamp: datetime
    code: int = 0
    message: str = "success"


class SessionListResponse(Listed, kw_only=True):
    """A part of a list of sessions."""

    items: list[SessionResponse]


class RevokedBy(Answered):
    """Who ended a session: a user (of another tenant, if one is told), an API key, or the service itself."""

    type: Literal["user", "api_key", "system"]
    id: str | None = None
    tenant_id: str | None = None
    job_id: str | None = None
    request_id: str | None = None
    audit_sequence: int | None = None


class SimpleResponse(Answered, omit_defaults=False):
    """It is done."""

    timestamp: datetime
    code: int = 0
    message: str = "success"


class CountedResponse(SimpleResponse, kw_only=True):
    """It is done, to so many sessions."""

    sessions: int


class TokenValidationResponse(Answered):
    """Whether a session or token is good, what it says, and else why not."""

    valid: bool
    claims: dict[str, Any] | None = None
    error: str | None = None
    reauthentication: Literal["shortened", "full"] | None = None


class DataResponse(Answered, Generic[Data], omit_defaults=False):
    """The envelope of an answer to a service."""

    data: Data
    timestamp: datetime
    code: int = 0
    message: str = "success"
