"""The session policy of a tenant: what it asked for, kept beside what follows from it."""

from datetime import datetime, timedelta
from typing import Any

from autional import durations, policies
from autional.db import Queries, instant
from autional.policies import LevelPolicy, Policy


async def read(queries: Queries, tenant_id: str) -> Policy:
    """What the tenant asked for; an empty policy where it asked for nothing."""
    row = await queries.row("session_policy", tenant_id)
    return _from_stored(row["given"]) if row else Policy()


async def put(
    queries: Queries, tenant_id: str, policy: Policy, at: datetime | None, *, apply_to_existing: bool
) -> None:
    """Replace the policy; the sessions that go on are only ever shortened, and only when asked for.

    Runs two statements: call it in a transaction.
    """
    limits = policies.effective(policy)
    absolute, idle = (
        [limits[level].absolute for level in sorted(limits)],
        [limits[level].idle for level in sorted(limits)],
    )
    await queries.rows("close_tenant", tenant_id)
    await queries.rows("put_session_policy", tenant_id, _to_stored(policy), absolute, idle)
    if apply_to_existing:
        await queries.rows("shorten_sessions", tenant_id, await instant(queries, at), absolute, idle)


async def delete(queries: Queries, tenant_id: str) -> None:
    """Go back to the defaults, for the sessions that begin from now on."""
    await queries.rows("close_tenant", tenant_id)
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
