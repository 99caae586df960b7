"""The only place that talks to PostgreSQL: named queries, a pool, transactions.

Queries live in sql/*.sql, each under a line ``-- name: what_it_is_called``.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import datetime
from functools import cache, partial
from importlib.resources import files
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import asyncpg
import msgspec
from asyncpg import Connection, Record
from asyncpg.prepared_stmt import PreparedStatement

from autional.groups import BUSY, Group, grouped_text, paired_text

SCHEMA = "autional"
_CONNECT_SECONDS = 5.0
_COMMAND_SECONDS = 30.0
_PATIENCE_SECONDS = 10.0
_SETTINGS = {
    "application_name": "autional",
    "max_parallel_workers_per_gather": "0",  # every query here is small: starting workers costs more than it gives
    "plan_cache_mode": "force_generic_plan",  # statements are prepared once, and so are their plans
    "search_path": SCHEMA,
    "timezone": "UTC",
}
_GROUPED = ("api_key", "api_key_standing", "login_history", "refresh_token", "session_statistics", "token_standing")
# With the place of the argument that says what is locked: groups lock in its order, so that they do not deadlock.
_GROUPED_WRITES = {"create_session": 2, "refresh_session": 1}
_WITH = " with "
_JSONB_VERSION = b"\x01"
_LOST = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server said goodbye to an idle connection
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)


class DatabaseUnavailableError(Exception):
    """PostgreSQL cannot be reached or was cut off; whether a write in flight took effect is unknown."""


class Row(Protocol):
    """A row of an answer: a value by the name of its column."""

    def __getitem__(self, column: str, /) -> Any: ...


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
    """What the work of a whole transaction returns: done once more where PostgreSQL chose it to give way to another."""
    try:
        return await work()
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
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


async def connect(url: str) -> "Connection[Record]":
    """One connection, as every part of the product uses it. Raises DatabaseUnavailableError."""
    try:
        connection = await asyncpg.connect(
            url,
            timeout=_CONNECT_SECONDS,
            command_timeout=_COMMAND_SECONDS,
            statement_cache_size=0,
            server_settings=_SETTINGS,
        )
        await connection.set_type_codec(
            "jsonb",
            schema="pg_catalog",
            encoder=lambda value: _JSONB_VERSION + msgspec.json.encode(value),
            decoder=lambda raw: msgspec.json.decode(raw[1:]),
            format="binary",  # COPY knows no other
        )
    except _LOST as error:
        raise DatabaseUnavailableError(str(error)) from error
    return connection


@contextmanager
def _losses_named(connection: "Connection[Record]") -> Iterator[None]:
    try:
        yield
    except _LOST as error:
        if isinstance(error, asyncpg.InterfaceError) and not connection.is_closed():
            raise  # the query was called wrongly, the connection is whole
        connection.terminate()
        raise DatabaseUnavailableError(str(error)) from error


class _Session:
    """One place of the pool: its connection, made when needed, and the statements prepared on it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._statements: dict[str, PreparedStatement[Record]] = {}
        self.connection: Connection[Record] | None = None

    async def ready(self) -> "Connection[Record]":
        if self.connection is None or self.connection.is_closed():
            self._statements.clear()
            self.connection = await connect(self._url)
        return self.connection

    async def rows(self, query: str, *arguments: object) -> list[Record]:
        connection = await self.ready()
        with _losses_named(connection):
            statement = await self._statement(connection, query)
            return await statement.fetch(*arguments)

    async def row(self, query: str, *arguments: object) -> Record | None:
        found = await self.rows(query, *arguments)
        return found[0] if found else None

    async def rows_together(self, query: str, calls: Sequence[tuple[object, ...]]) -> list[Record]:
        connection = await self.ready()
        with _losses_named(connection):
            name = f"{query}, grouped"
            statement = self._statements.get(name)
            if statement is None:
                plain = await self._statement(connection, query)
                types = [parameter.name for parameter in plain.get_parameters()]
                statement = await connection.prepare(grouped_text(plain.get_query(), types))
                self._statements[name] = statement
            return await statement.fetch(*zip(*calls, strict=True))

    async def row_each(self, query: str, calls: Sequence[tuple[object, ...]]) -> list[Record]:
        """The one row of each call, all in one transaction and one round trip."""
        connection = await self.ready()
        with _losses_named(connection):
            statement = await self._statement(connection, query)
            rows = await statement.fetchmany(calls)
        if len(rows) != len(calls):
            raise ValueError(f"{query} must answer one row a call")
        return rows

    async def _statement(self, connection: "Connection[Record]", query: str) -> "PreparedStatement[Record]":
        """The statement of a named query, or of a pair of them."""
        found = self._statements.get(query)
        if found is None:
            first, _, second = query.partition(_WITH)
            text = await self._pair(connection, first, second) if second else named_queries()[query]
            found = self._statements[query] = await connection.prepare(text)
        return found

    async def _pair(self, connection: "Connection[Record]", first: str, second: str) -> str:
        sides = [await self._statement(connection, query) for query in (first, second)]
        columns = [[attribute.name for attribute in side.get_attributes()] for side in sides]
        texts = [side.get_query() for side in sides]
        return paired_text(texts[0], texts[1], columns, len(sides[0].get_parameters()))

    @asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[Transaction]:
        connection = await self.ready()
        with _losses_named(connection):
            async with connection.transaction(**({} if connection.is_in_transaction() else options)):
                yield self

    async def composed(self, text: str, *arguments: object) -> list[Record]:
        connection = await self.ready()
        with _losses_named(connection):
            await connection.execute("set local plan_cache_mode = force_custom_plan")
            return await connection.fetch(text, *arguments)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        connection = await self.ready()
        with _losses_named(connection):
            await connection.copy_records_to_table(table, columns=columns, records=rows)


class Database:
    """A pool of connections, handed out first in, first out."""

    def __init__(self, url: str, connections: int = 10) -> None:
        self.url = url
        self._idle: asyncio.Queue[_Session] = asyncio.Queue()
        self._all = [_Session(url) for _ in range(connections)]
        self._groups = {query: self._group(query, self._together) for query in _GROUPED}
        self._groups |= {query: self._group(query, self._write_together) for query in _GROUPED_WRITES}
        for session in self._all:
            self._idle.put_nowait(session)

    async def rows(self, query: str, *arguments: object) -> list[Record]:
        """All rows of the named query, in a transaction of its own. Raises DatabaseUnavailableError."""

        async def work() -> list[Record]:
            async with self._session() as session:
                return await session.rows(query, *arguments)

        return await retried(work)

    async def row(self, query: str, *arguments: object) -> Record | None:
        """The first row of the named query, in a transaction of its own. Raises DatabaseUnavailableError.

        Calls of the hottest readings that come at once go together.
        """
        group = self._groups.get(query)
        if group is not None:
            return await group.call(arguments)
        return await self._row(query, arguments)

    async def look_up_both(self, first: Lookup[Answer], second: Lookup[SecondAnswer]) -> tuple[Answer, SecondAnswer]:
        """The answers to two questions, asked together in one statement; the first is judged first.

        Raises what the judges raise, DatabaseUnavailableError.
        """
        pair = f"{first.query}{_WITH}{second.query}"
        group = self._groups.get(pair)
        if group is None:
            group = self._groups[pair] = self._group(pair, self._together)
        row = await group.call(first.arguments + second.arguments)
        return first.judge(_side(row, "1.")), second.judge(_side(row, "2."))

    async def _row(self, query: str, arguments: tuple[object, ...]) -> Record | None:
        async def work() -> Record | None:
            async with self._session() as session:
                return await session.row(query, *arguments)

        return await retried(work)

    async def _together(self, query: str, calls: Sequence[tuple[object, ...]]) -> list[Record | None]:
        async with self._session() as session:
            rows = await session.rows_together(query, calls)
        return [row if row["answered"] else None for row in rows]

    async def _write_together(self, query: str, calls: Sequence[tuple[object, ...]]) -> list[Record | None]:
        place = _GROUPED_WRITES[query]
        order = sorted(range(len(calls)), key=lambda turn: (str(calls[turn][0]), str(calls[turn][place])))
        async with self._session() as session:
            # who would have to wait for a lock leaves the group, since the others would wait with it
            rows = await session.row_each(query, [(*calls[turn][:-1], False) for turn in order])
        answers: list[Record | None] = [None] * len(calls)
        for turn, row in zip(order, rows, strict=True):
            answers[turn] = row if not row["busy"] else BUSY
        return answers

    def _group(
        self, query: str, together: "Callable[[str, Sequence[tuple[object, ...]]], Awaitable[list[Record | None]]]"
    ) -> Group:
        smallest = 1 if query in _GROUPED_WRITES else 2  # a write alone may not wait in the place of a group either
        return Group(partial(together, query), partial(self._row, query), DatabaseUnavailableError, smallest)

    @asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[Transaction]:
        """Queries that take effect together at the end of the block, or not at all.

        Raises DatabaseUnavailableError.
        """
        async with self._session() as session, session.transaction(**options) as transaction:
            yield transaction

    async def close(self) -> None:
        """Close every connection; what is still running on them is cut off."""
        for session in self._all:
            if session.connection is not None:
                session.connection.terminate()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[_Session]:
        try:
            idle = not self._idle.empty()
            session = self._idle.get_nowait() if idle else await asyncio.wait_for(self._idle.get(), _PATIENCE_SECONDS)
        except TimeoutError:
            raise DatabaseUnavailableError("every connection is in use") from None
        try:
            yield session
        finally:
            self._idle.put_nowait(session)


def _side(pair: Record | None, prefix: str) -> Row | None:
    """The part of a pair's row that belongs to one of its queries."""
    if pair is None or not pair[f"{prefix}found"]:
        return None
    return {name.removeprefix(prefix): value for name, value in pair.items() if name.startswith(prefix)}
