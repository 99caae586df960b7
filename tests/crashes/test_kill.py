"""kill -9 under load: what a client was answers is true afterwards, and nobody has to help."""

import asyncio
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.callers import Answers, calling, verify
from tests.served import Served

ROUNDS = int(os.environ.get("KILLS", "2"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served.with_tenant(tmp_path / "data") as service:
        yield service


async def hurt(served: Served, *, service: bool, seed: int) -> Answers:
    key = {"X-API-Key": served.autional("apikey", "create", "--name", "k", "--tenant", "acme", "--role", "admin")}
    answers = Answers()
    for number in range(ROUNDS):
        before = len(answers.created)
        async with calling(lambda: [served.address], key, answers):
            await asyncio.sleep(0.5 + random.Random(seed + number).random())
            async with asyncio.timeout(60):  # however slow the machine
                while len(answers.created) <= before + 5:
                    await asyncio.sleep(0.01)
            if service:
                served.kill()
            else:
                served.kill_postgres()
                await until_ready(served.address)
            await asyncio.sleep(0.3)
        if service:
            served.start()
    await verify(answers, served.address, key)
    assert json.loads(served.autional("stats", "verify", "--json"))[0]["difference"] == 0
    return answers


async def until_ready(address: str) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=30) as http:
        for _ in range(600):
            if (await http.get("/readyz")).status_code == 200:
                return
            await asyncio.sleep(0.05)
    raise AssertionError("the service never reached its database again")


async def test_kill_the_service(served: Served) -> None:
    assert (await hurt(served, service=True, seed=1)).statuses.keys() <= {200, 201, 204}


async def test_kill_postgres(served: Served) -> None:
    assert (await hurt(served, service=False, seed=2)).statuses.keys() <= {200, 201, 204, 503}
