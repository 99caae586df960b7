"""Load realistic sample sessions by COPY; the statistics change in the same transactions."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from random import Random
from typing import Any

from autional.core import ids
from autional.demo.sample_data import SampleSession, sample_sessions
from autional.postgres.database import Database
from autional.risk import scoring, user_agents
from autional.sessions.assurance import assurance_level
from autional.sessions.model import SESSION_PREFIX
from autional.sessions.policy import Timeouts, effective_timeouts, read_policy
from autional.tenancy import tenants

_BATCH = 10_000
# fmt: off
_COLUMNS = (
    "home", "session_id", "user_id", "role", "aal", "amr", "device_type", "app_id", "browser", "os", "user_agent",
    "ip", "created_at", "last_active_at", "idle_timeout", "expires_at", "idle_expires_at", "expiry_minute", "state",
    "ended_at", "end_reason", "device_model", "risk_score", "risk_facts",
)
# fmt: on
_DEVICE_TYPE, _STATE = _COLUMNS.index("device_type"), _COLUMNS.index("state")
_STATES = ("live", "revoked", "expired")


async def load_sessions(
    database: Database, tenant_id: str, count: int, now: datetime, done: Callable[[int], None] = lambda _: None
) -> None:
    """Add sessions of the last 30 days; `done` is called with the number of each transaction.

    Raises the Problem TENANT_NOT_FOUND.
    """
    await tenants.require_enabled(database, tenant_id)
    limits = effective_timeouts(await read_policy(database, tenant_id))
    people = sample_sessions(count, now, Random(count))  # noqa: S311 - invented people need no secrets
    while batch := list(islice(people, _BATCH)):
        rows = [_row(tenant_id, visit, limits, now) for visit in batch]
        counted = Counter((row[_DEVICE_TYPE], row[_STATE]) for row in rows)
        async with database.transaction() as queries:
            await queries.composed("select take_gate(tenant_gate($1), false)", tenant_id)
            await tenants.require_enabled(queries, tenant_id)
            await queries.copy("sessions", _COLUMNS, rows)
            for (device_type, state), number in sorted(counted.items()):
                await queries.rows(
                    "add_to_counters", tenant_id, device_type, *(number * (state == name) for name in _STATES)
                )
        done(len(rows))
    await database.rows("analyze_sessions")


def _row(tenant_id: str, visit: SampleSession, limits: dict[int, Timeouts], now: datetime) -> tuple[Any, ...]:
    login, aal = visit.login, assurance_level(visit.login.amr)
    device = user_agents.detect(login.user_agent or "")
    idle = limits[aal].idle
    expires_at = visit.started_at + limits[aal].absolute
    idle_expires_at = min(expires_at, visit.last_active_at + idle) if idle is not None else expires_at
    state = "revoked" if visit.ended_at else "live" if now < idle_expires_at else "expired"
    return (
        tenant_id,
        ids.new_id(SESSION_PREFIX, visit.started_at, login.user_id),
        login.user_id,
        login.role,
        aal,
        login.amr,
        device.device_type,
        login.app_id,
        device.browser,
        device.os,
        login.user_agent,
        login.ip,
        visit.started_at,
        visit.last_active_at,
        idle,
        expires_at,
        idle_expires_at,
        int(idle_expires_at.timestamp() // 60),
        state,
        {"live": None, "revoked": visit.ended_at, "expired": idle_expires_at}[state],
        visit.reason,
        device.model,
        scoring.assess(visit.facts, {}).score,
        visit.facts,
    )
