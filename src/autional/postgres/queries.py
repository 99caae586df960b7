"""Named queries: their texts, and what runs them.

A query stands in sql/queries/ under a line `-- name: …`. A second line `-- set` says that it is a set query: each of
its parameters is an array with one element per call, and its rows have the `turn` of their call (from 1), so that
concurrent calls share a statement. A line `-- batched by …` is for a write, of a tenant ($1) and a JSON object ($2). It
names the query that answers concurrent calls for one tenant, given all their objects in an array: it answers those that
it can answer at once, and has no row for a call that has to be made alone.

A line `-- of the user $3`, `-- of the session $2`, `-- of the tenant` or `-- of each bucket` says to which buckets of a
split tenant ($1) it goes (`buckets`).

Where tables are spread over nodes, lines that end with `-- not on Citus` are left out, and what stands after
`-- on Citus: ` is used. A set query whose calls have a
`home` is then sent for one tenant at a time, and gets that home as its last parameter: so it is one task on one node.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import asyncpg
from asyncpg import Record

from autional.core.errors import WORKER_LOST, DatabaseUnavailableError
from autional.postgres.buckets import Place
from autional.postgres.pool import OUTDATED

_SET = "-- set\n"
_BATCHED = re.compile(r"-- batched by (\w+)\n")
_ELSEWHERE = re.compile(r"^.*-- not on Citus$\n?|-- on Citus: ", re.MULTILINE)
_HOME_OF_CALL = re.compile(r"\bcall\.home\b")
_HOME_FIRST = re.compile(r"\bhome = \$1\b|\(\s*home, [^()]*\)\s*(?:values \(|select )\$1\b|call\.home\b")
_OF_TENANT = re.compile(r"function (\w+)\(\s*_home bigint")
_PARAMETER = re.compile(r"\$(\d+)")


class Row(Protocol):
    """A row of a result: values by column name."""

    def __getitem__(self, column: str, /) -> Any: ...


Bounds = tuple[datetime | None, str | None, int, int]
"""Which part of a list, newest first: after which time and id (None: from the start), how many, how many to skip."""
MOST_COUNTED = 10_000
"""Up to here the size of a list is counted."""
Answer = TypeVar("Answer")
SecondAnswer = TypeVar("SecondAnswer")


class Size(NamedTuple):
    """How many items a list has, or the bound up to which they were counted."""

    total: int
    is_exact: bool = True

    @classmethod
    def up_to_bound(cls, counted: int) -> "Size":
        """The size of a list of which no more than one beyond the bound were counted."""
        return cls(min(counted, MOST_COUNTED), counted <= MOST_COUNTED)


class Lookup(NamedTuple, Generic[Answer]):
    """A named query with its arguments; `parse_row` turns its row into the answer, or raises a Problem."""

    query: str
    arguments: tuple[object, ...]
    parse_row: Callable[[Row | None], Answer]


class Queries(Protocol):
    """Runs named queries: the database (each in its own transaction) or a transaction."""

    async def rows(self, query: str, *arguments: object) -> list[Record]:
        """All rows of the named query. Raises DatabaseUnavailableError."""
        ...

    async def row(self, query: str, *arguments: object) -> Record | None:
        """The first row of the named query. Raises DatabaseUnavailableError."""
        ...


async def look_up(queries: Queries, lookup: Lookup[Answer]) -> Answer:
    """The answer of a lookup. Raises what its `parse_row` raises, and DatabaseUnavailableError."""
    return lookup.parse_row(await queries.row(lookup.query, *lookup.arguments))


async def database_time(queries: Queries, at: datetime | None) -> datetime:
    """The database's time, to share between several statements; `at` instead, if a test passes it.

    Raises DatabaseUnavailableError.
    """
    row = await queries.row("instant", at)
    if row is None:
        raise DatabaseUnavailableError("no time")
    now: datetime = row["instant"]
    return now


async def rows_of_reachable(queries: Queries, query: str, *arguments: object) -> Sequence[Row]:
    """The rows of a query over all tenants; on Citus, while a worker is away, those of tenants that are there.

    The query `reachable_…` gives those. Raises DatabaseUnavailableError.
    """
    try:
        return await queries.rows(query, *arguments)
    except WORKER_LOST:
        return await queries.rows(f"reachable_{query}", *arguments)


async def in_batches(queries: Queries, query: str, *arguments: object, size: int) -> int:
    """Run a query until it has done less than a whole batch; returns how much it did in all.

    The size of a batch is its last parameter, `done` the column that says how much of it was done. Raises
    DatabaseUnavailableError.
    """
    total = 0
    while row := await queries.row(query, *arguments, size):
        total += row["done"]
        if row["done"] < size:
            break
    return total


async def until_done(queries: Queries, query: str, *arguments: object) -> None:
    """Run a query until it says that there is no more to do (`has_more`). Raises DatabaseUnavailableError."""
    while (row := await queries.row(query, *arguments)) and row["has_more"]:
        pass


async def with_retry(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """Run a whole transaction, once more after a deadlock, a serialization failure or a schema change."""
    try:
        return await work()
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, *OUTDATED):
        return await work()


class Store(Queries, Protocol):
    """Runs named queries, several of them in one transaction where needed."""

    def transaction(self, **options: Any) -> "AbstractAsyncContextManager[Transaction]":
        """A transaction that is committed at the end of the block."""
        ...


class Transaction(Store, Protocol):
    """Queries that take effect together; a transaction inside it is a savepoint and takes no options."""

    async def composed(self, text: str, *arguments: object) -> list[Record]:
        """All rows of a statement composed of named parts, planned for these arguments."""
        ...

    async def composed_within(self, seconds: float, text: str, *arguments: object) -> list[Record] | None:
        """The same for a reading; None if it took longer than that, and the transaction goes on."""
        ...

    def buckets_of(self, tenant_id: str, user_id: str | None = None) -> list[str]:
        """The buckets of a split tenant, or the one of a user; of another tenant it alone."""
        ...

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add many rows at once (COPY). Raises DatabaseUnavailableError."""
        ...


class NamedQuery(NamedTuple):
    """A query of sql/queries/."""

    text: str
    is_set: bool
    batched_by: str | None
    """The query that answers concurrent calls of it for one tenant."""
    on_citus: str
    """Its text where tables are spread over nodes."""
    is_routed: bool
    """Whether that has the home of its calls as one more parameter."""
    of_tenant: bool
    """Whether its first parameter is the home of a tenant."""
    place: Place | None
    """Where it goes for a split tenant."""


class Pair(NamedTuple):
    """Two set queries that are sent as one statement."""

    first: str
    second: str


def tenant_of(query: str, arguments: tuple[object, ...]) -> object:
    """The tenant that a query is about; None: no tenant."""
    return arguments[0] if named_queries()[query].of_tenant else None


@cache
def named_queries() -> dict[str, NamedQuery]:
    """All queries by name."""
    return {name: _query(text) for name, text in _named("name").items()}


def _query(text: str) -> NamedQuery:
    match = _BATCHED.match(text)
    is_set = text.startswith(_SET)
    on_citus = text_for(text, on_citus=True)
    is_routed = is_set and bool(_HOME_OF_CALL.search(on_citus))
    if is_routed:
        parameters = max(int(number) for number in _PARAMETER.findall(on_citus))
        on_citus = _HOME_OF_CALL.sub(f"${parameters + 1}::bigint", on_citus)
    return NamedQuery(
        text, is_set, match[1] if match else None, on_citus, is_routed, _is_of_tenant(text), Place.in_text(text)
    )


def _is_of_tenant(text: str) -> bool:
    called = re.search(r"(?:select|from|,) (\w+)\(\$1\b", text)
    return bool(_HOME_FIRST.search(text)) or bool(called and called[1] in _functions_of_tenants())


@cache
def _functions_of_tenants() -> frozenset[str]:
    texts = [text for _, text in sql_files("functions")]
    return frozenset(name for text in texts for name in _OF_TENANT.findall(text))


@cache
def named_parts() -> dict[str, str]:
    """The parts that statements are composed of, by name."""
    return _named("part")


def text_for(text: str, *, on_citus: bool) -> str:
    """The text of a query or function where tables are spread over nodes, or in one database."""
    return _ELSEWHERE.sub("", text) if on_citus else text


def _named(kind: str) -> dict[str, str]:
    texts = [text for _, text in sql_files("queries")]
    found: dict[str, str] = {}
    for part in [part for text in texts for part in re.split(rf"^-- {kind}: ", text, flags=re.MULTILINE)[1:]]:
        name, _, body = part.partition("\n")
        if name in found:
            raise ValueError(f"two queries are called {name}")
        found[name] = body.strip()
    return found


def sql_files(folder: str) -> list[tuple[str, str]]:
    """Path and text of every file in a folder of sql/, in order."""
    root = Path(__file__).parent / "sql" / folder
    return [(str(path.relative_to(root)), path.read_text()) for path in sorted(root.rglob("*.sql"))]
