"""Load realistic sample sessions by COPY; the statistics change in the same transactions."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import cache
from itertools import islice
from operator import itemgetter
from random import Random
from typing import Any

import msgspec

from autional.core import ids, problems
from autional.core.problems import Problem
from autional.demo.sample_data import SampleSession, sample_sessions
from autional.postgres.database import Database
from autional.postgres.queries import Row
from autional.risk import scoring, user_agents
from autional.risk.scoring import Fact
from autional.sessions.assurance import assurance_level
from autional.sessions.model import SESSION_PREFIX
from autional.sessions.policy import Timeouts, effective_timeouts, read_policy
from autional.tokens.issue import new_refresh_id

_BATCH = 10_000
# fmt: off
_COLUMNS = (
    "home", "session_id", "user_id", "role", "aal", "amr", "device_type", "app_id", "browser", "os", "user_agent_id",
    "ip", "created_at", "last_active_at", "idle_timeout", "expires_at", "idle_expires_at", "expiry_minute", "state",
    "ended_at", "end_reason", "device_model", "risk_score", "risk_facts", "tenant_generation",
    "act", "country", "city", "latitude", "longitude",
)
_PAIR_COLUMNS = (
    "home", "refresh_id", "session_id", "issued_at", "expires_at", "access_expires_at", "refresh_generation",
    "tenant_generation", "session_generation",
)
# fmt: on
_HOME, _DEVICE_TYPE, _STATE = map(_COLUMNS.index, ("home", "device_type", "state"))
_FOR_PAIR = itemgetter(
    *map(_COLUMNS.index, ("home", "session_id", "user_id", "last_active_at", "expires_at", "idle_expires_at"))
)
_STATES = ("live", "revoked", "expired")


async def load_sessions(
    database: Database, tenant_id: str, count: int, now: datetime, done: Callable[[int], None] = lambda _: None
) -> None:
    """Add sessions of the last 30 days, those that go on with their tokens.

    `done` is called with the number of each transaction. Raises the Problem TENANT_NOT_FOUND.
    """
    limits = effective_timeouts(await read_policy(database, tenant_id))
    people = sample_sessions(count, now, Random(count))  # noqa: S311 - invented people need no secrets
    while batch := list(islice(people, _BATCH)):
        async with database.transaction() as queries:
            await queries.rows("share_tenant_gate", tenant_id)
            rules = await queries.row("token_rules", tenant_id)
            if rules is None:
                raise Problem(problems.TENANT_NOT_FOUND)
            homes = [database.buckets.of_user(tenant_id, visit.login.user_id) for visit in batch]
            rows = [_row(home, visit, limits, rules, now) for home, visit in zip(homes, batch, strict=True)]
            agents: dict[str, set[str]] = {}
            for home, visit in zip(homes, batch, strict=True):
                agents.setdefault(home, set()).add(visit.login.user_agent or "")
            for home, texts in sorted(agents.items()):
                await queries.rows("note_user_agents", home, [*map(ids.user_agent_id, texts)], [*map(str, texts)])
            await queries.copy("sessions", _COLUMNS, rows)
            await queries.copy(
                "token_pairs", _PAIR_COLUMNS, [_pair(row, rules) for row in rows if row[_STATE] == "live"]
            )
            counted = Counter((row[_HOME], row[_DEVICE_TYPE], row[_STATE]) for row in rows)
            for (home, device_type, state), number in sorted(counted.items()):
                await queries.rows(
                    "add_to_counters", home, device_type, *(number * (state == name) for name in _STATES)
                )
        done(len(rows))
    await database.rows("analyze_sessions")


def _row(home: str, visit: SampleSession, limits: dict[int, Timeouts], rules: Row, now: datetime) -> tuple[Any, ...]:
    login, aal = visit.login, assurance_level(visit.login.amr)
    device = user_agents.detect(login.user_agent or "")
    idle = limits[aal].idle
    expires_at = visit.started_at + limits[aal].absolute
    idle_expires_at = min(expires_at, visit.last_active_at + idle) if idle is not None else expires_at
    state = "revoked" if visit.ended_at else "live" if now < idle_expires_at else "expired"
    return (
        home,
        ids.new_id(SESSION_PREFIX, visit.started_at, login.user_id),
        login.user_id,
        login.role,
        aal,
        " ".join(login.amr),
        device.device_type,
        login.app_id,
        device.browser,
        device.os,
        ids.user_agent_id(login.user_agent or ""),
        login.ip,
        visit.started_at,
        visit.last_active_at,
        idle,
        expires_at,
        idle_expires_at,
        int(idle_expires_at.timestamp() // 60),
        state,
        idle_expires_at if state == "expired" else visit.ended_at,
        visit.reason,
        device.model,
        _score(tuple(visit.facts)),
        visit.facts,
        rules["session_generation"],
        msgspec.to_builtins(login.act) if login.act else None,
        *visit.location,
    )


def _pair(session: tuple[Any, ...], rules: Row) -> tuple[Any, ...]:
    """The tokens of a session that goes on, issued when it was last active."""
    home, session_id, user_id, issued_at, expires_at, idle_expires_at = _FOR_PAIR(session)
    return (
        home,
        new_refresh_id(issued_at, user_id),
        session_id,
        issued_at,
        min(issued_at + rules["refresh_expiry"], expires_at),
        min(issued_at + rules["access_expiry"], idle_expires_at).replace(microsecond=0),
        rules["refresh_generation"],
        rules["access_generation"],
        0,
    )


@cache
def _score(facts: tuple[Fact, ...]) -> int:
    """The risk score of facts of full strength."""
    return scoring.assess(dict.fromkeys(facts, 1.0), {}).score
