"""Operations of policy. Generated from the service's table of operations: do not edit."""

from typing import Literal

from autional_client.calls import NO_OPTIONS, Call, Options
from autional_client.schemas import (
    LevelsBody,
    LimitsPreviewResponse,
    PolicyPreviewResponse,
    PolicyResponse,
    RetentionPreviewResponse,
    RetentionResponse,
    SessionLimitsBody,
    SimpleResponse,
)
from autional_client.sender import AsyncSender, Sender


class Policy(Sender):
    """Operations of policy."""

    def get_session_policy(self, *, options: Options = NO_OPTIONS) -> PolicyResponse:
        """Get the session policy.

        GET /admin/sessions/policy
        """
        call = Call[PolicyResponse]("GET", "/admin/sessions/policy", PolicyResponse, is_repeatable=True)
        return self.send(call, options)

    def update_session_policy(
        self,
        *,
        absolute_timeout: str | None = None,
        idle_timeout: str | None = None,
        levels: LevelsBody | None = None,
        apply_to_existing: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> PolicyResponse:
        """Replace the session policy.

        It applies to sessions that begin from now on. With `apply_to_existing` it also shortens existing ones, and
        never extends them.

        PUT /admin/sessions/policy

        absolute_timeout: The longest time a session lasts after it began.
        idle_timeout: How long a session lasts without activity.
        levels: Lifetimes by assurance level.
        apply_to_existing: Whether existing sessions are shortened too; they are never extended.
        """
        call = Call[PolicyResponse](
            "PUT",
            "/admin/sessions/policy",
            PolicyResponse,
            body={
                "absolute_timeout": absolute_timeout,
                "idle_timeout": idle_timeout,
                "levels": levels,
                "apply_to_existing": apply_to_existing,
            },
            is_repeatable=True,
        )
        return self.send(call, options)

    def preview_session_policy(
        self,
        *,
        absolute_timeout: str | None = None,
        idle_timeout: str | None = None,
        levels: LevelsBody | None = None,
        apply_to_existing: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> PolicyPreviewResponse:
        """Preview a session policy.

        What it would do to active sessions with `apply_to_existing`. Nothing is changed.

        POST /admin/sessions/policy/preview

        absolute_timeout: The longest time a session lasts after it began.
        idle_timeout: How long a session lasts without activity.
        levels: Lifetimes by assurance level.
        apply_to_existing: Whether existing sessions are shortened too; they are never extended.
        """
        call = Call[PolicyPreviewResponse](
            "POST",
            "/admin/sessions/policy/preview",
            PolicyPreviewResponse,
            body={
                "absolute_timeout": absolute_timeout,
                "idle_timeout": idle_timeout,
                "levels": levels,
                "apply_to_existing": apply_to_existing,
            },
            is_repeatable=True,
        )
        return self.send(call, options)

    def reset_session_policy(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Reset the session policy.

        Back to the defaults of NIST SP 800-63B-4.

        DELETE /admin/sessions/policy
        """
        call = Call[SimpleResponse]("DELETE", "/admin/sessions/policy", SimpleResponse, is_repeatable=True)
        return self.send(call, options)

    def get_session_limits(self, *, options: Options = NO_OPTIONS) -> SessionLimitsBody:
        """Get the limits of sessions per user.

        GET /admin/sessions/limits
        """
        call = Call[SessionLimitsBody]("GET", "/admin/sessions/limits", SessionLimitsBody, is_repeatable=True)
        return self.send(call, options)

    def update_session_limits(
        self,
        *,
        max_sessions: int | None = None,
        by_role: dict[Literal["user", "security_admin", "admin", "platform_admin"], int] | None = None,
        by_device_type: dict[Literal["desktop", "mobile", "tablet", "tv", "bot", "other"], int] | None = None,
        on_overflow: Literal["refuse", "end_oldest", "end_least_recently_active"] | None = None,
        max_sessions_per_agent: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> SessionLimitsBody:
        """Replace the limits of sessions per user.

        They apply to sessions that begin from now on.

        PUT /admin/sessions/limits

        max_sessions: Sessions that a user may have at once; null for no limit.
        by_role: Limits by role; they win over `max_sessions`.
        by_device_type: Numbers by device type.
        on_overflow: What happens beyond the limit.
        max_sessions_per_agent: Sessions that each agent may have at once for a user; null for no limit.
        """
        call = Call[SessionLimitsBody](
            "PUT",
            "/admin/sessions/limits",
            SessionLimitsBody,
            body={
                "max_sessions": max_sessions,
                "by_role": by_role,
                "by_device_type": by_device_type,
                "on_overflow": on_overflow,
                "max_sessions_per_agent": max_sessions_per_agent,
            },
            is_repeatable=True,
        )
        return self.send(call, options)

    def preview_session_limits(
        self,
        *,
        max_sessions: int | None = None,
        by_role: dict[Literal["user", "security_admin", "admin", "platform_admin"], int] | None = None,
        by_device_type: dict[Literal["desktop", "mobile", "tablet", "tv", "bot", "other"], int] | None = None,
        on_overflow: Literal["refuse", "end_oldest", "end_least_recently_active"] | None = None,
        max_sessions_per_agent: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> LimitsPreviewResponse:
        """Preview limits of sessions per user.

        How many users have more sessions now than the limits allow. Nothing is changed.

        POST /admin/sessions/limits/preview

        max_sessions: Sessions that a user may have at once; null for no limit.
        by_role: Limits by role; they win over `max_sessions`.
        by_device_type: Numbers by device type.
        on_overflow: What happens beyond the limit.
        max_sessions_per_agent: Sessions that each agent may have at once for a user; null for no limit.
        """
        call = Call[LimitsPreviewResponse](
            "POST",
            "/admin/sessions/limits/preview",
            LimitsPreviewResponse,
            body={
                "max_sessions": max_sessions,
                "by_role": by_role,
                "by_device_type": by_device_type,
                "on_overflow": on_overflow,
                "max_sessions_per_agent": max_sessions_per_agent,
            },
            is_repeatable=True,
        )
        return self.send(call, options)

    def reset_session_limits(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Remove the limits of sessions per user.

        DELETE /admin/sessions/limits
        """
        call = Call[SimpleResponse]("DELETE", "/admin/sessions/limits", SimpleResponse, is_repeatable=True)
        return self.send(call, options)

    def get_retention(self, *, options: Options = NO_OPTIONS) -> RetentionResponse:
        """Get how long ended sessions are kept.

        GET /admin/sessions/retention
        """
        call = Call[RetentionResponse]("GET", "/admin/sessions/retention", RetentionResponse, is_repeatable=True)
        return self.send(call, options)

    def update_retention(self, *, keep_ended: str, options: Options = NO_OPTIONS) -> RetentionResponse:
        """Set how long ended sessions are kept.

        Sessions that ended earlier are removed; they stay in the lifetime totals.

        PUT /admin/sessions/retention

        keep_ended: How long ended sessions are kept, from 24h.
        """
        call = Call[RetentionResponse](
            "PUT", "/admin/sessions/retention", RetentionResponse, body={"keep_ended": keep_ended}, is_repeatable=True
        )
        return self.send(call, options)

    def preview_retention(self, *, keep_ended: str, options: Options = NO_OPTIONS) -> RetentionPreviewResponse:
        """Preview how long ended sessions are kept.

        How many would be removed now. Nothing is changed.

        POST /admin/sessions/retention/preview

        keep_ended: How long ended sessions are kept, from 24h.
        """
        call = Call[RetentionPreviewResponse](
            "POST",
            "/admin/sessions/retention/preview",
            RetentionPreviewResponse,
            body={"keep_ended": keep_ended},
            is_repeatable=True,
        )
        return self.send(call, options)

    def reset_retention(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Keep ended sessions for 90 days again.

        DELETE /admin/sessions/retention
        """
        call = Call[SimpleResponse]("DELETE", "/admin/sessions/retention", SimpleResponse, is_repeatable=True)
        return self.send(call, options)


class AsyncPolicy(AsyncSender):
    """Operations of policy, for AsyncClient."""

    async def get_session_policy(self, *, options: Options = NO_OPTIONS) -> PolicyResponse:
        """Get the session policy.

        GET /admin/sessions/policy
        """
        call = Call[PolicyResponse]("GET", "/admin/sessions/policy", PolicyResponse, is_repeatable=True)
        return await self.send(call, options)

    async def update_session_policy(
        self,
        *,
        absolute_timeout: str | None = None,
        idle_timeout: str | None = None,
        levels: LevelsBody | None = None,
        apply_to_existing: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> PolicyResponse:
        """Replace the session policy.

        It applies to sessions that begin from now on. With `apply_to_existing` it also shortens existing ones, and
        never extends them.

        PUT /admin/sessions/policy

        absolute_timeout: The longest time a session lasts after it began.
        idle_timeout: How long a session lasts without activity.
        levels: Lifetimes by assurance level.
        apply_to_existing: Whether existing sessions are shortened too; they are never extended.
        """
        call = Call[PolicyResponse](
            "PUT",
            "/admin/sessions/policy",
            PolicyResponse,
            body={
                "absolute_timeout": absolute_timeout,
                "idle_timeout": idle_timeout,
                "levels": levels,
                "apply_to_existing": apply_to_existing,
            },
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def preview_session_policy(
        self,
        *,
        absolute_timeout: str | None = None,
        idle_timeout: str | None = None,
        levels: LevelsBody | None = None,
        apply_to_existing: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> PolicyPreviewResponse:
        """Preview a session policy.

        What it would do to active sessions with `apply_to_existing`. Nothing is changed.

        POST /admin/sessions/policy/preview

        absolute_timeout: The longest time a session lasts after it began.
        idle_timeout: How long a session lasts without activity.
        levels: Lifetimes by assurance level.
        apply_to_existing: Whether existing sessions are shortened too; they are never extended.
        """
        call = Call[PolicyPreviewResponse](
            "POST",
            "/admin/sessions/policy/preview",
            PolicyPreviewResponse,
            body={
                "absolute_timeout": absolute_timeout,
                "idle_timeout": idle_timeout,
                "levels": levels,
                "apply_to_existing": apply_to_existing,
            },
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def reset_session_policy(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Reset the session policy.

        Back to the defaults of NIST SP 800-63B-4.

        DELETE /admin/sessions/policy
        """
        call = Call[SimpleResponse]("DELETE", "/admin/sessions/policy", SimpleResponse, is_repeatable=True)
        return await self.send(call, options)

    async def get_session_limits(self, *, options: Options = NO_OPTIONS) -> SessionLimitsBody:
        """Get the limits of sessions per user.

        GET /admin/sessions/limits
        """
        call = Call[SessionLimitsBody]("GET", "/admin/sessions/limits", SessionLimitsBody, is_repeatable=True)
        return await self.send(call, options)

    async def update_session_limits(
        self,
        *,
        max_sessions: int | None = None,
        by_role: dict[Literal["user", "security_admin", "admin", "platform_admin"], int] | None = None,
        by_device_type: dict[Literal["desktop", "mobile", "tablet", "tv", "bot", "other"], int] | None = None,
        on_overflow: Literal["refuse", "end_oldest", "end_least_recently_active"] | None = None,
        max_sessions_per_agent: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> SessionLimitsBody:
        """Replace the limits of sessions per user.

        They apply to sessions that begin from now on.

        PUT /admin/sessions/limits

        max_sessions: Sessions that a user may have at once; null for no limit.
        by_role: Limits by role; they win over `max_sessions`.
        by_device_type: Numbers by device type.
        on_overflow: What happens beyond the limit.
        max_sessions_per_agent: Sessions that each agent may have at once for a user; null for no limit.
        """
        call = Call[SessionLimitsBody](
            "PUT",
            "/admin/sessions/limits",
            SessionLimitsBody,
            body={
                "max_sessions": max_sessions,
                "by_role": by_role,
                "by_device_type": by_device_type,
                "on_overflow": on_overflow,
                "max_sessions_per_agent": max_sessions_per_agent,
            },
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def preview_session_limits(
        self,
        *,
        max_sessions: int | None = None,
        by_role: dict[Literal["user", "security_admin", "admin", "platform_admin"], int] | None = None,
        by_device_type: dict[Literal["desktop", "mobile", "tablet", "tv", "bot", "other"], int] | None = None,
        on_overflow: Literal["refuse", "end_oldest", "end_least_recently_active"] | None = None,
        max_sessions_per_agent: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> LimitsPreviewResponse:
        """Preview limits of sessions per user.

        How many users have more sessions now than the limits allow. Nothing is changed.

        POST /admin/sessions/limits/preview

        max_sessions: Sessions that a user may have at once; null for no limit.
        by_role: Limits by role; they win over `max_sessions`.
        by_device_type: Numbers by device type.
        on_overflow: What happens beyond the limit.
        max_sessions_per_agent: Sessions that each agent may have at once for a user; null for no limit.
        """
        call = Call[LimitsPreviewResponse](
            "POST",
            "/admin/sessions/limits/preview",
            LimitsPreviewResponse,
            body={
                "max_sessions": max_sessions,
                "by_role": by_role,
                "by_device_type": by_device_type,
                "on_overflow": on_overflow,
                "max_sessions_per_agent": max_sessions_per_agent,
            },
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def reset_session_limits(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Remove the limits of sessions per user.

        DELETE /admin/sessions/limits
        """
        call = Call[SimpleResponse]("DELETE", "/admin/sessions/limits", SimpleResponse, is_repeatable=True)
        return await self.send(call, options)

    async def get_retention(self, *, options: Options = NO_OPTIONS) -> RetentionResponse:
        """Get how long ended sessions are kept.

        GET /admin/sessions/retention
        """
        call = Call[RetentionResponse]("GET", "/admin/sessions/retention", RetentionResponse, is_repeatable=True)
        return await self.send(call, options)

    async def update_retention(self, *, keep_ended: str, options: Options = NO_OPTIONS) -> RetentionResponse:
        """Set how long ended sessions are kept.

        Sessions that ended earlier are removed; they stay in the lifetime totals.

        PUT /admin/sessions/retention

        keep_ended: How long ended sessions are kept, from 24h.
        """
        call = Call[RetentionResponse](
            "PUT", "/admin/sessions/retention", RetentionResponse, body={"keep_ended": keep_ended}, is_repeatable=True
        )
        return await self.send(call, options)

    async def preview_retention(self, *, keep_ended: str, options: Options = NO_OPTIONS) -> RetentionPreviewResponse:
        """Preview how long ended sessions are kept.

        How many would be removed now. Nothing is changed.

        POST /admin/sessions/retention/preview

        keep_ended: How long ended sessions are kept, from 24h.
        """
        call = Call[RetentionPreviewResponse](
            "POST",
            "/admin/sessions/retention/preview",
            RetentionPreviewResponse,
            body={"keep_ended": keep_ended},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def reset_retention(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Keep ended sessions for 90 days again.

        DELETE /admin/sessions/retention
        """
        call = Call[SimpleResponse]("DELETE", "/admin/sessions/retention", SimpleResponse, is_repeatable=True)
        return await self.send(call, options)
