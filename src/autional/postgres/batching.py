"""Batching of concurrent calls: calls of a query that wait while others of it run are sent as one statement.

There is no timer, and no call waits for a batch to fill. A batch that fails as a whole is repeated call by call, so
that each caller gets only its own error. A caller that is cancelled does not affect the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from asyncpg import Record

from autional.core.errors import DatabaseUnavailableError
from autional.postgres.pool import Pool, timeouts_as_busy
from autional.postgres.prepared import PreparedConnection
from autional.postgres.queries import Locking, Pair, named_queries, with_retry

MOST_BATCHES = 2
LARGEST_BATCH = 64
BUSY: Any = object()
"""The answer of a batch to a call that would have made it wait: it is then asked alone."""


class _Waiting(NamedTuple):
    arguments: tuple[object, ...]
    answer: "asyncio.Future[Record | None]"


class Batcher:
    """Batches the calls of one query.

    `together` answers calls at once, in order; `alone` answers one. After the error `lost` it is unknown whether the
    batch took effect, so nothing is repeated.
    """

    def __init__(
        self,
        together: Callable[[Sequence[tuple[object, ...]]], Awaitable[list[Record | None]]],
        alone: Callable[[tuple[object, ...]], Awaitable[Record | None]],
        lost: type[Exception],
    ) -> None:
        self._together = together
        self._alone = alone
        self._lost = lost
        self._waiting: list[_Waiting] = []
        self._is_starting = False
        self._running: set[asyncio.Task[None]] = set()
        self._running_alone: set[asyncio.Task[None]] = set()

    async def call(self, arguments: tuple[object, ...]) -> Record | None:
        """The row for these arguments. Raises what the query raises for them."""
        answer: asyncio.Future[Record | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(arguments, answer))
        self._start_batches()
        return await answer

    def _start_batches(self) -> None:
        if self._waiting and not self._is_starting and len(self._running) < MOST_BATCHES:
            self._is_starting = True
            task = asyncio.create_task(self._run_batch())
            self._running.add(task)
            task.add_done_callback(self._batch_ended)

    def _batch_ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        self._start_batches()

    async def _run_batch(self) -> None:
        """Answer the calls that wait when the task starts: all of one turn of the event loop are among them."""
        self._is_starting = False
        taken, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
        self._start_batches()
        batch = [one for one in taken if not one.answer.done()]
        if batch and not await self._answered_together(batch):
            for one in batch:
                self._leave(one)  # the next batch does not wait for them

    async def _answered_together(self, batch: list[_Waiting]) -> bool:
        try:
            rows = await self._together([one.arguments for one in batch])
        except self._lost as error:
            for one in batch:
                _settle(one, error)
        except Exception:
            return False
        else:
            for one, row in zip(batch, rows, strict=True):
                if row is BUSY:
                    self._leave(one)
                else:
                    _settle(one, row)
        return True

    def _leave(self, one: _Waiting) -> None:
        """Send one call by itself, beside the batches."""
        alone = asyncio.create_task(self._ask_alone(one))
        self._running_alone.add(alone)
        alone.add_done_callback(self._running_alone.discard)

    async def _ask_alone(self, one: _Waiting) -> None:
        try:
            _settle(one, await self._alone(one.arguments))
        except Exception as error:
            _settle(one, error)


def _settle(one: _Waiting, answer: Record | Exception | None) -> None:
    """Set the result of a call, unless its caller was cancelled."""
    if one.answer.done():
        return
    if isinstance(answer, Exception):
        one.answer.set_exception(answer)
    else:
        one.answer.set_result(answer)


class Batchers:
    """A batcher for every query that is declared as batched, and for every pair of queries that is asked."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        batched = {name: query for name, query in named_queries().items() if query.is_set or query.locking}
        self.by_query = {name: self._batcher(name, query.locking) for name, query in batched.items()}
        self._by_pair: dict[Pair, Batcher] = {}

    def paired(self, pair: Pair) -> Batcher:
        """The batcher of two reads in one statement."""
        if pair not in self._by_pair:
            self._by_pair[pair] = self._batcher(pair, None)
        return self._by_pair[pair]

    async def _read(self, query: str | Pair, calls: Sequence[tuple[object, ...]]) -> list[Record | None]:
        async with self._pool.connection(None) as place:  # never a tenant's share: the next batch waits for this one
            return await PreparedConnection(place).row_of_each(query, calls)

    async def _write(self, query: str, locking: Locking, calls: Sequence[tuple[object, ...]]) -> list[Record | None]:
        """Run all writes in one transaction, in the order of their locks, so that batches do not deadlock.

        A write that would have to wait for a lock is not run: the others would wait with it.
        """
        order = sorted(range(len(calls)), key=lambda turn: [str(calls[turn][place]) for place in locking.order])
        without_waiting = [
            tuple(False if place == locking.wait else argument for place, argument in enumerate(calls[turn]))
            for turn in order
        ]
        async with self._pool.connection(None) as connection:
            rows = await PreparedConnection(connection).row_each(query, without_waiting)
        answers: list[Record | None] = [None] * len(calls)
        for turn, row in zip(order, rows, strict=True):
            answers[turn] = row if not row["busy"] else BUSY
        return answers

    async def _alone(self, query: str | Pair, arguments: tuple[object, ...]) -> Record | None:
        tenant_id = str(arguments[0])  # of every such query the first argument is a tenant, or the id of a key

        async def work() -> Record | None:
            with timeouts_as_busy():
                async with self._pool.connection(tenant_id) as place:
                    return await PreparedConnection(place).row(query, *arguments)

        return await with_retry(work)

    def _batcher(self, query: str | Pair, locking: Locking | None) -> Batcher:
        together = partial(self._read, query)
        if locking is not None and isinstance(query, str):
            together = partial(self._write, query, locking)
        return Batcher(together, partial(self._alone, query), DatabaseUnavailableError)
