"""A search in bounded time finds the same sessions in steps that an unbounded one finds at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from autional.core.formats import Country
from autional.demo.loader import load_sessions
from autional.postgres.database import Database
from autional.postgres.queries import Size, Transaction
from autional.sessions import listing
from autional.sessions.filters import SessionFilter
from autional.sessions.listing import Window, list_sessions, search_sessions
from autional.sessions.model import Session
from autional.sessions.ordering import Order, place_of

AT_ONCE = 0.001


async def steps_of(
    queries: Transaction, tenant: str, only: SessionFilter, order: Order, now: datetime
) -> tuple[list[Session], int]:
    found: list[Session] = []
    window = Window(51, order=order)
    steps = 0
    while True:
        part = await search_sessions(queries, tenant, only, window, now, size=None, patience=AT_ONCE)
        steps += 1
        found += part.sessions[:50]
        if part.cut_at:
            assert not part.size.is_exact
            window = window._replace(after=part.cut_at)
        elif len(part.sessions) > 50:
            window = window._replace(after=place_of(part.sessions[49], order))
        else:
            return found, steps


KEYS: dict[Order, Callable[[Session], Any]] = {
    "-created_at": lambda one: (one.created_at, one.session_id),
    "created_at": lambda one: (one.created_at, one.session_id),
    "-risk_score": lambda one: (one.risk_score, one.created_at, one.session_id),
    "user_id": lambda one: (one.user_id.encode(), one.created_at, one.session_id),
    "-user_id": lambda one: (one.user_id.encode(), one.created_at, one.session_id),
    "expires_at": lambda one: (one.idle_expires_at.timestamp() // 60, one.session_id),
    "-ended_at": lambda one: (one.ended_at, one.session_id),
}


async def test_a_search_that_is_cut_goes_on_where_it_stopped(
    database: Database, tenant: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_LOOKED_AT", 3_000)
    await load_sessions(database, tenant, 12_300, now)
    for order in KEYS:
        async with database.transaction(isolation="repeatable_read", readonly=True) as queries:
            await is_found_in_steps(queries, tenant, order, now)


async def is_found_in_steps(queries: Transaction, tenant: str, order: Order, now: datetime) -> None:
    least = 1 if order == "-risk_score" else None
    status: Any = {"expires_at": "active", "-ended_at": "ended"}.get(order, "all")
    few = SessionFilter(status=status, device_type="tablet", aal=2, min_risk=least)
    none = SessionFilter(status=status, country=Country("AQ"), min_risk=least)
    for only in (few, none):
        every = await list_sessions(queries, tenant, only, Window(100_000), now)
        found, steps = await steps_of(queries, tenant, only, order, now)
        assert found == sorted(every, key=KEYS[order], reverse=order.startswith("-")), order
        assert steps >= {"-risk_score": 1, "expires_at": 2, "-ended_at": 1}.get(order, 3), order
        assert (len(found) > 0) == (only is few), order


async def test_sessions_that_are_not_marked_yet_are_among_those_that_ended(
    database: Database, tenant: str, now: datetime
) -> None:
    await load_sessions(database, tenant, 3_000, now)
    later = now + timedelta(hours=30)
    async with database.transaction(isolation="repeatable_read", readonly=True) as queries:
        for status in ("expired", "ended"):
            only = SessionFilter(status=status)
            every = await list_sessions(queries, tenant, only, Window(100_000), later)
            found: list[Session] = []
            window = Window(101, order="-ended_at")
            while part := (await search_sessions(queries, tenant, only, window, later, size=Size(1))).sessions[:100]:
                found += part
                window = window._replace(after=place_of(part[-1], "-ended_at"))
            assert found == sorted(every, key=KEYS["-ended_at"], reverse=True)
            skipped = Window(10, 500, order="-ended_at")
            assert (await search_sessions(queries, tenant, only, skipped, later, size=Size(1))).sessions == found[
                500:510
            ]
