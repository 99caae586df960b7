"""One real PostgreSQL for the whole run; a fresh database, cloned from a migrated template, for each test."""

import asyncio
import base64
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import msgspec
import pytest
from joserfc.jwk import ECKey

from autional.access.caller import KeyRole
from autional.api.application import application
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.api.schemas import ProblemResponse
from autional.core import logging
from autional.core.authority import Role
from autional.core.clock import now as service_now
from autional.core.problems import CATALOGUE
from autional.core.settings import Settings
from autional.events.feed import Feed
from autional.postgres import citus, migrations
from autional.postgres.connection import HOT_ON_CITUS, LIMITS, SETTINGS, connect, connected
from autional.postgres.database import Database
from autional.postgres.embedded import server as embedded
from autional.risk.geoip import GeoIp
from autional.runtime.service import Service
from autional.tenancy import api_keys, tenants
from autional.tokens.issue import mint_operator_token
from autional.tokens.jwt import Issuer, KeyRing, SigningKey
from autional.tokens.model import StatusKeys
from autional.tokens.status_lists import PublishedLists
from tests import databases
from tests.contract import answer_keeps_to_the_document
from tests.databases import TEMPLATE, in_database

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
WITHOUT_CRASHES = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""No test pulls the plug on this server: those that do start their own (tests/crashes)."""
SERVICE = "autional_service"
logging.configure()


def claims_of(token: str) -> dict[str, Any]:
    """What an access token says, whoever signed it."""
    found: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return found


GIVEN_URL = os.environ.pop("AUTIONAL_TEST_DATABASE_URL", None)
"""Another PostgreSQL than the embedded one, by a role that may create databases."""
POOLER_URL = os.environ.pop("AUTIONAL_TEST_POOLER_URL", None)
"""A pooler in front of it, in transaction mode, that passes on every database."""


BUCKETS = int(os.environ.pop("AUTIONAL_TEST_BUCKETS", "0")) or None
"""Into how many buckets the tenant of the tests is split; otherwise it is not."""
CITUS_URL = os.environ.pop("AUTIONAL_TEST_CITUS_URL", None)
"""A database of the coordinator of a Citus cluster, which all tests share one after the other."""
changes_the_schema = pytest.mark.skipif(CITUS_URL is not None, reason="tests on a cluster share its schema")
not_on_citus = pytest.mark.skipif(CITUS_URL is not None, reason="not available on Citus")


def as_service(url: str) -> str:
    """The same database for the role of the service."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{SERVICE}:service@{parts.netloc.rpartition('@')[2]}").geturl()


@pytest.fixture(scope="session")
async def citus_tables() -> list[str]:
    """Spread the schema over the cluster; its tables."""
    assert CITUS_URL
    owner = await connect(CITUS_URL)
    await owner.execute("drop schema if exists autional cascade")
    await migrations.apply(CITUS_URL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(citus, "SHARDS", 4)  # which are soon emptied
        await citus.spread(CITUS_URL, lambda _: None)
    if not await owner.fetchval("select true from pg_roles where rolname = $1", SERVICE):
        await owner.execute(f"create role {SERVICE} login password 'service'")
    await migrations.grant(CITUS_URL, SERVICE)
    await owner.execute("alter table signing_keys disable trigger keep_signing_keys")
    tables = await owner.fetch("select tablename from pg_tables where schemaname = 'autional'")
    await owner.close()
    return [row["tablename"] for row in tables if row["tablename"] != "schema_versions"]


@pytest.fixture
async def citus_url(citus_tables: list[str]) -> str:
    """The cluster with the schema and nothing else."""
    assert CITUS_URL
    async with connected(CITUS_URL) as owner:
        await owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'autional' and pid <> pg_backend_pid()"
        )
        await owner.execute(f"truncate {', '.join(citus_tables)} restart identity")
    return CITUS_URL


@pytest.fixture(scope="session")
async def server_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    if GIVEN_URL is not None:
        yield GIVEN_URL
        return
    folder = tmp_path_factory.mktemp("postgres")
    folder.chmod(0o700)
    async with embedded.running(Path(folder), settings=WITHOUT_CRASHES) as server:
        yield server.url


@pytest.fixture(scope="session")
async def admin(server_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(server_url)
    yield connection
    await connection.close()


@pytest.fixture
async def empty_url(server_url: str, admin: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[str]:
    """A database with nothing in it."""
    name = databases.new_name("empty")
    await admin.execute(f"create database {name}")
    yield in_database(server_url, name)
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
async def template(server_url: str, admin: "asyncpg.Connection[asyncpg.Record]") -> str:
    await admin.execute(f"drop database if exists {TEMPLATE} with (force)")  # of an earlier run
    await admin.execute(f"create database {TEMPLATE}")
    migrated = in_database(server_url, TEMPLATE)
    await migrations.apply(migrated)
    if not await admin.fetchval("select true from pg_roles where rolname = $1", SERVICE):
        await admin.execute(f"create role {SERVICE} login password 'service'")
    await migrations.grant(migrated, SERVICE)
    for name, value in SETTINGS.items():  # in every database, as an operator sets them for a pooler
        await admin.execute(f"alter role {SERVICE} set {name} = '{value}'")
    return TEMPLATE


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """A database with the schema and nothing else."""
    found: str = request.getfixturevalue("citus_url" if CITUS_URL else "cloned_url")
    return found


@pytest.fixture
async def cloned_url(server_url: str, admin: "asyncpg.Connection[asyncpg.Record]", template: str) -> AsyncIterator[str]:
    name = await databases.take(admin)
    yield in_database(server_url, name)
    await databases.give_back(admin, server_url, name)


def database_at(url: str, connections: int, pooler_url: str | None = None) -> Database:
    """The database of a node, which knows that the tenant of the tests is split."""
    opened = Database(url, connections, pooler_url, on_citus=CITUS_URL is not None)
    opened.buckets.renew({"acme": BUCKETS} if BUCKETS else {})
    return opened


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    pooler_url = as_service(in_database(POOLER_URL, urlsplit(url).path[1:])) if POOLER_URL else None
    opened = database_at(as_service(url), 8, pooler_url)
    yield opened
    await opened.close()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    found = Issuer(
        KeyRing([SigningKey("k1", "ES256", ECKey.generate_key("P-256"))], "k1"),
        "http://127.0.0.1:8080",
        "autional",
        b"r" * 32,
        StatusKeys(b"l" * 32, b"i" * 32),
    )
    found.ring_read_at += 86_400  # no task reads them
    return found


@pytest.fixture
async def tenant(database: Database) -> str:
    await tenants.create_tenant(database, "acme", "Acme", NOW, key=b"t" * 32, buckets=BUCKETS)
    if BUCKETS:
        database.buckets.renew(await tenants.split_tenants(database))
        await tenants.enable_tenant(database, "acme")
    return "acme"


@pytest.fixture
async def feed(database: Database) -> AsyncIterator[Feed]:
    opened = Feed(database, b"c" * 32)
    yield opened
    await opened.close()


@pytest.fixture
async def service(database: Database, issuer: Issuer, tenant: str, feed: Feed, tmp_path: Path) -> Service:
    """The service over a fresh database with one tenant."""
    issuer.renew(issuer.ring, time.monotonic() + 86_400)
    return Service(
        Settings(master_key="bWFzdGVyIGtleSBvZiB0aGUgdGVzdHMgb2YgYXV0aW8", data_dir=str(tmp_path)),
        database,
        issuer,
        b"c" * 32,
        timedelta(seconds=10),
        b"f" * 32,
        b"t" * 32,
        b"s" * 32,
        GeoIp(None),
        feed,
        b"w" * 32,
        PublishedLists(),
    )


async def problems_only(answer: httpx.Response) -> None:
    """No answer of any test leaves the catalogue."""
    if answer.status_code < 400:
        return
    await answer.aread()
    problem = msgspec.json.decode(answer.content, type=ProblemResponse)
    kind = CATALOGUE[problem.type.rpartition("/")[2]]
    assert (problem.status, problem.code, problem.i18n_key) == (answer.status_code, kind.code, kind.i18n_key)
    assert answer.headers["content-type"] in {"application/problem+json", "application/json"}
    assert answer.headers["x-request-id"] == problem.request_id


HOOKS = {"response": [problems_only, answer_keeps_to_the_document]}


@pytest.fixture(scope="session", autouse=True)
def quick_servers() -> Iterator[None]:
    """Servers within this process look every 5 ms whether they are to stop, and not every 100."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.005))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uvicorn.server.asyncio", SimpleNamespace(**(vars(asyncio) | {"sleep": sleep})))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_clients() -> Iterator[None]:
    """Clients read the certificates of this machine once, and not each for itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


HOT = LIMITS["hot"]


@pytest.fixture(scope="session", autouse=True)
def patient_statements() -> Iterator[None]:
    """Nothing that a busy machine delays by a second is refused by a node within this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LIMITS, "hot", HOT_ON_CITUS)
        yield


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket on a free port of this machine only."""
    with server.bound_socket("127.0.0.1", 0) as listening:
        yield listening


@pytest.fixture
async def http(service: Service, listener: socket.socket) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, over HTTP on a free port."""
    async with (
        server.serving(application(service, OPERATIONS), listener, service.settings) as address,
        httpx.AsyncClient(base_url=address, trust_env=False, event_hooks=HOOKS, timeout=30) as client,
    ):
        yield client


@dataclass
class People:
    """Credentials of those who call: headers by what they may do."""

    service: Service
    tenant: str

    async def bearer(self, role: Role = "admin", tenant: str | None = None, life: int = 3600) -> dict[str, str]:
        token = await mint_operator_token(
            self.service.database,
            self.service.issuer,
            tenant_id=tenant or self.tenant,
            user_id=f"the_{role}",
            role=role,
            life=timedelta(seconds=life),
            at=service_now(),
        )
        return {"Authorization": f"Bearer {token}"}

    async def api_key(self, tenant: str | None = None, role: KeyRole = "service") -> dict[str, str]:
        scope = None if role == "platform_admin" else [tenant or self.tenant]
        key = await api_keys.create_api_key(self.service.database, "test", scope, service_now(), role)
        return {"X-API-Key": key, "X-Tenant-ID": tenant or self.tenant}


@pytest.fixture
def people(service: Service, tenant: str) -> People:
    return People(service, tenant)
