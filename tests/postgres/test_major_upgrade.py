"""An embedded database of a former major version becomes one of the bundled version, and is kept until then."""

import subprocess
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.served import AUTIONAL

from autional.demo.loader import load_sessions
from autional.postgres import migrations
from autional.postgres.database import Database
from autional.postgres.embedded import server
from autional.sessions import statistics
from autional.tenancy import tenants

FORMER = find_spec("pgserver")
pytestmark = pytest.mark.skipif(FORMER is None, reason="no former PostgreSQL can be installed for this Python")


def programs() -> Path:
    assert FORMER
    assert FORMER.origin
    return Path(FORMER.origin).parent / "pginstall" / "bin"


def upgraded(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [AUTIONAL, "upgrade", "--data-dir", str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.fixture
async def former(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Path:
    """A data folder with a filled database of PostgreSQL 16, with which this release does not start."""
    tmp_path.chmod(0o700)
    options = ["-U", "autional", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    made = server.as_child(programs() / "initdb", ["-D", str(tmp_path / "postgresql"), *options])
    subprocess.run(made, check=True, capture_output=True)
    with monkeypatch.context() as patched:
        patched.setattr(server, "binaries", programs)
        patched.setattr(server, "bundled_major", lambda: "16")
        async with server.running(tmp_path) as found:
            await migrations.apply(found.url)
            database = Database(found.url, 3)
            await tenants.create_tenant(database, "acme", "Acme", now, key=b"t" * 32)
            await load_sessions(database, "acme", 2000, now)
            await database.close()
    return tmp_path


async def test_a_database_of_a_former_postgresql_is_upgraded(former: Path, now: datetime) -> None:
    with pytest.raises(server.EmbeddedPostgresError, match="`autional upgrade`"):
        async with server.running(former):
            pass
    code, said = upgraded(former, "--former-programs", str(programs()))
    assert (code, "2,000 sessions were recounted" in said) == (0, True), said
    assert (former / "postgresql.16" / "PG_VERSION").read_text().strip() == "16"
    async with server.running(former) as found:
        database = Database(found.url, 3)
        read, recounted = await statistics.verify(database, "acme", now)
        await database.close()
    assert (read.total, statistics.difference(read, recounted)) == (2000, 0)
    assert upgraded(former) == (0, f"the database is of PostgreSQL {server.bundled_major()} already\n")


async def test_what_cannot_be_upgraded_stays_as_it_was(former: Path, tmp_path: Path) -> None:
    code, said = upgraded(former, "--former-programs", str(server.binaries()))  # of another version
    assert (code, "Traceback" in said) == (3, False), said
    assert (former / "postgresql" / "PG_VERSION").read_text().strip() == "16"
    assert not list(former.glob("upgrading-*"))
