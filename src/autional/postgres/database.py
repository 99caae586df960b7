"""The database: three pools of connections, and batching of the hottest queries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from asyncpg import Record

from autional.postgres.batching import Batchers
from autional.postgres.buckets import Buckets, joined
from autional.postgres.connection import ClockBehindError, WorkClass
from autional.postgres.pool import Pool, timeouts_as_busy
from autional.postgres.prepared import PreparedConnection, sides
from autional.postgres.queries import (
    Answer,
    Lookup,
    Pair,
    SecondAnswer,
    Transaction,
    named_queries,
    tenant_of,
    with_retry,
)

_ALARMING_SECONDS = 5.0

log = structlog.get_logger()


class Share:
    """The database for one class of work, of one tenant or of all (None)."""

    def __init__(self, pool: Pool, tenant_id: str | None, batchers: Batchers, buckets: Buckets) -> None:
        self._pool = pool
        self._tenant_id = tenant_id
        self._batchers = batchers
        self._buckets = buckets

    async def rows(self, query: str, *arguments: object) -> list[Record]:
        """All rows of the named query, in its own transaction. Raises DatabaseUnavailableError."""
        is_of_several = self._buckets.has(tenant_of(query, arguments)) and len(self._calls(query, arguments)) > 1

        async def work() -> list[Record]:
            async with self._session() as session:
                if not is_of_several:
                    return await session.rows(query, *arguments)
                async with session.transaction() as whole:
                    return await whole.rows(query, *arguments)

        return await with_retry(work)

    async def row(self, query: str, *arguments: object) -> Record | None:
        """The first row of the named query, in its own transaction. Raises DatabaseUnavailableError.

        Concurrent calls of batched queries share a statement.
        """
        is_split = self._buckets.has(tenant_of(query, arguments))
        place = named_queries()[query].place if is_split else None
        if self._batchers.are_for(query) and not (place and place.by):
            if is_split:
                return await self._row_of_buckets(query, arguments)
            return await self._batchers.row(query, arguments)
        found = await self.rows(query, *arguments)
        return found[0] if found else None

    def _calls(self, query: str, arguments: tuple[object, ...]) -> list[tuple[object, ...]]:
        return self._buckets.calls(named_queries()[query].place, arguments)

    async def _row_of_buckets(self, query: str, arguments: tuple[object, ...]) -> Record | None:
        answers = await asyncio.gather(*(self._batchers.row(query, call) for call in self._calls(query, arguments)))
        rows = joined(named_queries()[query].place, [[] if row is None else [row] for row in answers])
        return rows[0] if rows else None

    @asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[Transaction]:
        """A transaction that is committed at the end of the block. Raises DatabaseUnavailableError."""
        async with self._session() as session, session.transaction(**options) as transaction:
            yield transaction

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[PreparedConnection]:
        with timeouts_as_busy():
            async with self._pool.connection(self._tenant_id) as place:
                yield PreparedConnection(place)


class Database(Share):
    """Three pools of connections. Queries on it directly may take long; requests use `share`.

    A pooler in transaction mode may be in front of the database; who listens for notifications needs the database.
    """

    def __init__(
        self, url: str, connections: int = 10, pooler_url: str | None = None, *, on_citus: bool = False
    ) -> None:
        self.url = url
        self.on_citus = on_citus
        """Whether tables are spread over nodes (citus)."""
        self.buckets = Buckets()
        pooled = pooler_url is not None
        few = max(1, connections // 4)
        self.sizes: dict[WorkClass, int] = {"hot": max(1, connections - 2 * few), "lists": few, "jobs": few}
        self._pools = {
            work: Pool(pooler_url or url, work, size, self.buckets, pooled=pooled, on_citus=on_citus)
            for work, size in self.sizes.items()
        }
        self.clock_behind = 0.0
        """Seconds for which no connection is used yet."""
        super().__init__(self._pools["jobs"], None, Batchers(self._pools["hot"], on_citus=on_citus), self.buckets)

    def share(self, work: WorkClass, tenant_id: str | None) -> Share:
        """The database for one class of work of one tenant, limited to its share of the connections."""
        return Share(self._pools[work], tenant_id, self._batchers, self.buckets)

    async def look_up_both(self, first: Lookup[Answer], second: Lookup[SecondAnswer]) -> tuple[Answer, SecondAnswer]:
        """The answers of two lookups, sent as one statement; the first is parsed first.

        On Citus they are two statements, since what is asked about may be on different nodes. Raises what their
        `parse_row` raises, and DatabaseUnavailableError.
        """
        if self.on_citus or any(
            self.buckets.has(tenant_of(lookup.query, lookup.arguments)) for lookup in (first, second)
        ):
            asked = [self.row(lookup.query, *lookup.arguments) for lookup in (first, second)]
            found = await asyncio.gather(*asked)
            return first.parse_row(found[0]), second.parse_row(found[1])
        pair = Pair(first.query, second.query)
        rows = sides(await self._batchers.pair(pair, first.arguments + second.arguments))
        return first.parse_row(rows[0]), second.parse_row(rows[1])

    def usage(self) -> dict[WorkClass, tuple[int, int, int]]:
        """Of each class of connections: how many there are, how many are used, and how many calls wait for one."""
        return {
            work: (self.sizes[work], self.sizes[work] - pool.idle, pool.waiting) for work, pool in self._pools.items()
        }

    async def beat(self) -> None:
        """Note the database's time; while its clock is behind what was noted, no connection is used.

        So it is after a failover to a server whose clock is behind. Raises DatabaseUnavailableError.
        """
        try:
            [row] = await self.share("lists", None).rows("beat")
            self.clock_behind = row["behind"]
        except ClockBehindError as error:
            self.clock_behind = error.seconds
        if self.clock_behind > 0:
            for pool in self._pools.values():
                pool.renew()
        if self.clock_behind > _ALARMING_SECONDS:
            log.error("the clock of the database is behind what it was", seconds=self.clock_behind)

    async def close(self) -> None:
        """Close every connection; running statements are cancelled."""
        for pool in self._pools.values():
            pool.close()
