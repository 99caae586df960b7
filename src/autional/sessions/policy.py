"""The session policy of a tenant: the lifetimes of its sessions, by assurance level (NIST SP 800-63B-4)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from autional.core import durations
from autional.postgres.queries import Queries, database_time
from autional.sessions.limits import SessionLimits


class Timeouts(NamedTuple):
    """How long a session lasts; without an idle timeout only the absolute one ends it."""

    absolute: timedelta
    idle: timedelta | None


DEFAULT_TIMEOUTS: dict[int, Timeouts] = {
    1: Timeouts(timedelta(days=30), None),  # NIST SP 800-63B-4 §2.1.3
    2: Timeouts(timedelta(hours=24), timedelta(hours=1)),  # §2.2.3
    3: Timeouts(timedelta(hours=12), timedelta(minutes=15)),  # §2.3.3
}


class Policy(NamedTuple):
    """What a tenant asks for: caps for every level, and timeouts of single levels (1 to 3); None is the default."""

    absolute: timedelta | None = None
    idle: timedelta | None = None
    levels: Mapping[int, "LevelPolicy"] = MappingProxyType({})


class LevelPolicy(NamedTuple):
    """The timeouts of one level that a tenant asks for."""

    absolute: timedelta | None = None
    idle: timedelta | None = None


def effective_timeouts(policy: Policy) -> dict[int, Timeouts]:
    """The timeouts of every level under a policy."""
    return {level: _effective(policy, level) for level in DEFAULT_TIMEOUTS}


def _effective(policy: Policy, level: int) -> Timeouts:
    asked = policy.levels.get(level, LevelPolicy())
    absolute = asked.absolute or DEFAULT_TIMEOUTS[level].absolute
    idles = [idle for idle in (asked.idle or DEFAULT_TIMEOUTS[level].idle, policy.idle) if idle is not None]
    return Timeouts(min(absolute, policy.absolute or absolute), min(idles, default=None))


async def read_policy(queries: Queries, tenant_id: str) -> Policy:
    """What the tenant asks for; an empty policy if it asks for nothing."""
    row = await queries.row("session_policy", tenant_id)
    return _from_stored(row["given"]) if row else Policy()


async def put_policy(
    queries: Queries, tenant_id: str, policy: Policy, at: datetime | None, *, apply_to_existing: bool
) -> None:
    """Replace the policy. Existing sessions are only shortened, and only with `apply_to_existing`.

    Call it in a transaction.
    """
    limits = effective_timeouts(policy)
    absolute, idle = (
        [limits[level].absolute for level in sorted(limits)],
        [limits[level].idle for level in sorted(limits)],
    )
    await queries.rows("close_tenant_gate", tenant_id)
    await queries.rows("put_session_policy", tenant_id, _to_stored(policy), absolute, idle)
    if apply_to_existing:
        await queries.rows("shorten_sessions", tenant_id, await database_time(queries, at), absolute, idle)
        await queries.rows("shorten_sessions_of_agents", tenant_id)


class PolicyPreview(NamedTuple):
    """What a policy would do to the sessions that are active now, if it were applied to them."""

    active: int
    shortened: int
    ended: int
    """Those of the shortened that would be over at once."""


async def preview_policy(queries: Queries, tenant_id: str, policy: Policy, at: datetime | None) -> PolicyPreview:
    """What a policy would do to the sessions that are active now."""
    limits = effective_timeouts(policy)
    absolute, idle = ([limits[level][part] for level in sorted(limits)] for part in (0, 1))
    row = await queries.row("preview_policy", tenant_id, await database_time(queries, at), absolute, idle)
    return PolicyPreview(*(row[name] for name in PolicyPreview._fields)) if row else PolicyPreview(0, 0, 0)


async def preview_limits(
    queries: Queries, tenant_id: str, limits: SessionLimits, at: datetime | None
) -> tuple[int, int]:
    """How many users have more active sessions than the limits allow, and how many sessions those are beyond it."""
    asked = limits.max_sessions, dict(limits.by_role), dict(limits.by_device_type), limits.max_sessions_per_agent
    row = await queries.row("preview_limits", tenant_id, await database_time(queries, at), *asked)
    return (row["users"], row["sessions"]) if row else (0, 0)


async def preview_retention(queries: Queries, tenant_id: str, kept: timedelta, at: datetime | None) -> int:
    """How many ended sessions a retention would remove now."""
    row = await queries.row("preview_retention", tenant_id, await database_time(queries, at), kept)
    return int(row["sessions"]) if row else 0


async def delete_policy(queries: Queries, tenant_id: str) -> None:
    """Reset the policy, for sessions that begin from now on."""
    await queries.rows("close_tenant_gate", tenant_id)
    await queries.rows("delete_session_policy", tenant_id)


def _to_stored(policy: Policy) -> dict[str, Any]:
    levels = {str(level): _durations(limits) for level, limits in policy.levels.items()}
    return _durations(LevelPolicy(policy.absolute, policy.idle)) | {"levels": levels}


def _durations(limits: LevelPolicy) -> dict[str, Any]:
    return {name: durations.render(value) for name, value in limits._asdict().items() if value is not None}


def _from_stored(given: dict[str, Any]) -> Policy:
    levels = {int(level): LevelPolicy(**_timedeltas(limits)) for level, limits in given["levels"].items()}
    return Policy(**_timedeltas(given), levels=levels)


def _timedeltas(stored: dict[str, Any]) -> dict[str, timedelta]:
    return {name: durations.parse(value) for name, value in stored.items() if name != "levels"}
