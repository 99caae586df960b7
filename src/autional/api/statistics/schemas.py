"""Requests and responses about session statistics."""

import msgspec
from msgspec import UNSET, UnsetType

from autional.api.schemas import Instant, RequestModel, ResponseModel
from autional.core.formats import Duration, Timestamp, UserId


class StatisticsQuery(RequestModel):
    """Whose statistics."""

    user_id: UserId | None = None


class HistoryQuery(RequestModel):
    """A span of time and the distance of its samples."""

    from_: Timestamp | None = msgspec.field(name="from", default=None)
    to: Timestamp | None = None
    step: Duration | None = None


class StatisticsPoint(ResponseModel, omit_defaults=False):
    """Session statistics at one instant; the lifetime totals include removed records."""

    active_sessions: int
    expired_sessions: int
    revoked_sessions: int
    total_sessions: int
    device_breakdown: dict[str, int]
    lifetime_expired_sessions: int
    lifetime_revoked_sessions: int
    updated_at: Instant


class StatisticsHistoryResponse(ResponseModel, omit_defaults=False):
    """Samples of session statistics, oldest first."""

    items: list[StatisticsPoint]
    step: str


class SessionStatsResponse(ResponseModel, omit_defaults=False):
    """Session statistics at one instant."""

    active_sessions: int
    expired_sessions: int
    revoked_sessions: int
    total_sessions: int
    device_breakdown: dict[str, int]
    updated_at: Instant
    user_id: str | UnsetType = UNSET
    read_until: Instant | UnsetType = UNSET


class DeviceStatisticsResponse(ResponseModel, omit_defaults=False):
    """Sessions by device type at one instant, those that are active and all."""

    active: dict[str, int]
    all: dict[str, int]
    updated_at: Instant


class NamedCount(ResponseModel):
    """A name, and how many sessions have it."""

    name: str
    sessions: int


class BreakdownResponse(ResponseModel, omit_defaults=False):
    """Active sessions by app, country, level of risk and agent, as of `counted_at`; null before the first count.

    At most 200,000 sessions are counted; `is_whole` says whether there are no more.
    """

    counted_at: Instant | None
    sessions: int
    is_whole: bool
    apps: list[NamedCount]
    countries: list[NamedCount]
    risk: dict[str, int]
    agents: list[NamedCount]


class ActiveCountResponse(ResponseModel, omit_defaults=False):
    """The number of active sessions."""

    count: int
    timestamp: Instant


class ActiveSessionStatus(ResponseModel, omit_defaults=False):
    """Whether a user is signed in, and in how many sessions."""

    active: bool
    session_count: int
