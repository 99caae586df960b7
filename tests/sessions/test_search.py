"""A search in bounded time finds the same sessions in steps that an unbounded one finds at once."""

from datetime import datetime

import pytest

from autional.core.formats import Country
from autional.demo.loader import load_sessions
from autional.postgres.database import Database
from autional.postgres.queries import Transaction
from autional.sessions.filters import Order, SessionFilter
from autional.sessions.listing import Window, list_sessions, search_sessions
from autional.sessions.model import Session

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
            last = part.sessions[49]
            window = window._replace(after=(last.risk_score, last.created_at, last.session_id))
        else:
            return found, steps


@pytest.mark.parametrize("order", ["-created_at", "created_at", "-risk_score"])
async def test_a_search_that_is_cut_goes_on_where_it_stopped(
    database: Database, tenant: str, now: datetime, order: Order
) -> None:
    await load_sessions(database, tenant, 41_000, now)
    least = 1 if order == "-risk_score" else None
    few = SessionFilter(status="all", device_type="tablet", aal=2, min_risk=least)
    none = SessionFilter(status="all", country=Country("AQ"), min_risk=least)
    async with database.transaction(isolation="repeatable_read", readonly=True) as queries:
        for only in (few, none):
            at_once = await list_sessions(queries, tenant, only, Window(100_000, order=order), now)
            found, steps = await steps_of(queries, tenant, only, order, now)
            assert found == at_once
            assert steps >= (3 if order != "-risk_score" else 1)
            assert (len(found) > 0) == (only is few)
