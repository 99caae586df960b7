"""Paging: numbered pages, or what follows a cursor, newest first. All lists work this way."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from autional.api.model import Call
from autional.api.schemas import PageInfo, PageQuery
from autional.core import cursors, problems
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Bounds, Size

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Position(NamedTuple):
    """The position of an item in a list."""

    at: datetime
    id: str
    first: int | str = 0
    """What the list is ordered by before that, if anything."""


class Part(NamedTuple):
    """Which items to read: one more than are returned, to know whether there are more."""

    size: int
    skip: int
    after: Position | None

    @property
    def bounds(self) -> Bounds:
        """The part as arguments of a query."""
        return (self.after.at if self.after else None, self.after.id if self.after else None, self.size, self.skip)


def part_of(call: Call, query: PageQuery, listed: Sequence[str | None]) -> Part:
    """The part that a query asks for; `listed` identifies the list with its filters. Raises INVALID_PARAMETER."""
    if query.cursor is None:
        return Part(query.page_size + 1, (query.page - 1) * query.page_size, None)
    wrong = [Violation("page", "value", "Is not for a request with a cursor")] if query.page != 1 else []
    try:
        first, micros, id_ = cursors.read(call.service.cursor_key, query.cursor, _bound_to(call, listed))
    except ValueError as error:
        wrong.append(Violation("cursor", "format", str(error)))
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    return Part(query.page_size + 1, 0, Position(_EPOCH + int(micros) * _MICROSECOND, str(id_), first))


def page_info(
    call: Call,
    query: PageQuery,
    listed: Sequence[str | None],
    places: Sequence[Position],
    size: Size,
    cut_at: Position | None = None,
) -> PageInfo:
    """Where a part is in its list; `places` are the positions of all items that were read.

    `cut_at` is where the search for them stopped at a bound before the page was full, if it did: only a cursor goes on
    from there, so a later page by number says that it is the last.
    """
    is_full = len(places) > query.page_size
    last = places[query.page_size - 1] if is_full else cut_at
    goes_on = is_full or (cut_at is not None and (query.cursor is not None or query.page == 1))
    return PageInfo(
        page=None if query.cursor else query.page,
        page_size=query.page_size,
        total=size.total,
        total_pages=-(-size.total // query.page_size),
        has_next=goes_on,
        has_prev=query.cursor is not None or query.page > 1,
        next_cursor=_cursor(call, listed, last) if last else None,
        total_is_exact=size.is_exact,
        is_cut=last is not None and not is_full,
    )


def place_in(call: Call, cursor: str | None, bound_to: Sequence[str | None]) -> int | str | None:
    """The one value after which a list goes on; None: from the start. Raises INVALID_PARAMETER."""
    if cursor is None:
        return None
    try:
        [place] = cursors.read(call.service.cursor_key, cursor, bound_to)
    except ValueError as error:
        violations = [Violation("cursor", "format", str(error))]
        raise Problem(problems.INVALID_PARAMETER, violations=violations) from None
    return place


def _cursor(call: Call, listed: Sequence[str | None], last: Position) -> str:
    position = last.first, (last.at - _EPOCH) // _MICROSECOND, last.id
    return cursors.write(call.service.cursor_key, position, _bound_to(call, listed))


def _bound_to(call: Call, listed: Sequence[str | None]) -> list[str | None]:
    return [call.caller.tenant_id, *listed]
