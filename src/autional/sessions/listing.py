"""Find one session, or list those that a filter selects."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from autional.core import problems
from autional.core.authority import Scope
from autional.core.problems import Problem
from autional.postgres.queries import MOST_COUNTED, Lookup, Queries, Row, Size, Transaction, look_up
from autional.sessions import filters
from autional.sessions.filters import Selection, SessionFilter
from autional.sessions.model import Session, session_of
from autional.sessions.ordering import ORDERINGS, Order, Ordering, Place, orderings_of, part_after, place_of


class Window(NamedTuple):
    """Which part of a list: how many sessions, after skipping some, after a place if one is given."""

    size: int
    skip: int = 0
    after: Place | None = None
    order: Order = "-created_at"


_PATIENCE = 0.1
_LOOKED_AT = 10_000


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


async def users_with_sessions(
    queries: Queries, tenant_id: str, beginning: str, after: str | None, count: int
) -> list[str]:
    """The next users whose ids begin in some way and who have sessions on record, in the order of their ids."""
    rows = await queries.rows("users_with_sessions", tenant_id, filters.like(beginning), after, count)
    return [row["user_id"] for row in rows]


class SessionList(NamedTuple):
    """Part of a list of sessions, and the size of the list."""

    sessions: list[Session]
    size: Size
    cut_at: Place | None = None
    """Where the search stopped before the part was full, like `Window.after`; None: it did not."""


class _Search(NamedTuple):
    """A filter, and the part of what it selects in one ordering."""

    tenant_id: str
    session_filter: SessionFilter
    window: Window
    now: datetime
    ordering_name: str

    @property
    def ordering(self) -> Ordering:
        """How the part is ordered."""
        return ORDERINGS[self.ordering_name]

    @property
    def start(self) -> Selection:
        """All sessions from the start of the window on."""
        everything = filters.of_tenant(self.tenant_id)._replace(conditions=self.ordering.only)
        if self.ordering_name == "overdue":
            everything = everything.and_also("overdue", self.now)
        elif self.ordering_name == "expires_at":
            everything = everything.and_also("not overdue", self.now)
        return part_after(everything, self.ordering, self.window.after)

    def statement(self, sessions: str = "session_rows as sessions") -> tuple[str, tuple[object, ...]]:
        """The statement that reads the part, and its arguments."""
        chosen = filters.selection(self.start, self.session_filter, self.now)
        text = chosen.statement(
            "selected_sessions",
            sessions=sessions,
            moment=f"${len(chosen.arguments) + 1}",
            order=self.ordering.order_by,
            limit=str(self.window.size),
            skip=str(self.window.skip),
        )
        return text, (*chosen.arguments, self.now)


async def list_sessions(
    queries: Transaction, tenant_id: str, session_filter: SessionFilter, window: Window, now: datetime
) -> list[Session]:
    """Part of the sessions that a filter selects, in the order of the window, which is one of creation or risk."""
    text, arguments = _Search(tenant_id, session_filter, window, now, window.order).statement()
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
    """The same in bounded time in any order, with the size of the list (None: to be counted up to a bound).

    A search that takes longer than `patience` seconds is done among the first of the list only, and says so.
    """
    if size is None:
        chosen = filters.selection(filters.of_tenant(tenant_id), session_filter, now)
        text = chosen.statement("selected_count", limit=str(MOST_COUNTED + 1))
        counted = await queries.composed_within(patience, text, *chosen.arguments)
        size = Size.up_to_bound(counted[0]["total"]) if counted else None
    elif not size.total:
        return SessionList([], size)
    names = orderings_of(window.order, session_filter.status)
    if window.order != "-ended_at":
        return await _search(queries, _Search(tenant_id, session_filter, window, now, *names), size, patience)
    return await _search_ended(queries, _Search(tenant_id, session_filter, window, now, ""), size, patience, names)


async def _search_ended(
    queries: Transaction, search: _Search, size: Size | None, patience: float, names: Sequence[str]
) -> SessionList:
    """What has ended, last ended first: merged from lists that each follow an index."""
    window = search.window
    each = search._replace(
        session_filter=msgspec.structs.replace(search.session_filter, status="all"),  # each list has one status
        window=window._replace(size=window.skip + window.size, skip=0),
    )
    parts = [await _search(queries, each._replace(ordering_name=name), size, patience) for name in names]
    cuts = [part.cut_at for part in parts if part.cut_at is not None]
    cut_at = max(cuts, key=_latest, default=None)
    found = [session for part in parts for session in part.sessions]
    if cut_at is not None:  # of another list more may follow than what was looked at in this one
        found = [session for session in found if _latest(place_of(session, "-ended_at")) >= _latest(cut_at)]
    found.sort(key=lambda session: _latest(place_of(session, "-ended_at")), reverse=True)
    shown = found[window.skip : window.skip + window.size]
    whole = size or Size(sum(part.size.total for part in parts), all(part.size.is_exact for part in parts))
    return SessionList(shown, whole, cut_at if len(shown) < window.size else None)


def _latest(place: Place) -> tuple[datetime, str]:
    return place[1], place[2]


async def _search(queries: Transaction, search: _Search, size: Size | None, patience: float) -> SessionList:
    if size is not None:
        text, arguments = search.statement()
        rows = await queries.composed_within(patience, text, *arguments)
        if rows is not None:
            return SessionList([session_of(row, search.tenant_id) for row in rows], size)
    return await _search_first(queries, search, size)


async def _search_first(queries: Transaction, search: _Search, size: Size | None) -> SessionList:
    """What a filter selects among the first `_LOOKED_AT` of the list from the start of the window on."""
    first = search.start.statement("first_sessions", order=search.ordering.order_by, most=str(_LOOKED_AT))
    text, arguments = search.statement(first)
    sessions = [session_of(row, search.tenant_id) for row in await queries.composed(text, *arguments)]
    chosen = filters.selection(search.start, search.session_filter, search.now)
    place = f"${len(chosen.arguments) + 1}"
    text = chosen.statement("end_of_first", sessions=first, reversed=search.ordering.reversed, moment=place)
    ends = await queries.composed(text, *chosen.arguments, search.now)
    if not ends or ends[0]["looked_at"] < _LOOKED_AT:
        return SessionList(sessions, size or Size(ends[0]["selected"] if ends else 0, search.window.after is None))
    end = place_of(session_of(ends[0], search.tenant_id), search.window.order)
    return SessionList(
        sessions, size or Size(ends[0]["selected"], is_exact=False), end if len(sessions) < search.window.size else None
    )
