"""Find one session, or list those that a filter selects."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from operator import ge, le
from typing import NamedTuple

import msgspec

from autional.core import ids, problems
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


_PATIENCE, _LEAST_PATIENCE = 0.1, 0.05
_LOOKED_AT = 10_000
_MOST_SKIPPED = 1_000
"""Of a split tenant what is skipped is read of each bucket: who goes on by the cursor skips nothing."""


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
    """A filter, and the part of what it selects in one ordering, of a tenant or of one bucket of it."""

    tenant_id: str
    session_filter: SessionFilter
    window: Window
    now: datetime
    ordering_name: str

    @property
    def ordering(self) -> Ordering:
        """How the part is ordered."""
        return ORDERINGS[self.ordering_name]

    def session(self, row: Row) -> Session:
        """The session of a row."""
        return session_of(row, ids.tenant_of_bucket(self.tenant_id))

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
    found: list[Session] = []
    for search in _searches(queries, tenant_id, session_filter, window, now):
        text, arguments = search.statement()
        found += [search.session(row) for row in await queries.composed(text, *arguments)]
    if len(queries.buckets_of(tenant_id, session_filter.user_id)) == 1:
        return found
    return _in_order(found, window.order)[window.skip : window.skip + window.size]


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

    A search that takes longer than `patience` seconds is done among the first of the list only, and says so. Raises the
    Problem NOT_WHERE_SPLIT for a part far down, by its number, of a tenant that is split.
    """
    if size is None:
        size = await _counted(queries, tenant_id, session_filter, now, patience)
    elif not size.total:
        return SessionList([], size)
    searches = _searches(queries, tenant_id, session_filter, window, now)
    if len(searches) == 1 and window.order != "-ended_at":
        return await _search(queries, searches[0], size, patience)
    if len(queries.buckets_of(tenant_id)) > 1 and window.skip > _MOST_SKIPPED:
        raise Problem(problems.NOT_WHERE_SPLIT)
    each = max(patience / len(searches), _LEAST_PATIENCE)
    return _merged([await _search(queries, one, size, each) for one in searches], size, window)


async def _counted(
    queries: Transaction, tenant_id: str, session_filter: SessionFilter, now: datetime, patience: float
) -> Size | None:
    """How many sessions a filter selects, up to a bound; None if that takes too long."""
    total = 0
    for bucket in queries.buckets_of(tenant_id, session_filter.user_id):
        chosen = filters.selection(filters.of_tenant(bucket), session_filter, now)
        text = chosen.statement("selected_count", limit=str(MOST_COUNTED + 1 - total))
        counted = await queries.composed_within(patience, text, *chosen.arguments)
        if counted is None:
            return None
        total += counted[0]["total"]
        if total > MOST_COUNTED:
            break
    return Size.up_to_bound(total)


def _searches(
    queries: Transaction, tenant_id: str, session_filter: SessionFilter, window: Window, now: datetime
) -> list[_Search]:
    """The searches that a list comes to: one that follows an index, or several that are merged."""
    names = orderings_of(window.order, session_filter.status)
    buckets = queries.buckets_of(tenant_id, session_filter.user_id)
    if window.order == "-ended_at":  # each list has one status
        session_filter = msgspec.structs.replace(session_filter, status="all")
    if len(names) * len(buckets) > 1:
        window = window._replace(size=window.skip + window.size, skip=0)
    return [_Search(bucket, session_filter, window, now, name) for bucket in buckets for name in names]


def _merged(parts: Sequence[SessionList], size: Size | None, window: Window) -> SessionList:
    """One list from several in the same order, each from its start to where the window ends."""
    cuts = [part.cut_at for part in parts if part.cut_at is not None]
    found = _in_order([session for part in parts for session in part.sessions], window.order)
    first = (max if window.order.startswith("-") else min)(cuts, key=partial(_key, window.order), default=None)
    if first is not None:  # of another list more may follow than what was looked at in this one
        bound = _key(window.order, first)
        is_before = ge if window.order.startswith("-") else le
        found = [one for one in found if is_before(_key(window.order, place_of(one, window.order)), bound)]
    shown = found[window.skip : window.skip + window.size]
    whole = size or Size(sum(part.size.total for part in parts), all(part.size.is_exact for part in parts))
    return SessionList(shown, whole, first if len(shown) < window.size else None)


def _in_order(sessions: list[Session], order: Order) -> list[Session]:
    return sorted(sessions, key=lambda one: _key(order, place_of(one, order)), reverse=order.startswith("-"))


def _key(order: Order, place: Place) -> tuple[object, ...]:
    """What an order compares."""
    return (place[0], place[2]) if order == "expires_at" else place


async def _search(queries: Transaction, search: _Search, size: Size | None, patience: float) -> SessionList:
    if size is not None:
        text, arguments = search.statement()
        rows = await queries.composed_within(patience, text, *arguments)
        if rows is not None:
            return SessionList([search.session(row) for row in rows], size)
    return await _search_first(queries, search, size)


async def _search_first(queries: Transaction, search: _Search, size: Size | None) -> SessionList:
    """What a filter selects among the first `_LOOKED_AT` of the list from the start of the window on."""
    first = search.start.statement("first_sessions", order=search.ordering.order_by, most=str(_LOOKED_AT))
    text, arguments = search.statement(first)
    sessions = [search.session(row) for row in await queries.composed(text, *arguments)]
    chosen = filters.selection(search.start, search.session_filter, search.now)
    place = f"${len(chosen.arguments) + 1}"
    text = chosen.statement("end_of_first", sessions=first, reversed=search.ordering.reversed, moment=place)
    ends = await queries.composed(text, *chosen.arguments, search.now)
    if not ends or ends[0]["looked_at"] < _LOOKED_AT:
        return SessionList(sessions, size or Size(ends[0]["selected"] if ends else 0, search.window.after is None))
    end = place_of(search.session(ends[0]), search.window.order)
    return SessionList(
        sessions, size or Size(ends[0]["selected"], is_exact=False), end if len(sessions) < search.window.size else None
    )
