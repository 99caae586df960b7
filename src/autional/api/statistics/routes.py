"""Session statistics, and their history."""

from datetime import timedelta

import msgspec

from autional.access.caller import Caller
from autional.api.model import Call
from autional.api.statistics.schemas import (
    ActiveCountResponse,
    ActiveSessionStatus,
    BreakdownResponse,
    DeviceStatisticsResponse,
    HistoryQuery,
    NamedCount,
    SessionStatsResponse,
    StatisticsHistoryResponse,
    StatisticsPoint,
    StatisticsQuery,
)
from autional.core import durations, problems
from autional.core.formats import datetime_of
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Lookup, database_time
from autional.runtime.service import Service
from autional.sessions import breakdowns, statistics
from autional.sessions.statistics import Sample, Statistics

_TOO_FINE = "Is too short for this span: an answer has at most 2000 points"
_DEFAULT_SPAN = timedelta(days=1)
_DEFAULT_STEP = timedelta(hours=1)


def statistics_preload(
    running: Service, caller: Caller, query: StatisticsQuery | None = None
) -> Lookup[Statistics] | None:
    """What to ask for the numbers of the caller's tenant; not of a user, whose sessions are counted."""
    if query is not None and query.user_id is not None:
        return None
    return statistics.statistics_lookup(caller.tenant_id, running.at())


async def get_session_stats(call: Call, query: StatisticsQuery, preloaded: Statistics | None) -> SessionStatsResponse:
    """Get session statistics.

    Numbers of the tenant's sessions, or of one user's, exact for the instant `updated_at`. Everything that was
    answered before is counted. An unknown user has zeros. A tenant that is split over several machines may have
    `read_until` as well: its numbers were read between both instants, and what was written meanwhile is in them or not.
    """
    if preloaded is None:
        preloaded = await statistics.read(call.database, call.caller.tenant_id, call.at, query.user_id)
    return SessionStatsResponse(
        active_sessions=preloaded.active,
        expired_sessions=preloaded.expired,
        revoked_sessions=preloaded.revoked,
        total_sessions=preloaded.total,
        device_breakdown=preloaded.device_breakdown,
        updated_at=preloaded.updated_at,
        user_id=msgspec.UNSET if query.user_id is None else query.user_id,
        read_until=preloaded.read_until or msgspec.UNSET,
    )


async def get_active_count(call: Call, preloaded: Statistics) -> ActiveCountResponse:
    """Count active sessions."""
    return ActiveCountResponse(count=preloaded.active, timestamp=preloaded.updated_at)


async def get_devices(call: Call) -> DeviceStatisticsResponse:
    """Count sessions by device type.

    Active ones and all, exact for the instant `updated_at`.
    """
    read = await breakdowns.read_devices(call.database, call.caller.tenant_id, call.at)
    return DeviceStatisticsResponse(
        active={name: one.active for name, one in read.by_type.items()},
        all={name: one.total for name, one in read.by_type.items()},
        updated_at=read.updated_at,
    )


async def get_breakdown(call: Call) -> BreakdownResponse:
    """Break down active sessions by app, country, level of risk and agent.

    Counted once a minute while somebody asks, so it is about a minute old, and says as of when.
    """
    read = await breakdowns.read_breakdown(call.database, call.caller.tenant_id, call.at)
    return BreakdownResponse(
        counted_at=read.counted_at,
        sessions=read.sessions,
        is_whole=read.is_whole,
        apps=[NamedCount(name=name, sessions=count) for name, count in read.apps],
        countries=[NamedCount(name=name, sessions=count) for name, count in read.countries],
        risk=read.risk,
        agents=[NamedCount(name=name, sessions=count) for name, count in read.agents],
    )


async def user_is_active(call: Call, user_id: str) -> ActiveSessionStatus:
    """Check whether a user is signed in."""
    read = await statistics.read(call.database, call.caller.tenant_id, call.at, user_id)
    return ActiveSessionStatus(active=read.active > 0, session_count=read.active)


async def get_history(call: Call, query: HistoryQuery) -> StatisticsHistoryResponse:
    """Get past session statistics.

    Samples of the tenant's statistics, oldest first: of the last day by the hour, unless a span and a step are
    given.
    """
    now = await database_time(call.database, call.at)
    end = datetime_of(query.to) or now
    start = datetime_of(query.from_) or end - _DEFAULT_SPAN
    step = query.step.value if query.step else _DEFAULT_STEP
    wrong = []
    if start > end:
        wrong.append(Violation("from", "range", "Must be before to"))
    elif (end - start) / step > statistics.LONGEST_HISTORY:
        wrong.append(Violation("step", "range", _TOO_FINE))
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    samples = await statistics.history(call.database, call.caller.tenant_id, start, end, step, now)
    return StatisticsHistoryResponse(items=[_point(sample) for sample in samples], step=durations.render(step))


def _point(sample: Sample) -> StatisticsPoint:
    read = sample.statistics
    return StatisticsPoint(
        active_sessions=read.active,
        expired_sessions=read.expired,
        revoked_sessions=read.revoked,
        total_sessions=read.total,
        device_breakdown=read.device_breakdown,
        lifetime_expired_sessions=read.expired + sample.purged_expired,
        lifetime_revoked_sessions=read.revoked + sample.purged_revoked,
        updated_at=read.updated_at,
    )
