"""Policies of a tenant: how long sessions and tokens last, how many, how long they are kept, what risk weighs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, get_args

from autional.api.response import Response
from autional.console.forms import body_of, must_be_typed
from autional.console.model import Redirected
from autional.console.rendering import render, with_query
from autional.console.view import View
from autional.core.authority import ROLES
from autional.risk.device import DeviceType
from autional.risk.scoring import FACTS

LEVELS = ("aal1", "aal2", "aal3")
_TIMEOUTS = ("absolute_timeout", "idle_timeout")
_POLICY = (*_TIMEOUTS, *(f"levels.{level}.{timeout}" for level in LEVELS for timeout in _TIMEOUTS))
_LIMITS = (
    "max_sessions",
    "max_sessions_per_agent",
    *(f"by_role.{role}" for role in ROLES),
    *(f"by_device_type.{device_type}" for device_type in get_args(DeviceType)),
)


async def show(view: View) -> Response:
    """All policies as they are, or as somebody is about to change them."""
    names = ("get_session_policy", "get_session_limits", "get_token_lifetimes", "get_retention", "get_risk_weights")
    policy, limits, lifetimes, retention, weights = await asyncio.gather(*map(view.attempt, names))
    return render(
        view,
        "policies.html",
        policy=policy,
        limits=limits,
        lifetimes=lifetimes,
        retention=retention,
        weights=weights,
        levels=LEVELS,
        roles=ROLES,
        device_types=get_args(DeviceType),
        facts=FACTS,
        previewed=view.state.get("previewed"),
    )


async def preview_policy(view: View) -> None:
    """What the policy in the form would do."""
    view.state["previewed"] = "policy", await view.call("preview_session_policy", body=_policy(view))


async def save_policy(view: View) -> Redirected:
    """Save the policy; if sessions end by it at once, their number must have been typed."""
    body = _policy(view)
    ended = 0
    if body["apply_to_existing"]:
        found = await view.call("preview_session_policy", body=body)
        view.state["previewed"] = "policy", found
        ended = found.ended
        if ended:
            must_be_typed(view, str(ended), digits=True)
    await view.call("update_session_policy", body=body)
    return Redirected(with_query(f"{view.base}/policies", {"saved": 1, "ended": ended or None}))


async def preview_limits(view: View) -> None:
    """What the limits in the form would do."""
    view.state["previewed"] = "limits", await view.call("preview_session_limits", body=_limits(view))


async def save_limits(view: View) -> Redirected:
    """Save the limits."""
    await view.call("update_session_limits", body=_limits(view))
    return _saved(view)


async def save_lifetimes(view: View) -> Redirected:
    """Save the lifetimes of tokens."""
    await view.call("update_token_lifetimes", body=body_of(view, ("access_expiry", "refresh_expiry", "leeway")))
    return _saved(view)


async def preview_retention(view: View) -> None:
    """What the retention in the form would remove."""
    view.state["previewed"] = "retention", await view.call("preview_retention", body=body_of(view, ("keep_ended",)))


async def save_retention(view: View) -> Redirected:
    """Save how long ended sessions are kept."""
    await view.call("update_retention", body=body_of(view, ("keep_ended",)))
    return _saved(view)


async def save_weights(view: View) -> Redirected:
    """Save what each fact weighs."""
    body = body_of(view, (), [f"weights.{fact}" for fact in FACTS])
    await view.call("update_risk_weights", body={"weights": {}} | body)
    return _saved(view)


def resetting(operation_id: str) -> Callable[[View], Awaitable[Redirected]]:
    """The form that goes back to the defaults of one kind of policy."""

    async def reset(view: View) -> Redirected:
        await view.call(operation_id)
        return _saved(view)

    return reset


def _policy(view: View) -> dict[str, Any]:
    return body_of(view, _POLICY) | {"apply_to_existing": bool(view.field("apply_to_existing"))}


def _limits(view: View) -> dict[str, Any]:
    return body_of(view, ("on_overflow",), _LIMITS)


def _saved(view: View) -> Redirected:
    return Redirected(f"{view.base}/policies?saved=1")
