"""The database: three pools of connections, and the batching of the hottest queries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import Record

from autional.postgres.batching import Batchers
from autional.postgres.pool import Pool, Work, timeouts_named
from autional.postgres.prepared import PreparedConnection, sides
from autional.postgres.queries import Answer, Lookup, Pair, SecondAnswer, Transaction, retried


class Share:
    """The database for one kind of work, of one tenant or (`None`) of all."""

    def __init__(self, pool: Pool, tenant_id: str | None, batchers: Batchers) -> None:
        self._pool = pool
        self._tenant_id = tenant_id
        self._batchers = batchers

    async def rows(self, query: str, *arguments: object) -> list[Record]:
        """All rows of the named query, in a transaction of its own. Raises DatabaseUnavailableError."""

        async def work() -> list[Record]:
            async with self._session() as session:
                return await session.rows(query, *arguments)

        return await retried(work)

    async def row(self, query: str, *arguments: object) -> Record | None:
        """The first row of the named query, in a transaction of its own. Raises DatabaseUnavailableError.

        Calls of the hottest queries that come at once go together.
        """
        batcher = self._batchers.by_query.get(query)
        if batcher is not None:
            return await batcher.call(arguments)
        found = await self.rows(query, *arguments)
        return found[0] if found else None

    @asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[Transaction]:
        """Queries that take effect together at the end of the block, or not at all.

        Raises DatabaseUnavailableError.
        """
        async with self._session() as session, session.transaction(**options) as transaction:
            yield transaction

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[PreparedConnection]:
        with timeouts_named():
            async with self._pool.connection(self._tenant_id) as place:
                yield PreparedConnection(place)


class Database(Share):
    """Three pools of connections. What asks it directly may take long; a request asks by `share`."""

    def __init__(self, url: str, connections: int = 10) -> None:
        self.url = url
        few = max(1, connections // 4)
        self.sizes: dict[Work, int] = {"hot": max(1, connections - 2 * few), "lists": few, "jobs": few}
        self._pools = {work: Pool(url, work, size) for work, size in self.sizes.items()}
        super().__init__(self._pools["jobs"], None, Batchers(self._pools["hot"]))

    def share(self, work: Work, tenant_id: str | None) -> Share:
        """The database for one kind of work of one tenant, which is kept to its share of the connections."""
        return Share(self._pools[work], tenant_id, self._batchers)

    async def look_up_both(self, first: Lookup[Answer], second: Lookup[SecondAnswer]) -> tuple[Answer, SecondAnswer]:
        """The answers of two lookups, asked in one statement; the first is parsed first.

        Raises what their `parse_row` raises, DatabaseUnavailableError.
        """
        batcher = self._batchers.paired(Pair(first.query, second.query))
        rows = sides(await batcher.call(first.arguments + second.arguments))
        return first.parse_row(rows[0]), second.parse_row(rows[1])

    async def close(self) -> None:
        """Close every connection; what is still running on them is cut off."""
        for pool in self._pools.values():
            pool.close()
