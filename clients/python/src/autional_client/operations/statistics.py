"""Operations of statistics. Generated from the service's table of operations: do not edit."""

from datetime import datetime

from autional_client.calls import NO_OPTIONS, Call, Options, path_of
from autional_client.schemas import (
    ActiveCountResponse,
    ActiveSessionStatus,
    BreakdownResponse,
    DeviceStatisticsResponse,
    SessionStatsResponse,
    StatisticsHistoryResponse,
)
from autional_client.sender import AsyncSender, Sender


class Statistics(Sender):
    """Operations of statistics."""

    def get_session_stats(self, *, user_id: str | None = None, options: Options = NO_OPTIONS) -> SessionStatsResponse:
        """Get session statistics.

        Numbers of the tenant's sessions, or of one user's, exact for the instant `updated_at`. Everything that was
        answered before is counted. An unknown user has zeros. A tenant that is split over several machines may have
        `read_until` as well: its numbers were read between both instants, and what was written meanwhile is in them or not.

        GET /admin/sessions/stats

        user_id: The user.
        """
        call = Call[SessionStatsResponse](
            "GET", "/admin/sessions/stats", SessionStatsResponse, query={"user_id": user_id}, is_repeatable=True
        )
        return self.send(call, options)

    def get_session_stats_history(
        self,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        step: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> StatisticsHistoryResponse:
        """Get past session statistics.

        Samples of the tenant's statistics, oldest first: of the last day by the hour, unless a span and a step are
        given.

        GET /admin/sessions/stats/history

        from_: From this instant on.
        to: Before this instant.
        step: Distance of the samples.
        """
        call = Call[StatisticsHistoryResponse](
            "GET",
            "/admin/sessions/stats/history",
            StatisticsHistoryResponse,
            query={"from": from_, "to": to, "step": step},
            is_repeatable=True,
        )
        return self.send(call, options)

    def get_session_devices(self, *, options: Options = NO_OPTIONS) -> DeviceStatisticsResponse:
        """Count sessions by device type.

        Active ones and all, exact for the instant `updated_at`.

        GET /admin/sessions/stats/devices
        """
        call = Call[DeviceStatisticsResponse](
            "GET", "/admin/sessions/stats/devices", DeviceStatisticsResponse, is_repeatable=True
        )
        return self.send(call, options)

    def get_session_breakdown(self, *, options: Options = NO_OPTIONS) -> BreakdownResponse:
        """Break down active sessions by app, country, level of risk and agent.

        Counted once a minute while somebody asks, so it is about a minute old, and says as of when.

        GET /admin/sessions/stats/breakdown
        """
        call = Call[BreakdownResponse]("GET", "/admin/sessions/stats/breakdown", BreakdownResponse, is_repeatable=True)
        return self.send(call, options)

    def get_active_session_count(self, *, options: Options = NO_OPTIONS) -> ActiveCountResponse:
        """Count active sessions.

        GET /admin/sessions/active-count
        """
        call = Call[ActiveCountResponse]("GET", "/admin/sessions/active-count", ActiveCountResponse, is_repeatable=True)
        return self.send(call, options)

    def internal_get_user_activity(self, user_id: str, *, options: Options = NO_OPTIONS) -> ActiveSessionStatus:
        """Check whether a user is signed in.

        GET /internal/session/sessions/{user_id}/active

        user_id: The user.
        """
        call = Call[ActiveSessionStatus](
            "GET",
            path_of("/internal/session/sessions/{user_id}/active", user_id=user_id),
            ActiveSessionStatus,
            is_repeatable=True,
        )
        return self.send(call, options)


class AsyncStatistics(AsyncSender):
    """Operations of statistics, for AsyncClient."""

    async def get_session_stats(
        self, *, user_id: str | None = None, options: Options = NO_OPTIONS
    ) -> SessionStatsResponse:
        """Get session statistics.

        Numbers of the tenant's sessions, or of one user's, exact for the instant `updated_at`. Everything that was
        answered before is counted. An unknown user has zeros. A tenant that is split over several machines may have
        `read_until` as well: its numbers were read between both instants, and what was written meanwhile is in them or not.

        GET /admin/sessions/stats

        user_id: The user.
        """
        call = Call[SessionStatsResponse](
            "GET", "/admin/sessions/stats", SessionStatsResponse, query={"user_id": user_id}, is_repeatable=True
        )
        return await self.send(call, options)

    async def get_session_stats_history(
        self,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        step: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> StatisticsHistoryResponse:
        """Get past session statistics.

        Samples of the tenant's statistics, oldest first: of the last day by the hour, unless a span and a step are
        given.

        GET /admin/sessions/stats/history

        from_: From this instant on.
        to: Before this instant.
        step: Distance of the samples.
        """
        call = Call[StatisticsHistoryResponse](
            "GET",
            "/admin/sessions/stats/history",
            StatisticsHistoryResponse,
            query={"from": from_, "to": to, "step": step},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def get_session_devices(self, *, options: Options = NO_OPTIONS) -> DeviceStatisticsResponse:
        """Count sessions by device type.

        Active ones and all, exact for the instant `updated_at`.

        GET /admin/sessions/stats/devices
        """
        call = Call[DeviceStatisticsResponse](
            "GET", "/admin/sessions/stats/devices", DeviceStatisticsResponse, is_repeatable=True
        )
        return await self.send(call, options)

    async def get_session_breakdown(self, *, options: Options = NO_OPTIONS) -> BreakdownResponse:
        """Break down active sessions by app, country, level of risk and agent.

        Counted once a minute while somebody asks, so it is about a minute old, and says as of when.

        GET /admin/sessions/stats/breakdown
        """
        call = Call[BreakdownResponse]("GET", "/admin/sessions/stats/breakdown", BreakdownResponse, is_repeatable=True)
        return await self.send(call, options)

    async def get_active_session_count(self, *, options: Options = NO_OPTIONS) -> ActiveCountResponse:
        """Count active sessions.

        GET /admin/sessions/active-count
        """
        call = Call[ActiveCountResponse]("GET", "/admin/sessions/active-count", ActiveCountResponse, is_repeatable=True)
        return await self.send(call, options)

    async def internal_get_user_activity(self, user_id: str, *, options: Options = NO_OPTIONS) -> ActiveSessionStatus:
        """Check whether a user is signed in.

        GET /internal/session/sessions/{user_id}/active

        user_id: The user.
        """
        call = Call[ActiveSessionStatus](
            "GET",
            path_of("/internal/session/sessions/{user_id}/active", user_id=user_id),
            ActiveSessionStatus,
            is_repeatable=True,
        )
        return await self.send(call, options)
