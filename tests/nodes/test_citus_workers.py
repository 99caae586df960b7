"""Workers of a Citus cluster that are lost, drained, removed and added while callers of several tenants go on."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import httpx
import pytest

from autional.postgres import citus, migrations
from autional.postgres.connection import connected
from tests.callers import Answers, calling, verify
from tests.conftest import CITUS_URL, SERVICE
from tests.nodes.conftest import Pair as Nodes
from tests.nodes.workers import Away, away, worker_of

SECONDS = float(os.environ.get("CITUS_SECONDS", "10"))
TENANTS = ("acme", "tenant1", "tenant2", "tenant3")
pytestmark = pytest.mark.skipif(not CITUS_URL, reason="no Citus cluster is given by AUTIONAL_TEST_CITUS_URL")


@pytest.fixture
def keys(nodes: Nodes) -> dict[str, dict[str, str]]:
    """Of an administrator of each tenant."""
    found = {"acme": nodes.key}
    for tenant in TENANTS[1:]:
        nodes.one.autional("tenant", "create", tenant, "--name", tenant)
        found[tenant] = new_key(nodes, tenant)
    return found


def new_key(nodes: Nodes, tenant: str) -> dict[str, str]:
    made = nodes.one.autional("apikey", "create", "--name", "k", "--tenant", tenant, "--role", "admin")
    return {"X-API-Key": made}


async def begin(http: httpx.AsyncClient, node: str, key: dict[str, str]) -> httpx.Response:
    return await http.post(f"{node}/internal/session/create", json={"auth_user_id": "u"}, headers=key)


async def listen(http: httpx.AsyncClient, node: str, key: dict[str, str], told: list[tuple[float, str]]) -> None:
    """Note each line of a stream of events, with when it came."""
    headers = key | {"Accept": "text/event-stream"}
    async with http.stream("GET", f"{node}/admin/revocations/events", headers=headers, timeout=None) as stream:
        async for line in stream.aiter_lines():
            told.append((time.monotonic(), line))  # noqa: PERF401 - as they come


async def must_be_refused(seconds: float, within: float, ask: Callable[[], Awaitable[httpx.Response]]) -> None:
    """For so long, each time within so many seconds, and with a time to ask again."""
    over = time.monotonic() + seconds
    while (asked_at := time.monotonic()) < over:
        refused = await ask()
        assert refused.status_code == 503, refused.text
        assert int(refused.headers["retry-after"]) > 0
        assert time.monotonic() - asked_at < within
        await asyncio.sleep(0.1)


async def until(seconds: float, true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something, so long at most."""
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.1)


async def is_done(ask: Callable[[], Awaitable[httpx.Response]]) -> bool:
    """Whether something was done, or is to be asked for again."""
    answer = await ask()
    assert answer.is_success or answer.status_code == 503, answer.text
    return answer.is_success


@pytest.mark.parametrize("how", ["gone", "silent", "cut off"])
async def test_tenants_of_a_lost_worker_wait_and_all_others_go_on(
    url: str, nodes: Nodes, keys: dict[str, dict[str, str]], how: Away
) -> None:
    patience = 1 if how == "gone" else 40  # until statements that wait for a silent worker are given up
    lost = await worker_of(url, "acme")
    goes_on = [tenant for tenant in TENANTS if await worker_of(url, tenant) != lost][0]  # noqa: RUF015 - it awaits
    answers, key = Answers(), keys[goes_on]
    one, other = nodes.addresses()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:

        async def events(**after: str) -> dict[str, Any]:
            told = await http.get(
                f"{other}/admin/revocations/events", params={"page_size": "1000"} | after, headers=key
            )
            assert told.is_success, told.text
            found: dict[str, Any] = told.json()
            return found

        async def is_told(session_id: str, after: str) -> bool:
            return session_id in str(await events(after=after))

        async def started() -> str:
            made = await begin(http, one, key)
            session_id: str = made.json()["data"]["session"]["id"]
            answers.created.add(session_id)
            return session_id

        async def answers_again() -> bool:
            return (await begin(http, one, keys["acme"])).status_code == 201

        made = (await begin(http, one, keys["acme"])).json()["data"]
        by_job, chosen = await started(), {"filter": {"user_id": "u"}}
        shown = (await http.post(f"{one}/admin/sessions/revoke", json={**chosen, "dry_run": True}, headers=key)).json()
        async with calling(nodes.addresses, key, answers):
            streams: dict[str, list[tuple[float, str]]] = {"acme": [], goes_on: []}
            listening = [asyncio.create_task(listen(http, other, keys[of], told)) for of, told in streams.items()]
            await asyncio.sleep(1)
            async with away(url, lost, how):
                lost_at = time.monotonic()
                await must_be_refused(SECONDS, 5 if how == "gone" else 8, partial(begin, http, one, keys["acme"]))
                ended = await started()
                before = (await events())["last_event_id"]
                delete = partial(http.delete, f"{one}/sessions/{ended}", headers=key)
                await until(patience, partial(is_done, delete))
                confirmed = {**chosen, "dry_run_token": shown["preview"]["dry_run_token"], "reason": "x"}
                confirm = partial(http.post, f"{one}/admin/sessions/revoke", json=confirmed, headers=key)
                await until(patience, partial(is_done, confirm))
                for session_id in (ended, by_job):
                    await until(10 + patience, partial(is_told, session_id, before))
                    assert any(session_id in line for _, line in streams[goes_on])
                assert any(at > lost_at + 3 and line == "event: heartbeat" for at, line in streams[goes_on])
                assert all(at < lost_at + 3 for at, line in streams["acme"] if line == "event: heartbeat")
                spare = await asyncio.to_thread(new_key, nodes, goes_on)
                assert (await begin(http, one, spare)).status_code == 201
                await asyncio.to_thread(nodes.one.autional, "apikey", "revoke", spare["X-API-Key"].partition(".")[0])
                for node in (one, other):
                    assert (await begin(http, node, spare)).status_code == 401
            for stream in listening:
                stream.cancel()
            await until(10, answers_again)
            await asyncio.sleep(1)
        token = {"token": made["tokens"]["access_token"]}
        again = await http.post(f"{other}/oauth2/introspect", data=token, headers=keys["acme"])
    assert again.json()["active"]
    assert answers.statuses.keys() <= {200, 201, 204}, answers.statuses
    assert not answers.cut
    assert answers.longest_gap() < 2
    answers.unanswered += 1  # of the new key
    answers.revoked |= {ended, by_job}
    await verify(answers, one, key)


async def test_a_worker_is_emptied_removed_added_and_filled_without_a_refusal(
    url: str, nodes: Nodes, keys: dict[str, dict[str, str]]
) -> None:
    worker = await worker_of(url, "acme")
    answers = {tenant: Answers() for tenant in TENANTS}
    async with AsyncExitStack() as working, connected(url) as cluster:
        for tenant in TENANTS:
            await working.enter_async_context(calling(nodes.addresses, keys[tenant], answers[tenant], 2))
        await asyncio.sleep(1)
        await cluster.fetch("select citus_drain_node($1, $2::integer)", *worker)
        assert await worker_of(url, "acme") != worker
        await cluster.fetch("select citus_remove_node($1, $2::integer)", *worker)
        await cluster.fetch("select citus_add_node($1, $2::integer)", *worker)
        await citus.spread(url, lambda _: None)
        await migrations.grant(url, SERVICE)
        await cluster.execute("select citus_rebalance_start()")
        await cluster.execute("select citus_rebalance_wait()")
        assert await cluster.fetchval("select count(distinct nodeport) from pg_dist_shard_placement") > 1
        await asyncio.sleep(1)
    for tenant in TENANTS:
        assert answers[tenant].statuses.keys() <= {200, 201, 204}, (tenant, answers[tenant].statuses)
        assert not answers[tenant].cut
        await verify(answers[tenant], nodes.one.address, keys[tenant])
