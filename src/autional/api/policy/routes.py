"""The session policy and session limits of a tenant."""

from datetime import timedelta

from autional.api.model import Call
from autional.api.policy.schemas import (
    LevelPolicyBody,
    LevelPolicyResponse,
    LimitsPreviewResponse,
    PolicyPreviewResponse,
    PolicyRequest,
    PolicyResponse,
    SessionLimitsBody,
)
from autional.api.schemas import SimpleResponse
from autional.core import durations
from autional.core.formats import Duration
from autional.sessions.limits import SessionLimits, delete_limits, put_limits, read_limits
from autional.sessions.policy import (
    LevelPolicy,
    Policy,
    Timeouts,
    delete_policy,
    effective_timeouts,
    preview_limits,
    preview_policy,
    put_policy,
    read_policy,
)


async def get_session_policy(call: Call) -> PolicyResponse:
    """Get the session policy."""
    return _response(await read_policy(call.database, call.caller.tenant_id))


async def update_session_policy(call: Call, body: PolicyRequest) -> PolicyResponse:
    """Replace the session policy.

    It applies to sessions that begin from now on. With `apply_to_existing` it also shortens existing ones, and
    never extends them.
    """
    policy = _policy(body)
    async with call.database.transaction() as queries:
        await put_policy(queries, call.caller.tenant_id, policy, call.at, apply_to_existing=body.apply_to_existing)
    return _response(policy)


async def preview_session_policy(call: Call, body: PolicyRequest) -> PolicyPreviewResponse:
    """Preview a session policy.

    What it would do to active sessions with `apply_to_existing`. Nothing is changed.
    """
    found = await preview_policy(call.database, call.caller.tenant_id, _policy(body), call.at)
    return PolicyPreviewResponse(active=found.active, shortened=found.shortened, ended=found.ended)


async def reset_session_policy(call: Call) -> SimpleResponse:
    """Reset the session policy.

    Back to the defaults of NIST SP 800-63B-4.
    """
    await delete_policy(call.database, call.caller.tenant_id)
    return SimpleResponse(timestamp=call.now)


async def get_session_limits(call: Call) -> SessionLimitsBody:
    """Get the limits of sessions per user."""
    return _limits_body(await read_limits(call.database, call.caller.tenant_id))


async def update_session_limits(call: Call, body: SessionLimitsBody) -> SessionLimitsBody:
    """Replace the limits of sessions per user.

    They apply to sessions that begin from now on.
    """
    limits = _limits_of(body)
    await put_limits(call.database, call.caller.tenant_id, limits)
    return _limits_body(limits)


async def preview_session_limits(call: Call, body: SessionLimitsBody) -> LimitsPreviewResponse:
    """Preview limits of sessions per user.

    How many users have more sessions now than the limits allow. Nothing is changed.
    """
    users, sessions = await preview_limits(call.database, call.caller.tenant_id, _limits_of(body), call.at)
    return LimitsPreviewResponse(users=users, sessions=sessions)


async def reset_session_limits(call: Call) -> SimpleResponse:
    """Remove the limits of sessions per user."""
    await delete_limits(call.database, call.caller.tenant_id)
    return SimpleResponse(timestamp=call.now)


def _limits_of(body: SessionLimitsBody) -> SessionLimits:
    return SessionLimits(
        body.max_sessions, body.by_role, body.by_device_type, body.on_overflow, body.max_sessions_per_agent
    )


def _limits_body(limits: SessionLimits) -> SessionLimitsBody:
    shown = limits._asdict() | {"by_role": dict(limits.by_role), "by_device_type": dict(limits.by_device_type)}
    return SessionLimitsBody(**shown)


def _policy(body: PolicyRequest) -> Policy:
    levels = {1: body.levels.aal1, 2: body.levels.aal2, 3: body.levels.aal3}
    return Policy(
        absolute=_value(body.absolute_timeout),
        idle=_value(body.idle_timeout),
        levels={level: _level(asked) for level, asked in levels.items()},
    )


def _level(asked: LevelPolicyBody) -> LevelPolicy:
    return LevelPolicy(_value(asked.absolute_timeout), _value(asked.idle_timeout))


def _value(duration: Duration | None) -> timedelta | None:
    return duration.value if duration is not None else None


def _response(policy: Policy) -> PolicyResponse:
    return PolicyResponse(
        levels={f"aal{level}": _limits(limits) for level, limits in effective_timeouts(policy).items()},
        absolute_timeout=durations.render(policy.absolute) if policy.absolute else None,
        idle_timeout=durations.render(policy.idle) if policy.idle else None,
    )


def _limits(limits: Timeouts) -> LevelPolicyResponse:
    return LevelPolicyResponse(
        absolute_timeout=durations.render(limits.absolute),
        idle_timeout=durations.render(limits.idle) if limits.idle else None,
    )
