"""kill -9 under load: what a client was told is true afterwards, and nobody has to help."""

import asyncio
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.served import Served

ROUNDS = int(os.environ.get("KILLS", "3"))
CLIENTS = 8


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served.with_tenant(tmp_path / "data") as service:
        yield service


class Log:
    """What the clients were told, and what they asked for without hearing the answer."""

    def __init__(self) -> None:
        self.created: set[str] = set()
        self.revoked: set[str] = set()
        self.in_doubt: set[str] = set()
        self.unanswered = 0
        self.statuses: set[int] = set()


async def client(http: httpx.AsyncClient, key: dict[str, str], token: dict[str, str], log: Log, seed: int) -> None:
    chance = random.Random(seed)
    mine: list[str] = []
    while True:
        revokes = mine and chance.random() < 0.4
        session_id = mine.pop() if revokes else ""
        try:
            if revokes:
                log.in_doubt.add(session_id)
                answer = await http.delete(f"/sessions/{session_id}", headers=token)
            else:
                log.unanswered += 1
                answer = await http.post(
                    "/internal/session/create", headers=key, json={"auth_user_id": f"u{seed}", "device_type": "tv"}
                )
        except httpx.HTTPError:
            await asyncio.sleep(0.02)
            continue
        log.statuses.add(answer.status_code)
        if answer.status_code == 201:
            log.unanswered -= 1
            name = answer.json()["data"]["session"]["id"]
            log.created.add(name)
            mine.append(name)
        elif answer.status_code == 204:
            log.in_doubt.discard(session_id)
            log.revoked.add(session_id)


async def told(served: Served, token: dict[str, str], status: str) -> set[str]:
    found: set[str] = set()
    async with httpx.AsyncClient(base_url=served.address, trust_env=False, timeout=30) as http:
        params = {"page_size": "100", "status": status}
        while True:
            answer = (await http.get("/admin/sessions", params=params, headers=token)).json()
            found |= {item["id"] for item in answer["items"]}
            if "next_cursor" not in answer["pagination"]:
                return found
            params["cursor"] = answer["pagination"]["next_cursor"]


async def hurt(served: Served, log: Log, *, service: bool, seed: int) -> None:
    key = {"X-API-Key": served.autional("apikey", "create", "--name", "k", "--all-tenants"), "X-Tenant-ID": "acme"}
    minted = served.autional("token", "mint", "--tenant", "acme", "--user", "me", "--role", "admin")
    token = {"Authorization": f"Bearer {minted}"}
    for number in range(ROUNDS):
        async with httpx.AsyncClient(base_url=served.address, trust_env=False, timeout=30) as http:
            crowd = [asyncio.create_task(client(http, key, token, log, seed + c)) for c in range(CLIENTS)]
            await asyncio.sleep(0.5 + random.Random(seed + number).random())
            if service:
                served.kill()
            else:
                served.kill_postgres()
                await until_ready(http)
            await asyncio.sleep(0.3)
            for one in crowd:
                one.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
        if service:
            served.start()
    revoked, active = await told(served, token, "revoked"), await told(served, token, "active")
    assert len(log.created) > 10 * ROUNDS
    assert log.revoked <= revoked
    assert log.created - log.revoked - log.in_doubt <= active
    assert not (log.revoked & active)
    assert len(active | revoked) - len(log.created) <= log.unanswered
    assert json.loads(served.autional("stats", "verify", "--json"))[0]["difference"] == 0


async def until_ready(http: httpx.AsyncClient) -> None:
    for _ in range(600):
        if (await http.get("/readyz")).status_code == 200:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the service never reached its database again")


async def test_kill_the_service(served: Served) -> None:
    log = Log()
    await hurt(served, log, service=True, seed=1)
    assert log.statuses == {201, 204}


async def test_kill_postgres(served: Served) -> None:
    log = Log()
    await hurt(served, log, service=False, seed=2)
    assert log.statuses <= {201, 204, 503}
