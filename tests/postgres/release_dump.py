"""Writes the dump of a small filled database of this release (`make release-dump`), for the tests of later upgrades.

It is run once a release, and what it wrote never changes.
"""

import gzip
import subprocess
from importlib.metadata import version
from pathlib import Path

import httpx
from tests.api.users.test_persons import live_a_little
from tests.conftest import People

from autional.core.clock import now
from autional.demo.loader import load_sessions
from autional.postgres.embedded import server as embedded
from autional.runtime import maintenance

FOLDER = Path(__file__).parents[1] / "data"


async def test_write(http: httpx.AsyncClient, people: People, url: str) -> None:
    database, admin = people.service.database, await people.bearer()
    await load_sessions(database, people.tenant, 200, now())
    made = await live_a_little(http, people)
    key = await people.api_key()
    await http.post("/internal/session/create", headers=key | {"Idempotency-Key": "k"}, json={"auth_user_id": "bob"})
    await http.post("/sessions/refresh", json={"refresh_token": made[3]["tokens"]["refresh_token"]})
    for path, body in (
        ("/admin/sessions/limits", {"max_sessions": 50, "on_overflow": "end_oldest"}),
        ("/admin/sessions/policy", {"absolute_timeout": "480h"}),
        ("/admin/sessions/retention", {"keep_ended": "1440h"}),
        ("/admin/sessions/risk-weights", {"weights": {"new_device": 10}}),
        ("/admin/tokens/config", {"access_expiry": "30m", "refresh_expiry": "480h"}),
    ):
        answer = await http.put(path, headers=admin, json=body)
        assert answer.status_code == 200, answer.text
    for step in ("sample", "sweep"):
        await maintenance.TASKS[step][1](people.service, now())
    said = subprocess.run(
        [embedded.binaries() / "pg_dump", "--inserts", "--no-owner", "--schema=autional", url],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    text = "".join(line for line in said.splitlines(keepends=True) if not line.startswith("\\"))
    with gzip.GzipFile(FOLDER / f"release-{version('autional')}.sql.gz", "wb", mtime=0) as written:
        written.write(text.encode())
