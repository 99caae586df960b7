"""What goes over the wire about numbers of sessions, by the names of the contract."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from autional.api.schemas import Answered, Sent
from autional.core.formats import Duration, Timestamp, UserId


class StatisticsQuery(Sent):
    """Parameters of the statistics."""

    user_id: UserId | None = None


class HistoryQuery(Sent):
    """A span of time (RFC 3339) and the distance of its points; without them, the last day by the hour."""

    from_: Timestamp | None = msgspec.field(name="from", default=None)
    to: Timestamp | None = None
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


class ActiveCountResponse(Answered, omit_defaults=False):
    """How many sessions of the tenant go on."""

    count: int
    timestamp: datetime


class ActiveSessionStatus(Answered, omit_defaults=False):
    """Whether a user is signed in, and how often."""

    active: bool
    session_count: int
