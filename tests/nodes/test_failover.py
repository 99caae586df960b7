"""The primary of a Patroni pair is killed, stopped and cut off under load: nothing that was answered is lost."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from autional.postgres import migrations
from autional.postgres.connection import connect
from tests.callers import Answers, calling, verify
from tests.nodes import machines
from tests.nodes.conftest import MASTER_KEY, running_pair
from tests.nodes.conftest import Pair as Nodes
from tests.nodes.machines import Pair, until

FAILOVERS = int(os.environ.get("FAILOVERS", "1"))
PATIENCE = 2.0
"""Seconds after the failover in which the service answers again."""

pytestmark = pytest.mark.skipif(machines.missing() is not None, reason=machines.missing() or "")


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    with machines.patroni_pair(tmp_path) as found:
        admin = await connect(found.url(machines.SUPERUSER, "postgres", "superuser"))
        await admin.execute(f"create role {machines.OWNER} login password 'owner'")
        await admin.execute(f"create role {machines.SERVICE} login password 'service'")
        await admin.execute(f"create database autional owner {machines.OWNER}")
        await admin.close()
        owner = found.url(machines.OWNER, "autional", "owner")
        await migrations.apply(owner)
        await migrations.grant(owner, machines.SERVICE)
        yield found


@pytest.fixture
def nodes(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nodes]:
    monkeypatch.setenv("AUTIONAL_MASTER_KEY", MASTER_KEY)
    monkeypatch.setenv("SHIFT_SECONDS", "2")
    with running_pair(pair.url(machines.SERVICE, "autional", "service"), tmp_path) as found:
        yield found


async def hurt(pair: Pair, nodes: Nodes, how: str, answers: Answers) -> tuple[float, float]:
    """Hurt the primary; how many seconds until the other one is it, and from then until callers are answered."""
    primary, standby = pair.primary()
    loop = asyncio.get_running_loop()
    began = loop.time()
    match how:
        case "killed":
            primary.kill()
        case "stopped":
            primary.signal_all(signal.SIGSTOP)
        case "cut off":
            primary.network("down")
    await asyncio.to_thread(until, lambda: standby.says("primary"), 90)
    failed_over = loop.time()
    async with asyncio.timeout(60):
        while not answers.answered_at or answers.answered_at[-1] < failed_over:
            await asyncio.sleep(0.01)
    answered = answers.answered_at[-1]
    await asyncio.sleep(1)
    match how:
        case "killed":
            primary.start()
        case "stopped":
            primary.signal_all(signal.SIGCONT)
        case "cut off":
            primary.network("up")
    await asyncio.to_thread(until, lambda: primary.says("sync"), 120)
    return failed_over - began, answered - failed_over


@pytest.mark.parametrize("how", ["killed", "stopped", "cut off"])
async def test_what_was_answered_outlives_the_primary(pair: Pair, nodes: Nodes, how: str) -> None:
    answers = Answers()
    async with calling(nodes.addresses, nodes.key, answers):
        for number in range(FAILOVERS):
            await asyncio.sleep(2)
            failover, answered = await hurt(pair, nodes, how, answers)
            print(f"{how} {number + 1}: failover {failover:.1f} s, answered {answered:.2f} s later")  # noqa: T201
            assert answered < PATIENCE
    assert answers.statuses.keys() <= {200, 201, 204, 503}
    print(f"{len(answers.created)} created, {len(answers.revoked)} revoked, {answers.statuses}")  # noqa: T201
    await verify(answers, nodes.one.address, nodes.key)
