"""Statements x what can go wrong with them; then a good statement on every connection of every pool."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import asyncpg
import pytest
from tests.conftest import CITUS_URL, HOT, changes_the_schema, database_at

from autional.core.errors import DatabaseBusyError, DatabaseUnavailableError, NotOnCitusError
from autional.postgres.connection import LIMITS, WorkClass
from autional.postgres.database import Database
from autional.postgres.queries import Pair, named_queries

HOSTILE: dict[str, list[Any]] = {
    "timestamptz": [
        datetime.min.replace(tzinfo=timezone(timedelta(hours=23, minutes=59))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-23, minutes=-59))),
    ],
    "text": ["\x00", "\ud800"],
    "int4": [10**30, -(10**30)],
    "int8": [10**30, -(10**30)],
    "float8": ["much"],
    "interval": [timedelta.max],
    "inet": ["not an address"],
    "bytea": ["text"],
    "jsonb": [object(), "\ud800", {"a": "\x00"}],
    "uuid": ["not a uuid"],
}


async def every_connection_is_whole(database: Database) -> None:
    """Ask all connections at once, so that none is left out."""
    for work, size in database.sizes.items():
        together = asyncio.Barrier(size)

        async def ask(work: Any = work, together: asyncio.Barrier = together) -> None:
            async with database.share(work, None).transaction() as queries:
                await queries.rows("one")
                await together.wait()

        async with asyncio.timeout(10):
            await asyncio.gather(*(ask() for _ in range(size)))


async def parameters(url: str) -> dict[str, list[str]]:
    """The types of the parameters of every named query."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "autional"})
    try:
        statements = {name: await connection.prepare(text) for name, (text, *_) in named_queries().items()}
        return {
            name: [
                found.name.removesuffix("[]") if named_queries()[name].is_set else found.name
                for found in one.get_parameters()
            ]
            for name, one in statements.items()
        }
    finally:
        await connection.close()


def failing_arguments(types: list[str]) -> list[list[Any]]:
    """For each parameter each hostile value, all others null."""
    return [
        [value if other == place else None for other in range(len(types))]
        for place, kind in enumerate(types)
        for value in [object(), *HOSTILE.get(kind, [])]
    ]


async def refused(call: Any) -> bool:
    try:
        await call
    except Exception:
        return True
    return False


async def test_arguments_that_cannot_be_sent_harm_nobody(url: str) -> None:
    database, failed = database_at(url, connections=3), 0
    try:
        for name, types in (await parameters(url)).items():
            for number, arguments in enumerate(failing_arguments(types)):
                asked = in_transaction if number % 2 else alone
                failed += await refused(asked(database, name, arguments))
        await every_connection_is_whole(database)
        assert failed > 250
    finally:
        await database.close()


async def alone(database: Database, name: str, arguments: list[Any]) -> None:
    await database.share("hot", "acme").row(name, *arguments)


async def in_transaction(database: Database, name: str, arguments: list[Any]) -> None:
    async with database.share("lists", "acme").transaction(isolation="repeatable_read") as queries:
        await queries.rows(name, *arguments)


async def test_a_pair_of_readings_survives_arguments_that_cannot_be_sent(database: Database, tenant: str) -> None:
    group, pair = database.share("hot", tenant)._batchers, Pair("token_status", "session_statistics")
    good = await asyncio.gather(
        *(group.pair(pair, (object(), None, None, None, None, None)) for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(error, Exception) for error in good)
    await every_connection_is_whole(database)


@pytest.mark.parametrize("code", ["40P01", "40001", "57014", "55P03", "23505", "0A000", "XX000", "22023", "53100"])
async def test_what_the_server_refuses_harms_nobody(database: Database, code: str) -> None:
    for work in database.sizes:
        with pytest.raises((asyncpg.PostgresError, DatabaseBusyError, NotOnCitusError)):
            async with database.share(work, "acme").transaction() as queries:
                await queries.composed(f"do $$ begin raise exception using errcode = '{code}'; end $$")
    await every_connection_is_whole(database)


@pytest.mark.parametrize(("work", "seconds"), [("hot", 3 if CITUS_URL else 1), ("lists", 3)])
async def test_a_statement_has_a_time_limit_that_fits_its_work(
    database: Database, monkeypatch: pytest.MonkeyPatch, work: WorkClass, seconds: int
) -> None:
    monkeypatch.setitem(LIMITS, "hot", HOT)
    began = asyncio.get_running_loop().time()
    with pytest.raises(DatabaseBusyError):
        async with database.share(work, "acme").transaction() as queries:
            await queries.composed("select pg_sleep(20)")
    assert seconds <= asyncio.get_running_loop().time() - began < seconds + 2
    await every_connection_is_whole(database)


async def test_who_waits_for_a_lock_is_refused_in_time_and_alone(
    database: Database, url: str, tenant: str, now: datetime
) -> None:
    holder = await asyncpg.connect(url)
    try:
        await holder.execute("begin; lock table autional.tenants in access exclusive mode")
        waiting = [database.share("hot", tenant).row("tenants") for _ in range(20)]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(outcome, DatabaseBusyError) for outcome in outcomes)
        await holder.execute("rollback")
    finally:
        await holder.close()
    await every_connection_is_whole(database)


@pytest.mark.parametrize("route", ["single", "transaction", "grouped"])
async def test_a_connection_that_is_cut_is_replaced(database: Database, url: str, route: str) -> None:
    await every_connection_is_whole(database)
    holder = await asyncpg.connect(url)
    try:
        await holder.execute("begin; lock table autional.api_keys, autional.tenants in access exclusive mode")
        if route == "grouped":
            calls = [database.row("api_key", f"key_{number}") for number in range(8)]
        elif route == "single":
            calls = [database.share("hot", "acme").row("enabled_tenant", "acme")]
        else:
            calls = [in_transaction(database, "enabled_tenant", ["acme"])]
        running = asyncio.gather(*calls, return_exceptions=True)
        await asyncio.sleep(0.2)
        await holder.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'autional' and datname = current_database()"
        )
        outcomes = await running
        assert all(isinstance(outcome, DatabaseUnavailableError) for outcome in outcomes)
    finally:
        await holder.close()
    await asyncio.sleep(0.5)  # idle connections were cut too, and hear of it now
    await every_connection_is_whole(database)


@changes_the_schema
async def test_statements_survive_a_migration(database: Database, url: str, tenant: str) -> None:
    await every_connection_is_whole(database)
    for work, size in database.sizes.items():
        await asyncio.gather(*(database.share(work, None).row("tenants") for _ in range(size)))
    changing = await asyncpg.connect(url)
    await changing.execute("alter table autional.tenants alter column name type varchar(400)")
    await changing.close()
    for work in database.sizes:
        assert await database.share(work, None).row("tenants") is not None


async def test_a_tenant_that_floods_leaves_connections_to_the_others(database: Database) -> None:
    """Twenty slow calls of one tenant; another's call is answered before most of them."""

    async def slow() -> None:
        with contextlib.suppress(DatabaseBusyError):
            async with database.share("hot", "greedy").transaction() as queries:
                await queries.composed("select pg_sleep(0.3)")

    flood = [asyncio.create_task(slow()) for _ in range(20)]
    await asyncio.sleep(0.05)
    loop = asyncio.get_running_loop()
    for _ in range(5):
        began = loop.time()
        await database.share("hot", "modest").rows("instant", datetime(2026, 1, 1, tzinfo=UTC))
        assert loop.time() - began < 0.25
    await asyncio.gather(*flood)
