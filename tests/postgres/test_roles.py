"""The role of the service may do what it does, and neither change the schema nor rewrite the audit log."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.conftest import changes_the_schema, not_on_citus

from autional.postgres import migrations
from autional.postgres.roles import RoleError

ROLE = 'autional"service'


@pytest.fixture
async def as_service(url: str) -> AsyncIterator[str]:
    """The URL of the migrated database for the role of the service, which logs in by SCRAM where TCP asks for it."""
    owner = await asyncpg.connect(url)
    await owner.execute(f"""create role "{ROLE.replace('"', '""')}" login password 'canary'""")
    assert await migrations.grant(url, ROLE)
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    yield parts._replace(netloc=f"autional%22service:canary@{host}").geturl()
    await owner.execute(f"""drop owned by "{ROLE.replace('"', '""')}" """)
    await owner.execute(f"""drop role "{ROLE.replace('"', '""')}" """)
    await owner.close()


REFUSED = [
    "create table autional.x ()",
    "alter table autional.sessions add column x text",
    "drop function autional.append_audit",
    "create or replace function autional.minute_of(timestamptz) returns integer language sql as 'select 1'",
    "truncate autional.sessions",
    "update autional.audit_entries set details = null",
    "delete from autional.audit_entries",
    "update autional.audit_values set value = null, salt = null",
    "insert into autional.audit_heads (home, sequence, hash) values (7, 0, '')",
    "delete from autional.schema_versions",
    "alter table autional.audit_entries disable trigger all",
    "set session_replication_role = replica",
    "update autional.tenants set deleted_at = '2020-01-01'",
    pytest.param(
        "insert into autional.tenants (home, tenant_id, name, created_at, deleted_at)"
        " values (0, 'z', 'z', now(), now())",
        marks=not_on_citus,  # which sends the other columns along, so the role may write them
    ),
    "delete from autional.tenants",
    "delete from autional.deleted_tenants",
    "create function autional.f() returns void language sql as ''",
]


@pytest.mark.parametrize("statement", REFUSED)
async def test_the_service_cannot_change_the_schema_or_the_audit_log(as_service: str, statement: str) -> None:
    connection = await asyncpg.connect(as_service)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


async def test_an_owner_or_an_unknown_role_is_refused(url: str) -> None:
    owner = urlsplit(url).username or ""
    for role, words in ((owner, "superuser"), ("nobody", "there is no role nobody")):
        with pytest.raises(RoleError, match=words):
            await migrations.grant(url, role)


@changes_the_schema
async def test_a_release_gives_the_role_what_it_adds(url: str, as_service: str) -> None:
    owner = await asyncpg.connect(url)
    await owner.execute("delete from autional.schema_versions where name = 'functions'")
    await owner.execute("drop function autional.minute_of cascade")
    await owner.close()
    assert await migrations.apply(url) == ["functions"]
    connection = await asyncpg.connect(as_service)
    assert await connection.fetchval("select minute_of(now()) > 0")
    await connection.close()


async def test_a_role_that_may_only_read_stays_so(url: str) -> None:
    owner = await asyncpg.connect(url)
    await owner.execute("create role reporting login")
    try:
        await owner.execute("grant usage on schema autional to reporting")
        await owner.execute("grant select on autional.sessions to reporting")
        await migrations.apply(url)
        assert await owner.fetchval("select has_table_privilege('reporting', 'autional.sessions', 'select')")
        assert not await owner.fetchval("select has_table_privilege('reporting', 'autional.api_keys', 'insert')")
    finally:
        await owner.execute("drop owned by reporting")
        await owner.execute("drop role reporting")
        await owner.close()
