"""autional doctor: check what the service needs."""

import os
import sys
from collections.abc import AsyncIterator
from typing import Annotated

import asyncpg
import typer
import uvloop
from asyncpg import Connection, Record

from autional.cli import outside, running
from autional.cli.outside import Finding, finding
from autional.cli.running import AsJson, DatabaseUrl, DataDir, ExitCode
from autional.core import configuration, master_key
from autional.core.errors import DatabaseUnavailableError, SchemaError
from autional.core.master_key import MasterKeyError
from autional.core.settings import Settings, SettingsError
from autional.postgres import citus, migrations, queries
from autional.postgres.connection import SETTINGS, connect, connected
from autional.postgres.database import Database
from autional.risk.geoip import GeoIp
from autional.runtime import forgotten, maintenance, service
from autional.tenancy import tenants
from autional.tokens import signing_keys

_BACKLOG_ALARM = 100_000
_BROKEN_POOLER = (
    "it mixes up prepared statements: PgBouncer 1.21 or newer with max_prepared_statements above 100 is needed"
)
_HOT_TABLES = ["sessions", "token_pairs", "access_tokens", "session_counters", "idempotency_keys"]

Url = Annotated[
    str | None, typer.Option("--url", metavar="URL", help="Check a running service from outside, at this address.")
]


def doctor(
    url: Url = None, as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Check everything that the service needs; with --url, what a running one says of itself."""

    async def work(chosen: Settings) -> list[Finding]:
        try:
            running.require_database(chosen)
        except SettingsError as error:
            return [finding("database", False, str(error))]
        service.refresh_grace_of(chosen)
        GeoIp(chosen.geoip_database)
        async with service.database_url(chosen, running.say) as opened:
            return [one async for one in _findings(chosen, opened)]

    with running.errors_reported():
        found = (
            list(outside.findings(url))
            if url
            else uvloop.run(work(configuration.load_settings(data_dir=data_dir, database_url=database_url)))
        )
    running.show(found, ("check", "result", "detail"), as_json=as_json)
    if any(result != "ok" for _, result, _ in found):
        sys.exit(ExitCode.UNAVAILABLE)


async def _findings(chosen: Settings, url: str) -> AsyncIterator[Finding]:
    connection = await connect(url)
    try:
        number, text = await connection.fetchrow("select current_setting('server_version_num')::int, version()") or (
            0,
            "",
        )
        yield finding("postgresql", number >= migrations.OLDEST_POSTGRESQL * 10_000, text.partition(" on ")[0])
        durable = await connection.fetchval("select current_setting('fsync') || current_setting('full_page_writes')")
        yield finding(
            "durability",
            durable == "onon",
            "fsync and full_page_writes are on"
            if durable == "onon"
            else "a crash can lose answered writes: turn on fsync and full_page_writes",
        )
    finally:
        await connection.close()
    if chosen.database_pooler_url is not None:
        yield await _pooler(chosen.database_pooler_url)
    try:
        await migrations.verify(url)
        yield finding("schema", True, "up to date")
    except SchemaError as error:
        yield finding("schema", False, str(error))
        return
    on_citus = await citus.is_spread_at(url)
    database = Database(url, 1, on_citus=on_citus)
    try:
        yield await _signing_keys(database, chosen)
        if on_citus:
            workers = await _workers(url)
            yield workers
            if workers[1] != "ok":
                return  # what follows would wait for them
        yield await _vacuum(database)
        backlog = await maintenance.overdue_sessions(database, await queries.database_time(database, None))
        yield finding("maintenance", backlog < _BACKLOG_ALARM, f"{backlog:,} expired sessions awaiting clean-up")
        kept = await database.row("kept_issuer", None)
        name = chosen.issuer or chosen.public_url or (kept["issuer"] if kept else "the address of the first start")
        former = kept["issuer"] if kept and kept["issuer"] != name else None
        yield finding("issuer", True, f"{name}, and before {former}" if former else name)
        yield _forgotten(chosen)
        yield finding("tenants", True, f"{len(await tenants.list_tenants(database))}")
    finally:
        await database.close()


async def _workers(url: str) -> Finding:
    """Whether the nodes of a Citus cluster are all there, and reach each other."""
    async with connected(url) as connection:
        try:
            await citus.check(connection)
        except SchemaError as error:
            return finding("workers", False, str(error))
    return finding("workers", True, "all there")


async def _signing_keys(database: Database, chosen: Settings) -> Finding:
    """Whether the master key opens the signing keys; a check makes neither."""
    if not await signing_keys.list_keys(database):
        path = master_key.master_file(chosen)
        has_one = chosen.master_key is not None or path.exists()
        told = "none yet: the first start makes one"
        return finding("signing keys", True, told if has_one else f"{told}, and a master key at {path.absolute()}")
    try:
        master = await signing_keys.master_key_for(database, chosen)
        ring = await signing_keys.key_ring(database, master, chosen.signing_algorithm, None)
    except MasterKeyError as error:
        return finding("signing keys", False, str(error))
    return finding("signing keys", True, f"{len(ring.jwks['keys'])} in use")


def _forgotten(chosen: Settings) -> Finding:
    """Whether what was forgotten is listed apart from the database."""
    path = forgotten.file_of(chosen)
    if path is None:
        return finding(
            "forgotten", True, "not listed apart: AUTIONAL_FORGOTTEN_FILE lets a restoration repeat erasures"
        )
    ok = path.parent.is_dir() and os.access(path if path.exists() else path.parent, os.W_OK)
    return finding("forgotten", ok, f"listed in {path}" if ok else f"{path} cannot be written")


async def _pooler(url: str) -> Finding:
    """Whether a pooler keeps the prepared statements of its clients apart, and the role has the settings it needs."""
    clients: list[Connection[Record]] = []
    try:
        for number in range(2):
            clients.append(await connect(url, pooled=True))
            statement = await clients[-1].prepare(f"select {number}", name="statement_1")
            if await statement.fetchval() != number:
                return finding("pooler", False, _BROKEN_POOLER)
        found = {name: await clients[0].fetchval("select current_setting($1)", name) for name in SETTINGS}
    except asyncpg.PostgresError:
        return finding("pooler", False, _BROKEN_POOLER)
    except DatabaseUnavailableError as error:
        return finding("pooler", False, str(error))
    finally:
        for client in clients:
            client.terminate()
    wrong = [name for name, value in SETTINGS.items() if found[name] != value]
    remedy = f"the role lacks settings ({', '.join(wrong)}): `autional migrate --role` gives or prints them"
    return finding("pooler", not wrong, remedy if wrong else "keeps prepared statements apart")


async def _vacuum(database: Database) -> Finding:
    """Whether dead rows of hot tables are removed before there are many."""
    row = await database.row("vacuuming", _HOT_TABLES)
    if row is None or row["autovacuum"] != "on":
        return finding("vacuum", False, "autovacuum is off")
    without = ", ".join(row["without_threshold"])
    told = f"hot tables without a threshold of their own: {without}" if without else "hot tables are vacuumed early"
    return finding("vacuum", not without, told)
