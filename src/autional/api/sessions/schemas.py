"""Requests and responses about sessions, by the names of the contract."""

from typing import Literal

from autional.api.schemas import (
    Cursor,
    Instant,
    ListResponse,
    PageNumber,
    PageQuery,
    PageSize,
    RequestModel,
    ResponseModel,
)
from autional.api.tokens.schemas import TokenPairResponse
from autional.core.formats import ShortText, UserAgent, UserId
from autional.risk.device import DeviceType
from autional.risk.scoring import Fact
from autional.sessions.filters import SessionFilter
from autional.sessions.model import Actor, Status
from autional.sessions.ordering import Order


class ListQuery(PageQuery):
    """Part of a user's sessions."""

    status: Literal["active", "expired", "revoked", "all"] = "active"


class TenantListQuery(SessionFilter, kw_only=True):
    """Part of the tenant's sessions that a filter selects."""

    page: PageNumber = 1
    page_size: PageSize = 20
    cursor: Cursor | None = None
    sort: Order = "-created_at"


class UserListQuery(ListQuery, kw_only=True):
    """Part of one user's sessions."""

    auth_user_id: UserId


class ActivityRequest(RequestModel):
    """What the user of a session uses now, if known."""

    user_agent: UserAgent | None = None


class RevokeRequest(RequestModel):
    """Why sessions are revoked."""

    reason: ShortText | None = None


class SessionResponse(ResponseModel):
    """A session. Administrators see `role` to `revoked_by` as well."""

    id: str
    tenant_id: str
    user_id: str
    status: Status
    device_type: DeviceType
    amr: str
    created_at: Instant
    authenticated_at: Instant
    last_active_at: Instant
    expires_at: Instant
    idle_expires_at: Instant
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
    risk_factors: list[Fact] | None = None
    device_model: str | None = None
    act: Actor | None = None
    parent_session_id: str | None = None
    revoked_at: Instant | None = None
    revoke_reason: str | None = None
    ended_at: Instant | None = None
    revoked_by: "RevokedBy | None" = None
    current: bool | None = None


class CreateSessionData(ResponseModel):
    """A new session and its tokens."""

    session: SessionResponse
    tokens: TokenPairResponse


class GetSessionData(ResponseModel):
    """One session."""

    session: SessionResponse


class SessionListResponse(ListResponse, kw_only=True):
    """Part of a list of sessions."""

    items: list[SessionResponse]


class RevokedBy(ResponseModel):
    """Who revoked a session: a user, an API key, an operator at the shell, or the service.

    With the user's tenant if it is another one.
    """

    type: Literal["user", "api_key", "operator", "system"]
    id: str | None = None
    tenant_id: str | None = None
    job_id: str | None = None
    request_id: str | None = None
    audit_sequence: int | None = None
