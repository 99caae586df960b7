"""One real PostgreSQL for the whole run; a fresh database, cloned from a migrated template, for each test."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from autional import embedded, migrate
from autional.db import Database

_numbers = itertools.count(1)


def in_database(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
async def server_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("postgres")
    folder.chmod(0o700)
    async with embedded.running(Path(folder)) as server:
        yield server.url


@pytest.fixture(scope="session")
async def admin(server_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(server_url)
    yield connection
    await connection.close()


@pytest.fixture
async def empty_url(server_url: str, admin: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[str]:
    """A database with nothing in it."""
    name = f"empty_{next(_numbers)}"
    await admin.execute(f"create database {name}")
    yield in_database(server_url, name)
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
async def template(server_url: str, admin: "asyncpg.Connection[asyncpg.Record]") -> str:
    await admin.execute("create database template_autional")
    await migrate.apply(in_database(server_url, "template_autional"))
    return "template_autional"


@pytest.fixture
async def url(server_url: str, admin: "asyncpg.Connection[asyncpg.Record]", template: str) -> AsyncIterator[str]:
    """A database with the schema and nothing else."""
    name = f"test_{next(_numbers)}"
    await admin.execute(f"create database {name} template {template}")
    yield in_database(server_url, name)
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url, connections=8)
    yield opened
    await opened.close()
