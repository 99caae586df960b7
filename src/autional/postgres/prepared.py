"""A connection that runs named queries as prepared statements."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

from asyncpg import Connection, Record
from asyncpg.prepared_stmt import PreparedStatement

from autional.postgres.pool import PooledConnection
from autional.postgres.queries import Pair, Row, Transaction, named_queries

_PREFIXES = ("1.", "2.")
_PARAMETER = re.compile(r"\$(\d+)")


class _Batched(NamedTuple):
    """A query in its form for many calls."""

    query: str | Pair


class PreparedConnection:
    """A connection of the pool, while it is used by one caller."""

    def __init__(self, place: PooledConnection) -> None:
        self._place = place

    async def rows(self, query: str | Pair, *arguments: object) -> list[Record]:
        """All rows of a query."""
        async with self._place.usable() as connection:
            statement = await self._statement(connection, query)
            return await statement.fetch(*arguments)

    async def row(self, query: str | Pair, *arguments: object) -> Record | None:
        """The first row of a query or pair."""
        found = await self.rows(query, *arguments)
        return found[0] if found else None

    async def rows_of_batch(self, query: str | Pair, calls: Sequence[tuple[object, ...]]) -> list[Record]:
        """The row of each call, in order, from one statement; `answered` is null where there is none."""
        async with self._place.usable() as connection:
            plain = await self._statement(connection, query)
            statement = await self._place.prepared(connection, _Batched(query), partial(_batched, plain))
            return await statement.fetch(*zip(*calls, strict=True))

    async def row_each(self, query: str, calls: Sequence[tuple[object, ...]]) -> list[Record]:
        """The one row of each call, all in one transaction and round trip. Raises ValueError if one is missing."""
        async with self._place.usable() as connection:
            statement = await self._statement(connection, query)
            rows = await statement.fetchmany(calls)
        if len(rows) != len(calls):
            raise ValueError(f"{query} must answer one row a call")
        return rows

    async def _statement(self, connection: "Connection[Record]", query: str | Pair) -> "PreparedStatement[Record]":
        if isinstance(query, str):
            return await self._place.prepared(connection, query, lambda: named_queries()[query].text)
        sides = [await self._statement(connection, name) for name in query]
        return await self._place.prepared(connection, query, partial(_paired, *sides))

    @asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[Transaction]:
        """A transaction, or a savepoint inside one, for the length of the block."""
        async with (
            self._place.usable() as connection,
            connection.transaction(**({} if connection.is_in_transaction() else options)),
        ):
            yield self

    async def composed(self, text: str, *arguments: object) -> list[Record]:
        """All rows of a composed statement, planned for its arguments."""
        async with self._place.usable() as connection:
            await connection.execute("set local plan_cache_mode = force_custom_plan")
            return await connection.fetch(text, *arguments)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add many rows at once (COPY)."""
        async with self._place.usable() as connection:
            await connection.copy_records_to_table(table, columns=columns, records=rows)


def _batched(plain: "PreparedStatement[Record]") -> str:
    return batched_text(plain.get_query(), [parameter.name for parameter in plain.get_parameters()])


def _paired(first: "PreparedStatement[Record]", second: "PreparedStatement[Record]") -> str:
    columns = [[attribute.name for attribute in side.get_attributes()] for side in (first, second)]
    return paired_text(first.get_query(), second.get_query(), columns, len(first.get_parameters()))


def batched_text(text: str, types: Sequence[str]) -> str:
    """A query of one row, rewritten for arrays of its parameters: one row per call, in order."""
    names = ", ".join(f"a{number}" for number in range(1, len(types) + 1))
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, 1))
    inner = _PARAMETER.sub(r"call.a\1", text)
    calls = f"unnest({arrays}) with ordinality as call ({names}, turn)"
    one = f"select true as answered, one.* from ({inner}\n) as one limit 1"  # noqa: S608 - a query of ours
    return f"select answer.* from {calls} left join lateral ({one}) as answer on true order by turn"  # noqa: S608 - and its frame


class _Side:
    """The row of one query of a pair."""

    __slots__ = ("_pair", "_prefix")

    def __init__(self, pair: Record, prefix: str) -> None:
        self._pair = pair
        self._prefix = prefix

    def __getitem__(self, column: str) -> Any:
        return self._pair[self._prefix + column]


def sides(pair: Record | None) -> tuple[Row | None, Row | None]:
    """The rows of both queries of a pair; None where there is no row."""
    if pair is None:
        return None, None
    first, second = (_Side(pair, prefix) if pair[f"{prefix}found"] else None for prefix in _PREFIXES)
    return first, second


def paired_text(first: str, second: str, columns: Sequence[Sequence[str]], parameters: int) -> str:
    """Two queries of one row as one statement; `sides` splits its row.

    The parameters of the second follow the `parameters` of the first.
    """
    moved = _PARAMETER.sub(lambda match: f"${int(match[1]) + parameters}", second)
    named = [
        f'answer{place}."{name}" as "{prefix}{name}"'
        for place, (prefix, names) in enumerate(zip(_PREFIXES, columns, strict=True), 1)
        for name in ("found", *names)
    ]
    joins = " ".join(
        f"left join lateral (select true as found, one.* from ({text}\n) as one limit 1) as answer{place} on true"  # noqa: S608 - queries of ours
        for place, text in enumerate((first, moved), 1)
    )
    return f"select {', '.join(named)} from (values (true)) as always {joins}"  # noqa: S608 - and their frame
