"""Nodes are replaced one after the other and keys rotated, under load: nobody notices."""

import asyncio
import signal
from contextlib import suppress

import httpx
import pytest

from tests.callers import Answers, calling, verify
from tests.nodes.conftest import Pair
from tests.nodes.test_two_nodes import ROUNDS
from tests.served import Served

_ASKED_EVERY = 0.2


class Balancer:
    """Passes requests to the nodes that said a moment ago that they are ready."""

    def __init__(self, nodes: list[Served]) -> None:
        self._nodes = nodes
        self.ready = [node.address for node in nodes]

    async def run(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=1) as http:
            while True:
                addresses = [node.address for node in self._nodes]
                said = await asyncio.gather(*(self._is_ready(http, address) for address in addresses))
                found = [address for address, is_ready in zip(addresses, said, strict=True) if is_ready]
                self.ready = found or self.ready
                await asyncio.sleep(_ASKED_EVERY)

    async def _is_ready(self, http: httpx.AsyncClient, address: str) -> bool:
        with suppress(httpx.HTTPError):
            return (await http.get(f"{address}/readyz")).status_code == 200
        return False


async def replaced(node: Served, balancer: Balancer) -> None:
    """Stop a node as its supervisor does, and return when another has taken its place."""
    assert node.process
    node.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(node.process.wait, 30) == 0
    await asyncio.to_thread(node.start)
    async with asyncio.timeout(30):
        while node.address not in balancer.ready:
            await asyncio.sleep(_ASKED_EVERY)


@pytest.mark.parametrize("pair", [2], indirect=True)
async def test_a_rolling_restart_and_rotation_of_keys_is_not_noticed(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTIONAL_DRAIN_SECONDS", "6")
    nodes = [pair.one, pair.other]
    for node in nodes:
        node.stop()
        node.start()
    answers, balancer = Answers(), Balancer(nodes)
    asking = asyncio.create_task(balancer.run())
    try:
        async with calling(lambda: balancer.ready, pair.key, answers):
            for _ in range(max(1, ROUNDS // 3)):
                for node in nodes:
                    await replaced(node, balancer)
                await asyncio.to_thread(pair.one.autional, "keys", "rotate", "--at-once")
    finally:
        asking.cancel()
    assert answers.cut == []
    assert answers.statuses.keys() <= {200, 201, 204}
    assert len(answers.created) > 10
    await verify(answers, pair.one.address, pair.key)
