import asyncio

import asyncpg
import pytest

from autional.core.errors import SchemaError
from autional.postgres import migrations


async def test_applies_everything_once_even_when_two_start_together(empty_url: str) -> None:
    one, other = await asyncio.gather(migrations.apply(empty_url), migrations.apply(empty_url))
    assert [one, other].count([]) == 1
    assert (one or other)[0] == "0001_tenants.sql"
    await migrations.verify(empty_url)


async def test_refuses_an_empty_a_newer_and_an_edited_schema(empty_url: str) -> None:
    with pytest.raises(SchemaError, match="autional migrate"):
        await migrations.verify(empty_url)
    await migrations.apply(empty_url)
    connection = await asyncpg.connect(empty_url)
    await connection.execute("insert into autional.schema_versions (name, sha256) values ('9999_later.sql', '')")
    with pytest.raises(SchemaError, match="newer"):
        await migrations.verify(empty_url)
    await connection.execute("delete from autional.schema_versions where name = '9999_later.sql'")
    await connection.execute("update autional.schema_versions set sha256 = 'x' where name = '0001_tenants.sql'")
    with pytest.raises(SchemaError, match="0001_tenants"):
        await migrations.apply(empty_url)
    await connection.close()


async def test_refuses_a_database_of_before_the_first_release(empty_url: str) -> None:
    connection = await asyncpg.connect(empty_url)
    await connection.execute(
        "create schema autional; create table autional.schema_versions (name text primary key, sha256 text, applied_at"
        " timestamptz default now()); insert into autional.schema_versions values ('0001_foundation.sql', 'x')"
    )
    await connection.close()
    for opened in (migrations.apply, migrations.verify):
        with pytest.raises(SchemaError, match=r"made before version 0\.1\.0"):
            await opened(empty_url)


async def test_a_later_release_can_add_a_column_to_sessions(empty_url: str) -> None:
    await migrations.apply(empty_url)
    connection = await asyncpg.connect(empty_url)
    await connection.execute("alter table autional.sessions add later integer")
    await connection.execute("update autional.schema_versions set sha256 = 'of before' where name = 'functions'")
    await connection.close()
    assert await migrations.apply(empty_url) == ["functions"]
