"""The database of each release, as it was dumped then, becomes one of this release and keeps what it knew."""

import gzip
import re
from pathlib import Path

import pytest
from tests.postgres.release_dump import FOLDER

from autional.audit import verification
from autional.core.clock import now
from autional.postgres import migrations
from autional.postgres.connection import connect
from autional.postgres.database import Database
from autional.runtime import maintenance
from autional.sessions import statistics

DUMPS = sorted(FOLDER.glob("release-*.sql.gz"))
EMPTY = {"deleted_tenants", "erasures", "housekeeping", "installation", "job_sessions", "signing_keys"}


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
async def test_a_database_of_a_release_is_upgraded(empty_url: str, dump: Path) -> None:
    text = gzip.decompress(dump.read_bytes()).decode().replace("SET transaction_timeout = 0;", "")  # unknown to 16
    connection = await connect(empty_url)
    try:
        await connection.execute(text)
        await connection.execute("set search_path = autional")
        tables = set(re.findall(r"^CREATE TABLE autional\.(\w+)", text, re.MULTILINE))
        before = {name: await connection.fetchval(f"select count(*) from {name}") for name in sorted(tables)}
        assert {name for name, rows in before.items() if not rows} <= EMPTY
        await migrations.apply(empty_url)
        await migrations.verify(empty_url)
        kept = {name: await connection.fetchval(f"select count(*) from {name}") for name in sorted(tables)}
    finally:
        await connection.close()
    assert {name: kept[name] for name in before if name != "schema_versions"} == {
        name: rows for name, rows in before.items() if name != "schema_versions"
    }
    database = Database(empty_url)
    try:
        read, counted = await statistics.verify(database, "acme", now())
        assert statistics.difference(read, counted) == 0
        assert read.total > 200
        assert (await verification.verify(database, b"s" * 32, "acme")).broken_at is None
        await maintenance.mark_overdue_sessions(database, now())
        assert await statistics.recount(database, "acme", read.updated_at) == read
    finally:
        await database.close()
