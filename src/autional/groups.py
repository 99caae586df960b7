"""Calls of one query that wait while others of it are under way go together, as one statement.

No timer: nobody waits for company. A group that fails as a whole is repeated one by one, so that a caller only ever
gets its own error; a caller that goes away leaves the others alone.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from asyncpg import Record

FLIGHTS = 2
LARGEST = 64
BUSY: Any = object()
"""The answer of a group to a call that would have made it wait: it is then asked alone."""
_PARAMETER = re.compile(r"\$(\d+)")


class _Waiting(NamedTuple):
    arguments: tuple[object, ...]
    answer: "asyncio.Future[Record | None]"


class Group:
    """The calls of one query. `together` answers `smallest` or more at once, in order; `alone` answers one.

    Where `lost` is raised nobody knows whether the group took effect, so nothing is repeated.
    """

    def __init__(
        self,
        together: Callable[[Sequence[tuple[object, ...]]], Awaitable[list[Record | None]]],
        alone: Callable[[tuple[object, ...]], Awaitable[Record | None]],
        lost: type[Exception],
        smallest: int = 2,
    ) -> None:
        self._together = together
        self._alone = alone
        self._lost = lost
        self._smallest = smallest
        self._waiting: list[_Waiting] = []
        self._flying: set[asyncio.Task[None]] = set()
        self._alone_now: set[asyncio.Task[None]] = set()

    async def call(self, arguments: tuple[object, ...]) -> Record | None:
        """The row for these arguments; raises what the query raises for them."""
        answer: asyncio.Future[Record | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(arguments, answer))
        self._take_off()
        return await answer

    def _take_off(self) -> None:
        while self._waiting and len(self._flying) < FLIGHTS:
            aboard, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
            flight = asyncio.create_task(self._fly([one for one in aboard if not one.answer.done()]))
            self._flying.add(flight)
            flight.add_done_callback(self._land)

    def _land(self, flight: "asyncio.Task[None]") -> None:
        self._flying.discard(flight)
        self._take_off()

    async def _fly(self, aboard: list[_Waiting]) -> None:
        if len(aboard) < self._smallest:
            await asyncio.gather(*(self._ask_alone(one) for one in aboard))
        elif not await self._flown_together(aboard):
            for one in aboard:
                self._leave(one)  # the next group does not wait for them

    async def _flown_together(self, aboard: list[_Waiting]) -> bool:
        try:
            rows = await self._together([one.arguments for one in aboard])
        except self._lost as error:
            for one in aboard:
                _settle(one, error)
        except Exception:
            return False
        else:
            for one, row in zip(aboard, rows, strict=True):
                if row is BUSY:
                    self._leave(one)
                else:
                    _settle(one, row)
        return True

    def _leave(self, one: _Waiting) -> None:
        """Ask one beside the groups."""
        alone = asyncio.create_task(self._ask_alone(one))
        self._alone_now.add(alone)
        alone.add_done_callback(self._alone_now.discard)

    async def _ask_alone(self, one: _Waiting) -> None:
        try:
            _settle(one, await self._alone(one.arguments))
        except Exception as error:
            _settle(one, error)


def _settle(one: _Waiting, answer: Record | Exception | None) -> None:
    """Tell a caller its answer, unless it went away."""
    if one.answer.done():
        return
    if isinstance(answer, Exception):
        one.answer.set_exception(answer)
    else:
        one.answer.set_result(answer)


def grouped_text(text: str, types: Sequence[str]) -> str:
    """A query of one row for parameters of these types, as one for arrays of them: a row a call, in order."""
    names = ", ".join(f"a{number}" for number in range(1, len(types) + 1))
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, 1))
    inner = _PARAMETER.sub(r"call.a\1", text)
    calls = f"unnest({arrays}) with ordinality as call ({names}, turn)"
    one = f"select true as answered, one.* from ({inner}\n) as one limit 1"  # noqa: S608 - a query of ours
    return f"select answer.* from {calls} left join lateral ({one}) as answer on true order by turn"  # noqa: S608 - and its frame


def paired_text(first: str, second: str, columns: Sequence[Sequence[str]], parameters: int) -> str:
    """Two queries of one row as one statement; the second one's parameters follow the `parameters` of the first.

    The columns of the first are called `1.name`, those of the second `2.name`; `1.found` and `2.found` say whether
    there was a row.
    """
    moved = _PARAMETER.sub(lambda match: f"${int(match[1]) + parameters}", second)
    named = [
        f'answer{place}."{name}" as "{place}.{name}"'
        for place, names in enumerate(columns, 1)
        for name in ("found", *names)
    ]
    sides = " ".join(
        f"left join lateral (select true as found, one.* from ({text}\n) as one limit 1) as answer{place} on true"  # noqa: S608 - queries of ours
        for place, text in enumerate((first, moved), 1)
    )
    return f"select {', '.join(named)} from (values (true)) as always {sides}"  # noqa: S608 - and their frame
