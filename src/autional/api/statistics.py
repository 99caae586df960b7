"""The founding page."""

import msgspec

from autional import stats
from autional.api.kernel import Call
from autional.api.schemas import SessionStatsResponse, StatisticsQuery


async def session_stats(call: Call, query: StatisticsQuery) -> SessionStatsResponse:
    """Session statistics of the current tenant, or of one user in it, at the instant of the request."""
    read = await stats.read(call.service.database, call.caller.tenant_id, call.now, query.user_id)
    return SessionStatsResponse(
        active_sessions=read.active,
        expired_sessions=read.expired,
        revoked_sessions=read.revoked,
        total_sessions=read.total,
        device_breakdown=read.device_breakdown,
        updated_at=read.updated_at,
        user_id=msgspec.UNSET if query.user_id is None else query.user_id,
    )
