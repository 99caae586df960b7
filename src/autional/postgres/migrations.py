"""The schema: forward-only migrations and SQL functions, applied and verified under a lock."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import asyncpg
from asyncpg import Connection, Record

from autional.core.errors import SchemaError
from autional.postgres import citus, roles
from autional.postgres.connection import SCHEMA, connected
from autional.postgres.queries import sql_files, text_for

_LOCK = 0x6175_7469_6F6E_616C
_PATIENCE = 3600.0
OLDEST_POSTGRESQL = 16
_FUNCTIONS = "functions"
_BEFORE_RELEASES = "0001_foundation.sql"
_BOOKKEEPING = f"""
create schema if not exists {SCHEMA};
create table if not exists schema_versions (
    name       text primary key,
    sha256     text not null,
    applied_at timestamptz not null default now()
);
"""


async def apply(url: str) -> list[str]:
    """Migrate the schema to this release; returns the names of the steps that were applied.

    Each step is a transaction of its own. Concurrent processes wait for each other. Raises SchemaError,
    DatabaseUnavailableError.
    """
    async with _locked(url) as connection:
        on_citus = await citus.is_spread(connection)
        if on_citus:
            await citus.check(connection)
        try:
            await connection.execute(_BOOKKEEPING)
        except asyncpg.InsufficientPrivilegeError as error:
            raise SchemaError(f"only the owner of the schema migrates it, who may create one: {error}") from None
        steps = _pending(await _applied(connection))
        for name, raw in steps:
            text = text_for(raw, on_citus=on_citus)
            async with connection.transaction():
                await connection.execute(text, timeout=_PATIENCE)
                await connection.execute(
                    "insert into schema_versions (name, sha256) values ($1, $2)"
                    " on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()",
                    name,
                    _sha256(raw),
                )
        if on_citus:
            await citus.spread_functions(connection)
        await roles.grant_again(connection)
    return [name for name, _ in steps]


async def analyze(url: str) -> None:
    """Have the planner know all tables, as after their rows were copied. Raises DatabaseUnavailableError."""
    async with connected(url) as connection:
        await connection.execute("analyze", timeout=_PATIENCE)


async def reset_clock(url: str) -> None:
    """Have a database used whose clock was ahead by mistake and has been set back. Raises DatabaseUnavailableError."""
    async with connected(url) as connection:
        await connection.execute("delete from heartbeat")


async def require_role(url: str, role: str) -> None:
    """Check that a role can be let serve this database. Raises RoleError, DatabaseUnavailableError."""
    async with connected(url) as connection:
        await roles.require(connection, role)


async def grant(url: str, role: str) -> bool:
    """Let a role serve this database (`roles`); returns whether it got its settings too.

    Raises RoleError, SchemaError, DatabaseUnavailableError.
    """
    async with _locked(url) as connection:
        return await roles.grant(connection, role)


async def verify(url: str) -> None:
    """Check the schema. Raises SchemaError if it is older or newer than this release, DatabaseUnavailableError."""
    async with _locked(url) as connection:
        known = await connection.fetchval("select to_regclass('schema_versions') is not null")
        pending = _pending(await _applied(connection) if known else {})
    if not known:
        raise SchemaError("this database has no tables of Autional: check its name, then run `autional migrate`")
    if pending:
        missing = (
            "its functions are of another release" if pending[0][0] == _FUNCTIONS else f"{pending[0][0]} is missing"
        )
        raise SchemaError(f"the schema is out of date ({missing}): run `autional migrate` first")


@cache
def step_names() -> frozenset[str]:
    """The steps that this release needs."""
    return frozenset(name for name, _ in _steps())


def _steps() -> list[tuple[str, str]]:
    """Names and texts of the migrations, in order, and of the functions as they are now."""
    migrations, functions = sql_files("migrations"), sql_files("functions")
    return [*migrations, (_FUNCTIONS, "\n".join(text for _, text in functions))]


def _pending(applied: dict[str, str]) -> list[tuple[str, str]]:
    steps = _steps()
    if _BEFORE_RELEASES in applied:
        raise SchemaError(
            "this database was made before version 0.1.0, the first that can be upgraded: use an empty database"
        )
    unknown = sorted(applied.keys() - {name for name, _ in steps})
    if unknown:
        raise SchemaError(f"the schema is newer than this release ({unknown[-1]}): install the newer release")
    changed = [name for name, text in steps if name != _FUNCTIONS and applied.get(name, _sha256(text)) != _sha256(text)]
    if changed:
        raise SchemaError(
            f"{changed[0]} is not what was applied to this database: install the release that migrated it"
        )
    return [(name, text) for name, text in steps if applied.get(name) != _sha256(text)]


async def _applied(connection: "Connection[Record]") -> dict[str, str]:
    return {row["name"]: row["sha256"] for row in await connection.fetch("select name, sha256 from schema_versions")}


@asynccontextmanager
async def _locked(url: str) -> AsyncIterator["Connection[Record]"]:
    async with connected(url) as connection:
        version = connection.get_server_version()
        if version.major < OLDEST_POSTGRESQL:
            raise SchemaError(
                f"PostgreSQL {version.major}.{version.minor} is too old: {OLDEST_POSTGRESQL} or newer is needed"
            )
        await connection.execute("select pg_advisory_lock($1)", _LOCK, timeout=_PATIENCE)
        yield connection


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
