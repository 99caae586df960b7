"""What goes over the wire, by the names of the contract."""

from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autional import durations
from autional.jose import Role
from autional.session_filters import Order, SessionFilter
from autional.session_limits import Overflow
from autional.user_agents import DeviceType

NO_CONTROLS = r"^[^\x00-\x1f\x7f]*(?![\s\S])"
_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(hours=87600)
UserId = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_CONTROLS)]
Text = Annotated[str, Meta(max_length=200, pattern=NO_CONTROLS)]
RefreshTokenText = Annotated[str, Meta(min_length=1, max_length=512)]
SessionId = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_CONTROLS)]
LongText = Annotated[str, Meta(max_length=2048, pattern=NO_CONTROLS)]
ClientHint = Annotated[str, Meta(max_length=64, pattern=r"^[Ss][Ee][Cc]-[Cc][Hh]-[Uu][Aa][A-Za-z-]*(?![\s\S])")]
Method = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_.-]+(?![\s\S])")]

SessionCount = Annotated[int, Meta(ge=1, le=10_000)]
PageNumber = Annotated[int, Meta(ge=1, le=10_000_000)]
PageSize = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(min_length=1, max_length=512)]

Data = TypeVar("Data")


class IpAddress(str):
    """An IPv4 or IPv6 address in its canonical form, without a zone. Raises ValueError."""

    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}

    def __new__(cls, text: str) -> "IpAddress":
        """Check and normalise."""
        if "%" in text:
            raise ValueError("an IP address without a zone")
        return super().__new__(cls, ip_address(text))


class Duration(str):
    """A Go-style duration of at least a second and at most ten years. Raises ValueError."""

    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "pattern": rf"^{durations.PATTERN}$", "examples": ["1h30m"]}
    value: timedelta

    def __new__(cls, text: str) -> "Duration":
        """Check and keep what it says."""
        duration = super().__new__(cls, text)
        duration.value = durations.parse(text)
        if not _SHORTEST <= duration.value <= _LONGEST:
            raise ValueError("a duration from 1s to 87600h")
        return duration


class Sent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a client sends: an unknown field is refused, since a mistyped one must not mean something else."""


class Answered(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a client is answered: a field that is not known is left out."""


class StatisticsQuery(Sent):
    """Parameters of the statistics."""

    user_id: UserId | None = None


class HistoryQuery(Sent):
    """A span of time (RFC 3339) and the distance of its points; without them, the last day by the hour."""

    from_: datetime | None = msgspec.field(name="from", default=None)
    to: datetime | None = None
    step: Duration | None = None


class StatisticsPoint(Answered, omit_defaults=False):
    """The session statistics as they were at one moment; lifetime totals include records that are gone."""

    active_sessions: int
    expired_sessions: int
    revoked_sessions: int
    total_sessions: int
    device_breakdown: dict[str, int]
    lifetime_expired_sessions: int
    lifetime_revoked_sessions: int
    updated_at: datetime


class StatisticsHistoryResponse(Answered, omit_defaults=False):
    """A series of statistics, oldest first."""

    items: list[StatisticsPoint]
    step: str


class SessionStatsResponse(Answered, omit_defaults=False):
    """The founding page: session statistics of the current tenant."""

    active_sessions: int
    expired_sessions: int
    revoked_sessions: int
    total_sessions: int
    device_breakdown: dict[str, int]
    updated_at: datetime
    user_id: str | UnsetType = UNSET


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
    """Which page of a list."""

    page: PageNumber = 1
    page_size: PageSize = 20

    @property
    def skip(self) -> int:
        """How many items come before the page."""
        return (self.page - 1) * self.page_size


class ListQuery(PageQuery):
    """Which part of a list: a page, or what follows a cursor."""

    cursor: Cursor | None = None
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
    client_hints: Annotated[dict[ClientHint, LongText], Meta(max_length=16)] | None = None
    device_fingerprint: Text | None = None
    device_id: Text | None = None
    device_type: DeviceType | None = None
    ip: IpAddress | None = None
    os: Text | None = None
    role: Role = "user"
    user_agent: LongText | None = None


class ActivityRequest(Sent):
    """What the user of a session uses now, where the caller knows it."""

    user_agent: LongText | None = None


class RevokeRequest(Sent):
    """Why a session is ended."""

    reason: Text | None = None


class RevokeManyRequest(RevokeRequest, kw_only=True):
    """Which sessions are ended, and why: those that are named, or those that a filter names.

    A filter is first shown (`dry_run`); what it showed is then ended by its `dry_run_token`, and nothing more.
    """

    session_ids: Annotated[list[SessionId], Meta(min_length=1, max_length=100)] | None = None
    filter: SessionFilter | None = None
    dry_run: bool = False
    dry_run_token: Cursor | None = None
    keep_own: Annotated[bool, Meta(description="Leave the caller's own session alone.")] = False


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

    @classmethod
    def of(cls, page: int, page_size: int, total: int) -> "PageInfo":
        """A numbered page of a whole."""
        pages = -(-total // page_size)
        return cls(
            page=page, page_size=page_size, total=total, total_pages=pages, has_next=page < pages, has_prev=page > 1
        )


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


class SimpleResponse(Answered, omit_defaults=False):
    """It is done."""

    timestamp: datetime
    code: int = 0
    message: str = "success"


class ActiveCountResponse(Answered, omit_defaults=False):
    """How many sessions of the tenant go on."""

    count: int
    timestamp: datetime


class ActiveSessionStatus(Answered, omit_defaults=False):
    """Whether a user is signed in, and how often."""

    active: bool
    session_count: int


class RevocationPreview(Answered, omit_defaults=False):
    """What a filter names; of that only active sessions would be ended, by the token and until it expires."""

    sessions: int
    users: int
    by_device_type: dict[str, int]
    by_status: dict[str, int]
    revocable: int
    dry_run_token: str
    expires_at: datetime


class JobResponse(Answered):
    """A revocation of many sessions: how many of how many are ended."""

    id: str
    state: Literal["waiting", "running", "done", "cancelled"]
    reason: str
    requested_by: str
    total: int
    done: int
    created_at: datetime
    finished_at: datetime | None = None


class BatchRevokeResponse(Answered, omit_defaults=False):
    """What became of each of the named sessions, what a filter names, or the job that ends them."""

    total: int
    succeeded: list[str] | UnsetType = UNSET
    failed: list[str] | UnsetType = UNSET
    preview: RevocationPreview | UnsetType = UNSET
    job: JobResponse | UnsetType = UNSET


class TokenValidationResponse(Answered):
    """Whether a session or token is good, what it says, and else why not."""

    valid: bool
    claims: dict[str, Any] | None = None
    error: str | None = None


class LevelPolicyBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Limits of one assurance level."""

    absolute_timeout: Duration | None = None
    idle_timeout: Duration | None = None


class LevelsBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Limits by assurance level."""

    aal1: LevelPolicyBody = msgspec.field(default_factory=LevelPolicyBody)
    aal2: LevelPolicyBody = msgspec.field(default_factory=LevelPolicyBody)
    aal3: LevelPolicyBody = msgspec.field(default_factory=LevelPolicyBody)


class PolicyRequest(Sent):
    """A session policy; a value at the top caps every level."""

    absolute_timeout: Duration | None = None
    idle_timeout: Duration | None = None
    levels: LevelsBody = msgspec.field(default_factory=LevelsBody)
    apply_to_existing: bool = False


class LevelPolicyResponse(Answered):
    """Limits of one assurance level that are in force; without an idle timeout only the absolute one counts."""

    absolute_timeout: str
    idle_timeout: str | None = None


class PolicyResponse(Answered):
    """The caps that the tenant set, and the limits of every level that are in force."""

    levels: dict[str, LevelPolicyResponse]
    absolute_timeout: str | None = None
    idle_timeout: str | None = None


class SessionLimitsBody(Sent):
    """How many sessions a user may have at once, and what happens beyond; null: no limit.

    The limit of a role wins over `max_sessions`; that of a device type holds beside it.
    """

    max_sessions: SessionCount | None = None
    by_role: dict[Role, SessionCount] = {}
    by_device_type: dict[DeviceType, SessionCount] = {}
    on_overflow: Overflow = "end_oldest"


class DataResponse(Answered, Generic[Data], omit_defaults=False):
    """The envelope of an answer to a service."""

    data: Data
    timestamp: datetime
    code: int = 0
    message: str = "success"
