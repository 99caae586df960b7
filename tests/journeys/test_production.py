"""docs/production.md, run as it stands, on a PostgreSQL of others and on the embedded one.

All but TLS: the programs of PostgreSQL that come along are built without it.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tests.served import AUTIONAL, free_port, run

from autional.postgres.embedded import server as embedded

TEXT = (Path(__file__).parents[2] / "docs" / "production.md").read_text()
BLOCK = re.compile(r"(<!-- embedded -->\n)?```sh\n(.*?)```", re.DOTALL)
FOREIGN = [block for marked, block in BLOCK.findall(TEXT) if not marked]
EMBEDDED = [block for marked, block in BLOCK.findall(TEXT) if marked]
HBA = """\
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """Of a PostgreSQL that is reached by SCRAM alone, with the roles that the page makes."""
    (tmp_path / "pg_hba.conf").write_text(HBA)
    number = free_port()
    settings = {"hba_file": str(tmp_path / "pg_hba.conf"), "listen_addresses": "127.0.0.1", "port": str(number)}
    folder = tmp_path / "server"
    async with embedded.running(folder, settings=settings) as server:
        admin = await asyncpg.connect(f"{server.url}&port={number}")
        [made] = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
        for statement in made.split(";\n"):
            if statement.strip():
                await admin.execute(statement)
        await admin.execute("create database restored owner autional_owner")
        await admin.close()
        yield number


def run_blocks(blocks: list[str], folder: Path, environment: dict[str, str], places: dict[str, str]) -> str:
    """Run shell blocks of the page in order, in a folder, with its places in place of those of the page."""
    script = "\n".join(blocks)
    for place, here in places.items():
        assert place in script, place
        script = script.replace(place, here)
    path = f"{Path(sys.executable).parent}:{embedded.binaries()}:{os.environ['PATH']}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AUTIONAL_")}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"trap 'kill $(jobs -p); wait' EXIT\n{script}"],
        cwd=folder,
        env=inherited | {"PATH": path, "AUTIONAL_DRAIN_SECONDS": "0"} | environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the page makes a key by openssl")
async def test_an_operator_comes_from_nothing_to_a_service_that_is_watched_and_restored(
    port: int, tmp_path: Path
) -> None:
    served, metrics = free_port(), free_port()
    places = {
        "db.internal:5432": f"127.0.0.1:{port}",
        "?sslmode=verify-full&sslrootcert=/etc/autional/database-ca.pem": "",
        "/etc/autional": str(tmp_path),
        "/var/lib/autional": str(tmp_path),
        "8080": str(served),
        "127.0.0.1:9464": f"127.0.0.1:{metrics}",
    }
    restored = f"postgresql://autional_owner:a%20password%20of%20its%20own@127.0.0.1:{port}/restored"
    said = run_blocks(FOREIGN, tmp_path, {"RESTORED_URL": restored}, places)
    for words in (
        "autional_service may serve it",
        "tenants       ok",
        '"status":"ok"',
        "tasks         ok",
        "closed the state of about",
        "it signs in five seconds",
    ):
        assert words in said, (words, said)


def test_an_operator_of_the_embedded_database_backs_up_and_restores(tmp_path: Path) -> None:
    node = tmp_path / "node"
    run(AUTIONAL, "tenant", "create", "acme", "--name", "Acme", "--data-dir", str(node))
    said = run_blocks(EMBEDDED, tmp_path, {}, {})
    assert "0 sessions were recounted in it" in said
    assert "closed the state" in said
