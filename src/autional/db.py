"""Named queries and transactions on PostgreSQL.

Queries live in sql/*.sql, each under a line ``-- name: what_it_is_called``.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import cache, partial
from importlib.resources import files
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import asyncpg
from asyncpg import Connection, Record
from asyncpg.prepared_stmt import PreparedStatement

from autional.groups import BUSY, Group, grouped_text, paired_text
from autional.pool import (
    OUTDATED,
    DatabaseBusyError,
    DatabaseUnavailableError,
    Pool,
    PooledConnection,
    Work,
    connect,
    timeouts_named,
)

__all__ = ["DatabaseBusyError", "DatabaseUnavailableError", "Work", "connect"]

_GROUPED = ("api_key", "api_key_standing", "login_history", "refresh_token", "session_statistics", "token_standing")
# With the place of the argument that says what is locked: groups lock in its order, so that they do not deadlock.
_GROUPED_WRITES = {"create_session": 2, "refresh_session": 1}
_WITH = " with "


class Row(Protocol):
    """A row of an answer: a value by the name of its column."""

    def __getitem__(self, column: str, /) -> Any: ...


Bounds = tuple[datetime | None, str | None, int, int]
"""Which part of a list, newest first: after which time and id (None: from the start), how many, how many to skip."""
Answer = TypeVar("Answer")
SecondAnswer = TypeVar("SecondAnswer")


class Lookup(NamedTuple, Generic[Answer]):
    """A question to the database, and what the row it finds means; `judge` may raise a Problem."""

    query: str
    arguments: tuple[object, ...]
    judge: Callable[[Row | None], Answer]


class Queries(Protocol):
    """Something that runs named queries: the database (each its own transaction) or a transaction."""

    async def rows(self, query: str, *arguments: object) -> list[Record]:
        """All rows of the named query. Raises DatabaseUnavailableError."""
        ...

    async def row(self, query: str, *arguments: object) -> Record | None:
        """The first row of the named query. Raises DatabaseUnavailableError."""
        ...


async def look_up(queries: Queries, lookup: Lookup[Answer]) -> Answer:
    """The answer to a question. Raises what its judge raises, DatabaseUnavailableError."""
    return lookup.judge(await queries.row(lookup.query, *lookup.arguments))


async def instant(queries: Queries, at: datetime | None) -> datetime:
    """The database's time, for several statements to share; a test's own where it is given.

    Raises DatabaseUnavailableError.
    """
    row = await queries.row("instant", at)
    if row is None:
        raise DatabaseUnavailableError("no time")
    moment: datetime = row["instant"]
    return moment


async def retried(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """What the work of a whole transaction returns.

    It is done once more where PostgreSQL chose it to give way to another, or where the schema changed meanwhile.
    """
    try:
        return await work()
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, *OUTDATED):
        return await work()


class Store(Queries, Protocol):
    """Something in which queries can be made to take effect together."""

    def transaction(self, **options: Any) -> "AbstractAsyncContextManager[Transaction]":
        """Queries that take effect together at the end of the block, or not at all."""
        ...


class Transaction(Store, Protocol):
    """Queries that take effect together; a transaction in it is a part of it and takes no options of its own."""

    async def composed(self, text: str, *arguments: object) -> list[Record]:
        """All rows of a statement put together from named parts, planned for these arguments."""
        ...

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add many rows at once (COPY). Raises DatabaseUnavailableError."""
        ...


@cache
def named_queries() -> dict[str, str]:
    """Text of every query by its name."""
    return _named("autional.sql")


@cache
def named_parts() -> dict[str, str]:
    """Text of every part that statements are composed of, by its name."""
    return _named("autional.sql.parts")


def _named(package: str) -> dict[str, str]:
    texts = [file.read_text() for file in files(package).iterdir() if file.name.endswith(".sql")]
    parts = [part for text in texts for part in re.split(r"^-- name: ", text, flags=re.MULTILINE)[1:]]
    found: dict[str, str] = {}
    for part in parts:
        name, _, body = part.partition("\n")
        if name in found:
            raise ValueError(f"two queries are called {name}")
        found[name] = body.strip()
    return found


class _Session:
    """A connection while somebody works on it."""

    def __init__(self, place: PooledConnection) -> None:
        self._place = place

    async def rows(self, query: str, *arguments: object) -> list[Record]:
        async with self._place.usable() as connection:
            statement = await self._statement(connection, query)
            return await statement.fetch(*arguments)

    async def row(self, query: str, *arguments: object) -> Record | None:
        found = await self.rows(query, *arguments)
        return found[0] if found else None

    async def rows_together(self, query: str, calls: Sequence[tuple[object, ...]]) -> list[Record]:
        async with self._place.usable() as connection:
            plain = await self._statement(connection, query)
            statement = await self._place.prepared(connection, f"{query}, grouped", partial(_grouped, plain))
            return await statement.fetch(*zip(*calls, strict=True))

    async def row_each(self, query: str, calls: Sequence[tuple[object, ...]]) -> list[Record]:
        """The one row of each call, all in one transaction and one round trip."""
        async with self._place.usable() as connection:
            statement = await self._statement(connection, query)
            rows = await statement.fetchmany(calls)
        if len(rows) != len(calls):
            raise ValueError(f"{query} must answer one row a call")
        return rows

    async def _statement(self, connection: "Connection[Record]", query: str) -> "PreparedStatement[Record]":
        """The statement of a named query, or of a pair of them."""
        names = query.split(_WITH)
        if len(names) == 1:
            return await self._place.prepared(connection, query, partial(named_queries().__getitem__, query))
        sides = [await self._statement(connection, name) for name in names]
        return await self._place.prepared(connection, query, partial(_paired, *sides))

    @asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[Transaction]:
        async with (
            self._place.usable() as connection,
            connection.transaction(**({} if connection.is_in_transaction() else options)),
        ):
            yield self

    async def composed(self, text: str, *arguments: object) -> list[Record]:
        async with self._place.usable() as connection:
            await connection.execute("set local plan_cache_mode = force_custom_plan")
            return await connection.fetch(text, *arguments)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        async with self._place.usable() as connection:
            await connection.copy_records_to_table(table, columns=columns, records=rows)


def _grouped(plain: "PreparedStatement[Record]") -> str:
    return grouped_text(plain.get_query(), [parameter.name for parameter in plain.get_parameters()])


def _paired(first: "PreparedStatement[Record]", second: "PreparedStatement[Record]") -> str:
    columns = [[attribute.name for attribute in side.get_attributes()] for side in (first, second)]
    return paired_text(first.get_query(), second.get_query(), columns, len(first.get_parameters()))


class Share:
    """The database for one kind of work, of one tenant or (`None`) of all."""

    def __init__(self, pool: Pool, tenant_id: str | None, groups: "Groups") -> None:
        self._pool = pool
        self._tenant_id = tenant_id
        self._groups = groups

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
        group = self._groups.named.get(query)
        if group is not None:
            return await group.call(arguments)
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
    async def _session(self) -> AsyncIterator[_Session]:
        with timeouts_named():
            async with self._pool.connection(self._tenant_id) as place:
                yield _Session(place)


class Groups:
    """Calls of the hottest queries, which go together where they come at once."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.named = {query: self._group(query, self._together) for query in _GROUPED}
        self.named |= {query: self._group(query, self._write_together) for query in _GROUPED_WRITES}

    def paired(self, first: str, second: str) -> Group:
        """The calls of two readings in one statement."""
        pair = f"{first}{_WITH}{second}"
        if pair not in self.named:
            self.named[pair] = self._group(pair, self._together)
        return self.named[pair]

    async def _together(self, query: str, calls: Sequence[tuple[object, ...]]) -> list[Record | None]:
        async with self._pool.connection(None) as place:
            rows = await _Session(place).rows_together(query, calls)
        return [row if row["answered"] else None for row in rows]

    async def _write_together(self, query: str, calls: Sequence[tuple[object, ...]]) -> list[Record | None]:
        place = _GROUPED_WRITES[query]
        order = sorted(range(len(calls)), key=lambda turn: (str(calls[turn][0]), str(calls[turn][place])))
        async with self._pool.connection(None) as connection:
            # who would have to wait for a lock leaves the group, since the others would wait with it
            rows = await _Session(connection).row_each(query, [(*calls[turn][:-1], False) for turn in order])
        answers: list[Record | None] = [None] * len(calls)
        for turn, row in zip(order, rows, strict=True):
            answers[turn] = row if not row["busy"] else BUSY
        return answers

    async def _alone(self, query: str, arguments: tuple[object, ...]) -> Record | None:
        tenant_id = str(arguments[0])  # of every such query the first argument is a tenant, or the id of a key

        async def work() -> Record | None:
            with timeouts_named():
                async with self._pool.connection(tenant_id) as place:
                    return await _Session(place).row(query, *arguments)

        return await retried(work)

    def _group(
        self, query: str, together: "Callable[[str, Sequence[tuple[object, ...]]], Awaitable[list[Record | None]]]"
    ) -> Group:
        smallest = 1 if query in _GROUPED_WRITES else 2  # a write alone may not wait in the place of a group either
        return Group(partial(together, query), partial(self._alone, query), DatabaseUnavailableError, smallest)


class Database(Share):
    """Three pools of connections. What asks it directly may take long; a request asks by `share`."""

    def __init__(self, url: str, connections: int = 10) -> None:
        self.url = url
        few = max(1, connections // 4)
        self.sizes: dict[Work, int] = {"hot": max(1, connections - 2 * few), "lists": few, "jobs": few}
        self._pools = {work: Pool(url, work, size) for work, size in self.sizes.items()}
        super().__init__(self._pools["jobs"], None, Groups(self._pools["hot"]))

    def share(self, work: Work, tenant_id: str | None) -> Share:
        """The database for one kind of work of one tenant, which is kept to its share of the connections."""
        return Share(self._pools[work], tenant_id, self._groups)

    async def look_up_both(self, first: Lookup[Answer], second: Lookup[SecondAnswer]) -> tuple[Answer, SecondAnswer]:
        """The answers to two questions, asked together in one statement; the first is judged first.

        Raises what the judges raise, DatabaseUnavailableError.
        """
        row = await self._groups.paired(first.query, second.query).call(first.arguments + second.arguments)
        return first.judge(_side(row, "1.")), second.judge(_side(row, "2."))

    async def close(self) -> None:
        """Close every connection; what is still running on them is cut off."""
        for pool in self._pools.values():
            pool.close()


def _side(pair: Record | None, prefix: str) -> Row | None:
    """The part of a pair's row that belongs to one of its queries."""
    if pair is None or not pair[f"{prefix}found"]:
        return None
    return {name.removeprefix(prefix): value for name, value in pair.items() if name.startswith(prefix)}
