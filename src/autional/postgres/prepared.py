"""A connection that runs named queries as prepared statements."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
from asyncpg import Connection, Record
from asyncpg.prepared_stmt import PreparedStatement

from autional.core import tracing
from autional.core.errors import WorkerSilentError
from autional.postgres.buckets import joined
from autional.postgres.pool import PooledConnection
from autional.postgres.queries import Pair, Row, Transaction, named_queries, tenant_of

_PREFIXES = ("1.", "2.")
_PARAMETER = re.compile(r"\$(\d+)")


class PreparedConnection:
    """A connection of the pool, while it is used by one caller."""

    def __init__(self, place: PooledConnection) -> None:
        self._place = place

    async def rows(self, query: str | Pair, *arguments: object) -> list[Record]:
        """All rows of a query; of a set query those of one call. Of a split tenant those of its buckets."""
        if isinstance(query, Pair) or not self._place.buckets.has(tenant_of(query, arguments)):
            return await self._rows(query, arguments)
        place = named_queries()[query].place
        calls = self._place.buckets.calls(place, arguments)
        found = [await self._rows((place and place.by) or query, call) for call in calls]
        return joined(place, found)

    async def _rows(self, query: str | Pair, arguments: tuple[object, ...]) -> list[Record]:
        if isinstance(query, Pair) or named_queries()[query].is_set:
            arguments = *([argument] for argument in arguments), *self._home_of(query, arguments)
        async with self._place.usable() as connection:
            with tracing.span("statement", query=_name_of(query)):
                statement = await self._statement(connection, query)
                return await statement.fetch(*arguments)

    async def row(self, query: str | Pair, *arguments: object) -> Record | None:
        """The first row of a query or pair."""
        found = await self.rows(query, *arguments)
        return found[0] if found else None

    async def row_of_each(self, query: str | Pair, calls: Sequence[tuple[object, ...]]) -> list[Record | None]:
        """The row of each call of a set query, in order; None where there is none."""
        async with self._place.usable() as connection:
            with tracing.span("statement", query=_name_of(query), calls=len(calls)):
                statement = await self._statement(connection, query)
                rows = await statement.fetch(*zip(*calls, strict=True), *self._home_of(query, calls[0]))
        return by_turn(rows, [None] * len(calls))

    def _text(self, query: str) -> str:
        named = named_queries()[query]
        return named.on_citus if self._place.on_citus else named.text

    def _home_of(self, query: str | Pair, call: Sequence[object]) -> tuple[object, ...]:
        """The home that all calls of a set query have, where it is sent to the node of a tenant."""
        is_routed = self._place.on_citus and isinstance(query, str) and named_queries()[query].is_routed
        return (call[0],) if is_routed else ()

    async def _statement(self, connection: "Connection[Record]", query: str | Pair) -> "PreparedStatement[Record]":
        if isinstance(query, str):
            return await self._place.prepared(connection, query, lambda: self._text(query))
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
            with tracing.span("statement", query="composed"):
                await connection.execute("set local plan_cache_mode = force_custom_plan")
                return await connection.fetch(text, *arguments)

    async def composed_within(self, seconds: float, text: str, *arguments: object) -> list[Record] | None:
        """All rows of a composed reading; None if it took longer than that, and the transaction goes on."""
        async with self._place.usable() as connection:
            attempt = connection.transaction()
            await attempt.start()
            try:
                await connection.execute(f"set local statement_timeout = {round(seconds * 1000)}")
                return await self.composed(text, *arguments)
            except (asyncpg.QueryCanceledError, WorkerSilentError):
                return None
            finally:
                await attempt.rollback()  # and with it the limit

    def buckets_of(self, tenant_id: str, user_id: str | None = None) -> list[str]:
        """The buckets of a split tenant, or the one of a user; of another tenant it alone."""
        buckets = self._place.buckets
        return buckets.of(tenant_id) if user_id is None else [buckets.of_user(tenant_id, user_id)]

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add many rows at once (COPY)."""
        async with self._place.usable() as connection:
            await connection.copy_records_to_table(table, columns=columns, records=rows)


def _name_of(query: str | Pair) -> str:
    return query if isinstance(query, str) else " + ".join(query)


def by_turn(rows: Sequence[Record], answers: list[Record | None]) -> list[Record | None]:
    """The answers of calls, with each row in the place of its `turn`; a call without a row keeps what it had."""
    for row in rows:
        answers[row["turn"] - 1] = row
    return answers


def _paired(first: "PreparedStatement[Record]", second: "PreparedStatement[Record]") -> str:
    columns = [[attribute.name for attribute in side.get_attributes()] for side in (first, second)]
    return paired_text(first.get_query(), second.get_query(), columns, len(first.get_parameters()))


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
    first, second = (_Side(pair, prefix) if pair[f"{prefix}turn"] else None for prefix in _PREFIXES)
    return first, second


def paired_text(first: str, second: str, columns: Sequence[Sequence[str]], parameters: int) -> str:
    """Two set queries as one; `sides` splits its rows.

    The parameters of the second follow the `parameters` of the first.
    """
    moved = _PARAMETER.sub(lambda match: f"${int(match[1]) + parameters}", second)
    named = [
        f'answer{place}."{name}" as "{prefix}{name}"'
        for place, (prefix, names) in enumerate(zip(_PREFIXES, columns, strict=True), 1)
        for name in names
    ]
    sides = f"({first}\n) as answer1 full join ({moved}\n) as answer2 using (turn)"
    return f"select turn, {', '.join(named)} from {sides}"  # noqa: S608 - queries of ours
