"""A filled database of the last release is upgraded under a node of that release, and nobody is refused."""

import asyncio
import gzip
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tests.served import Served

ROOT = Path(__file__).parents[2]
RELEASE = "48c1be1"  # 0.1.0
DUMP = ROOT / "tests" / "data" / "release-0.1.0.sql.gz"
MASTER_KEY = "bWFzdGVyIGtleSBvZiB0aGUgdGVzdHMgb2YgYXV0aW8"
SECONDS = 3


@pytest.fixture
async def filled_url(empty_url: str) -> str:
    """A database that the last release filled."""
    connection = await asyncpg.connect(empty_url)
    await connection.execute(gzip.decompress(DUMP.read_bytes()).decode())
    await connection.close()
    return empty_url


@pytest.fixture(scope="module")
def former_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of the last release."""
    folder = tmp_path_factory.mktemp("release")
    packed = subprocess.run(["git", "-C", ROOT, "archive", RELEASE, "src"], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


class Clients:
    """Clients that go on whatever happens, at the nodes that there are."""

    def __init__(self, key: str) -> None:
        self.headers = {"X-API-Key": key}
        self.nodes: list[str] = []
        self.answers: dict[str, int] = {}
        self.failed: list[str] = []
        self.busy: list[str] = []
        self.over = False

    async def work(self, number: int) -> None:
        async with httpx.AsyncClient(headers=self.headers, timeout=30, trust_env=False) as client:
            step = 0
            while not self.over:
                step += 1
                node = self.nodes[(number + step) % len(self.nodes)]
                try:
                    await self.live(client, node, f"usr_{number}")
                except (httpx.HTTPError, KeyError) as error:
                    self.failed.append(repr(error))

    async def live(self, client: httpx.AsyncClient, node: str, user: str) -> None:
        """Sign in, be checked, refresh, be counted, and sign out: at any node, whichever began it."""
        made = await self.ask(client, "POST", f"{node}/internal/session/create", json={"auth_user_id": user})
        session, tokens = made["data"]["session"], made["data"]["tokens"]
        other = self.nodes[-1]
        token = {"access_token": tokens["access_token"]}
        checked = await self.ask(client, "POST", f"{other}/internal/session/validate-token", json=token)
        if checked["valid"] is not True:
            self.failed.append(f"a token of {node} is not valid at {other}: {checked}")
        given = {"refresh_token": tokens["refresh_token"]}
        await self.ask(client, "POST", f"{other}/sessions/refresh", json=given)
        await self.ask(client, "GET", f"{node}/admin/sessions/stats")
        await self.ask(client, "GET", f"{other}/admin/sessions?page_size=5")
        await self.ask(client, "DELETE", f"{other}/internal/session/session/{session['id']}")
        ended = await self.ask(client, "POST", f"{node}/internal/session/validate-token", json=token)
        if ended["valid"] is not False:
            self.failed.append(f"a session that {other} ended goes on at {node}")

    async def ask(self, client: httpx.AsyncClient, method: str, url: str, **sent: object) -> dict[str, Any]:
        answer = await client.request(method, url, **sent)  # type: ignore[arg-type]
        if answer.status_code == 503:  # a lock of the migration was not free in time, on a busy machine
            self.busy.append(answer.text)
            await asyncio.sleep(float(answer.headers["retry-after"]))
            answer = await client.request(method, url, **sent)  # type: ignore[arg-type]
        self.answers[url.partition("/")[0]] = self.answers.get(url.partition("/")[0], 0) + 1
        if answer.status_code >= 400:
            self.failed.append(f"{method} {url}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else {}


async def test_a_filled_database_is_upgraded_under_a_node_of_the_last_release(
    filled_url: str, former_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTIONAL_MASTER_KEY", MASTER_KEY)
    monkeypatch.setenv("AUTIONAL_ISSUER", "http://127.0.0.1:8080")
    former = Served(tmp_path, database_url=filled_url)
    former.program = [sys.executable, "-m", "autional.cli"]
    new = Served(tmp_path, database_url=filled_url)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(former_source))
        await asyncio.to_thread(former.start)
        key = subprocess.run(
            [*former.program, "apikey", "create", "--name", "c", "--tenant", "acme", "--role", "admin"],
            env=os.environ | {"AUTIONAL_DATABASE_URL": filled_url},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
    clients = Clients(key)
    clients.nodes = [former.address]
    working = [asyncio.create_task(clients.work(number)) for number in range(4)]
    try:
        await asyncio.sleep(SECONDS)
        assert not clients.failed, clients.failed[:3]
        await asyncio.to_thread(new.autional, "migrate")
        await asyncio.sleep(SECONDS)
        assert not clients.failed, clients.failed[:3]
        await asyncio.to_thread(new.start)
        clients.nodes = [former.address, new.address]
        await asyncio.sleep(SECONDS)
        assert not clients.failed, clients.failed[:3]
        clients.nodes = [new.address]
        await asyncio.sleep(1)
    finally:
        clients.over = True
        await asyncio.gather(*working, return_exceptions=True)
        for node in (former, new):
            if node.process:
                node.stop()
    assert not clients.failed, clients.failed[:3]
    assert len(clients.busy) <= len(working), clients.busy[:3]
    assert sum(clients.answers.values()) > 100
