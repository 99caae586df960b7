"""Find one session, or list those that a filter selects."""

from datetime import datetime
from typing import NamedTuple

from autional.core import problems
from autional.core.authority import Scope
from autional.core.problems import Problem
from autional.postgres.queries import MOST_COUNTED, Lookup, Queries, Row, Size, Transaction, look_up
from autional.sessions import filters
from autional.sessions.filters import Order, Selection, SessionFilter
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
_REVERSED: dict[Order, str] = {
    "-created_at": "created_at, session_id",
    "created_at": "created_at desc, session_id desc",
    "-risk_score": "risk_score, created_at, session_id",
}
_PATIENCE = 0.25
_LOOKED_AT = 20_000


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


class SessionList(NamedTuple):
    """Part of a list of sessions, and the size of the list."""

    sessions: list[Session]
    size: Size
    cut_at: tuple[int, datetime, str] | None = None
    """Where the search stopped before the part was full, like `Window.after`; None: it did not."""


class _Search(NamedTuple):
    """A filter, and the part of the list of what it selects."""

    tenant_id: str
    session_filter: SessionFilter
    window: Window
    now: datetime

    @property
    def start(self) -> Selection:
        """All sessions from the start of the window on."""
        everything = filters.of_tenant(self.tenant_id)
        if self.window.order == "-risk_score":
            everything = everything._replace(conditions="risk_score > 0")  # the index by risk holds no others
        if self.window.after is None:
            return everything
        part = {"-created_at": "before", "created_at": "after", "-risk_score": "before risk"}[self.window.order]
        return everything.and_also(part, *self.window.after[self.window.order != "-risk_score" :])

    def statement(self, sessions: str = "session_rows as sessions") -> tuple[str, tuple[object, ...]]:
        """The statement that reads the part, and its arguments."""
        chosen = filters.selection(self.start, self.session_filter, self.now)
        text = chosen.statement(
            "selected_sessions",
            sessions=sessions,
            moment=f"${len(chosen.arguments) + 1}",
            order=_ORDERS[self.window.order],
            limit=str(self.window.size),
            skip=str(self.window.skip),
        )
        return text, (*chosen.arguments, self.now)


async def list_sessions(
    queries: Transaction, tenant_id: str, session_filter: SessionFilter, window: Window, now: datetime
) -> list[Session]:
    """Part of the sessions that a filter selects, in the order of the window."""
    text, arguments = _Search(tenant_id, session_filter, window, now).statement()
    return [session_of(row, tenant_id) for row in await queries.composed(text, *arguments)]


async def search_sessions(
    queries: Transaction,
    tenant_id: str,
    session_filter: SessionFilter,
    window: Window,
    now: datetime,
    *,
    size: Size | None,
    patience: float = _PATIENCE,
) -> SessionList:
    """The same in bounded time, with the size of the list (None: to be counted up to a bound).

    A search that takes longer than `patience` seconds is done among the first of the list only, and says so.
    """
    search = _Search(tenant_id, session_filter, window, now)
    if size is None:
        chosen = filters.selection(filters.of_tenant(tenant_id), session_filter, now)
        text = chosen.statement("selected_count", limit=str(MOST_COUNTED + 1))
        counted = await queries.composed_within(patience, text, *chosen.arguments)
        size = Size.up_to_bound(counted[0]["total"]) if counted else None
    elif not size.total:
        return SessionList([], size)
    if size is not None:
        text, arguments = search.statement()
        rows = await queries.composed_within(patience, text, *arguments)
        if rows is not None:
            return SessionList([session_of(row, tenant_id) for row in rows], size)
    return await _search_first(queries, search, size)


async def _search_first(queries: Transaction, search: _Search, size: Size | None) -> SessionList:
    """What a filter selects among the first `_LOOKED_AT` of the list from the start of the window on."""
    order = _ORDERS[search.window.order]
    first = search.start.statement("first_sessions", order=order, most=str(_LOOKED_AT))
    text, arguments = search.statement(first)
    sessions = [session_of(row, search.tenant_id) for row in await queries.composed(text, *arguments)]
    chosen = filters.selection(search.start, search.session_filter, search.now)
    text = chosen.statement("end_of_first", sessions=first, reversed=_REVERSED[search.window.order])
    ends = await queries.composed(text, *chosen.arguments)
    if not ends or ends[0]["looked_at"] < _LOOKED_AT:
        return SessionList(sessions, size or Size(ends[0]["selected"] if ends else 0, search.window.after is None))
    end = ends[0]["risk_score"], ends[0]["created_at"], ends[0]["session_id"]
    return SessionList(
        sessions, size or Size(ends[0]["selected"], is_exact=False), end if len(sessions) < search.window.size else None
    )
