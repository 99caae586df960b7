"""Find one session, or list those that a filter selects."""

from datetime import datetime
from typing import NamedTuple

from autional.core import problems
from autional.core.authority import Scope
from autional.core.problems import Problem
from autional.postgres.queries import Lookup, Queries, Row, Transaction, look_up
from autional.sessions import filters
from autional.sessions.filters import Order, SessionFilter
from autional.sessions.model import Session, session_of


class Window(NamedTuple):
    """Which part of a list: how many sessions, after skipping some, after a position if one is given."""

    size: int
    skip: int = 0
    after: tuple[int, datetime, str] | None = None
    """The risk score (where the order is by risk), the time of creation and the id of the session before."""
    order: Order = "-created_at"


_ORDERS: dict[Order, str] = {
    "-created_at": "created_at desc, session_id desc",
    "created_at": "created_at, session_id",
    "-risk_score": "risk_score desc, created_at desc, session_id desc",
}


def session_lookup(scope: Scope, session_id: str, at: datetime | None) -> Lookup[Session]:
    """The lookup of one session in a scope. Its answer raises SESSION_NOT_FOUND."""

    def parse_row(row: Row | None) -> Session:
        if row is None:
            raise Problem(problems.SESSION_NOT_FOUND)
        return session_of(row, scope.tenant_id)

    return Lookup("session", (scope.tenant_id, session_id, scope.user_id, at), parse_row)


async def find_session(queries: Queries, scope: Scope, session_id: str, at: datetime | None) -> Session:
    """One session in a scope. Raises the Problem SESSION_NOT_FOUND."""
    return await look_up(queries, session_lookup(scope, session_id, at))


async def list_sessions(
    queries: Transaction, tenant_id: str, session_filter: SessionFilter, window: Window, now: datetime
) -> list[Session]:
    """Part of the sessions that a filter selects, in the order of the window.

    Ordered by risk, the filter must ask for a minimum risk.
    """
    chosen = filters.selection(tenant_id, session_filter, now)
    if window.after is not None:
        part = {"-created_at": "before", "created_at": "after", "-risk_score": "before risk"}[window.order]
        chosen = chosen.and_also(part, *(window.after if window.order == "-risk_score" else window.after[1:]))
    moment = f"${len(chosen.arguments) + 1}"
    text = chosen.statement(
        "selected_sessions", moment=moment, order=_ORDERS[window.order], limit=str(window.size), skip=str(window.skip)
    )
    return [session_of(row, tenant_id) for row in await queries.composed(text, *chosen.arguments, now)]


async def count_sessions(
    queries: Transaction, tenant_id: str, session_filter: SessionFilter, at_most: int, now: datetime
) -> int:
    """How many sessions a filter selects, counted up to a bound."""
    chosen = filters.selection(tenant_id, session_filter, now)
    rows = await queries.composed(chosen.statement("selected_count", limit=str(at_most)), *chosen.arguments)
    return int(rows[0]["total"])
