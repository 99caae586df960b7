"""Batching of concurrent calls: calls of a query that wait while others of it run are sent as one statement.

There is no timer, and no call waits for a batch to fill. A batch that fails as a whole is repeated call by call, so
that each caller gets only its own error. A caller that is cancelled does not affect the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from asyncpg import Record

from autional.core import ids, meters, tracing
from autional.core.errors import DatabaseUnavailableError
from autional.postgres.pool import Pool, timeouts_as_busy
from autional.postgres.prepared import PreparedConnection, by_turn
from autional.postgres.queries import Pair, named_queries, with_retry

MOST_BATCHES = 2
LARGEST_BATCH = 64
BUSY: Any = object()
"""The answer of a batch to a call that it did not answer: it is then asked alone."""


class _Waiting(NamedTuple):
    arguments: tuple[object, ...]
    answer: "asyncio.Future[Record | None]"


class Batcher:
    """Batches the calls of one query.

    `together` answers calls at once, in order; `alone` answers one. After the error `lost` it is unknown whether the
    batch took effect, so nothing is repeated. `when_idle` is called when no batch runs and no call waits for one.
    """

    def __init__(
        self,
        together: Callable[[Sequence[tuple[object, ...]]], Awaitable[list[Record | None]]],
        alone: Callable[[tuple[object, ...]], Awaitable[Record | None]],
        lost: type[Exception],
        when_idle: Callable[[], object] = lambda: None,
    ) -> None:
        self._together = together
        self._alone = alone
        self._lost = lost
        self._when_idle = when_idle
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
        if not self._running:
            self._when_idle()

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
            with tracing.span("batch", calls=len(batch)):
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
    """A batcher for every set query, every pair of them that is asked, and every batched write of a tenant."""

    def __init__(self, pool: Pool, *, on_citus: bool) -> None:
        self._pool = pool
        queries = named_queries().items()
        self._routed = {name for name, query in queries if on_citus and query.is_routed}
        self._reads: dict[str | Pair, Batcher] = {
            name: self._reader(name) for name, query in queries if query.is_set and name not in self._routed
        }
        # on Citus one at a time: it refuses operators such as timestamptz + interval on columns where it writes
        self._writes = {name: query.batched_by for name, query in queries if query.batched_by and not on_citus}
        self._by_tenant: dict[tuple[str, object], Batcher] = {}

    def are_for(self, query: str) -> bool:
        """Whether concurrent calls of a query are batched."""
        return query in self._reads or query in self._writes or query in self._routed

    async def row(self, query: str, arguments: tuple[object, ...]) -> Record | None:
        """The row of a batched query. Raises what the query raises for these arguments."""
        reader = self._reads.get(query)
        return await (reader.call(arguments) if reader is not None else self._of_tenant(query, arguments))

    async def pair(self, pair: Pair, arguments: tuple[object, ...]) -> Record | None:
        """The row of two set queries as one."""
        if pair not in self._reads:
            self._reads[pair] = self._reader(pair)
        return await self._reads[pair].call(arguments)

    async def _of_tenant(self, query: str, arguments: tuple[object, ...]) -> Record | None:
        key = query, arguments[0]
        batcher = self._by_tenant.get(key)
        if batcher is None:
            made = self._reader if query in self._routed else self._writer
            batcher = self._by_tenant[key] = made(query, partial(self._by_tenant.pop, key, None))
        return await batcher.call(arguments)

    def _reader(self, query: str | Pair, when_idle: Callable[[], object] = lambda: None) -> Batcher:
        name = query if isinstance(query, str) else " + ".join(query)

        async def together(calls: Sequence[tuple[object, ...]]) -> list[Record | None]:
            # never a tenant's share of the connections: the next batch waits for this one
            meters.count_batch(name, len(calls))
            async with self._pool.connection(None) as place:
                return await PreparedConnection(place).row_of_each(query, calls)

        return Batcher(together, partial(self._alone, query), DatabaseUnavailableError, when_idle)

    def _writer(self, query: str, when_idle: Callable[[], object]) -> Batcher:
        """The batcher of a write for one tenant. What the batch does not answer is written alone, and may wait."""
        set_query = self._writes[query]

        async def together(calls: Sequence[tuple[object, ...]]) -> list[Record | None]:
            meters.count_batch(query, len(calls))
            async with self._pool.connection(None) as place:
                tenant_id, given = calls[0][0], [call[1] for call in calls]
                rows = await PreparedConnection(place).rows(set_query, tenant_id, given)
            return by_turn(rows, [BUSY] * len(calls))

        return Batcher(together, partial(self._alone, query), DatabaseUnavailableError, when_idle)

    async def _alone(self, query: str | Pair, arguments: tuple[object, ...]) -> Record | None:
        tenant_id = _owner(arguments[0])  # of every such query the first argument is a tenant, or the id of a key

        async def work() -> Record | None:
            with timeouts_as_busy():
                async with self._pool.connection(tenant_id) as place:
                    return await PreparedConnection(place).row(query, *arguments)

        return await with_retry(work)


def _owner(tenant: object) -> str:
    """Whose share of the connections a call takes: that of a split tenant, and not of a bucket of it."""
    return ids.tenant_of_bucket(tenant) if isinstance(tenant, str) else str(tenant)
