"""A connection that runs named queries as prepared statements."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from asyncpg import Connection, Record
from asyncpg.prepared_stmt import PreparedStatement

from autional.postgres.pool import PooledConnection
from autional.postgres.queries import Transaction, named_queries

WITH = " with "
_PARAMETER = re.compile(r"\$(\d+)")


class PreparedConnection:
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
        names = query.split(WITH)
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
    return batched_text(plain.get_query(), [parameter.name for parameter in plain.get_parameters()])


def _paired(first: "PreparedStatement[Record]", second: "PreparedStatement[Record]") -> str:
    columns = [[attribute.name for attribute in side.get_attributes()] for side in (first, second)]
    return paired_text(first.get_query(), second.get_query(), columns, len(first.get_parameters()))


def batched_text(text: str, types: Sequence[str]) -> str:
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
