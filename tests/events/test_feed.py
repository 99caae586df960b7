import asyncio
import os
import random
import time
from contextlib import suppress
from datetime import timedelta

import asyncpg
import pytest
from tests.conftest import NOW, People
from tests.events.conftest import FEED, Nodes, next_of, told
from tests.events.test_log import HOME, INSERT, write

from autional.events.subscription import Subscription
from autional.sessions.retention import purge_by_retention
from autional.tenancy import api_keys, tenants

RESUMPTIONS = int(os.environ.get("RESUMPTIONS", "20"))


async def test_what_is_revoked_at_one_node_is_heard_at_the_other(nodes: Nodes) -> None:
    made = await nodes.begin()
    async with nodes.listening(nodes.other) as events:
        began = time.monotonic()
        await nodes.end(made["session"]["id"])
        event = await next_of(events, "session.revoked")
        assert time.monotonic() - began < 1
    assert event.data["session_id"] == made["session"]["id"]
    assert event.data["user_id"] == "usr_1"
    assert event.data["tenant_id"] == "acme"
    assert event.data["position"] == 1


async def test_a_page_says_the_same_as_the_stream(nodes: Nodes) -> None:
    ids = [(await nodes.begin(f"usr_{number}"))["session"]["id"] for number in range(5)]
    start = (await nodes.one.get(FEED, headers=nodes.key)).json()
    assert (start["items"], start["reset"], start["has_next"]) == ([], False, False)
    async with nodes.listening(nodes.one, start["last_event_id"]) as events:
        for one in ids:
            await nodes.end(one)
        streamed = [await next_of(events, "session.revoked") for _ in ids]
    read: list[str] = []
    after, more = start["last_event_id"], True
    while more:
        page = (await nodes.other.get(FEED, headers=nodes.key, params={"after": after, "page_size": 2})).json()
        read += [item["session_id"] for item in page["items"]]
        after, more = page["last_event_id"], page["has_next"]
    assert read == ids == [event.data["session_id"] for event in streamed]
    assert after == streamed[-1].id


async def test_a_reader_that_resumes_at_either_node_sees_each_event_once(nodes: Nodes, url: str) -> None:
    """It is cut off at random, while transactions commit out of order."""
    chance = random.Random(1)
    answered: list[str] = []
    seen: list[tuple[int, str]] = []
    start = (await nodes.one.get(FEED, headers=nodes.key)).json()["last_event_id"]
    writers = [asyncio.create_task(write(url, number, 0.2, answered)) for number in range(10)]

    async def read_on(after: str) -> str:
        async with nodes.listening(chance.choice([nodes.one, nodes.other]), after) as events:
            stop = time.monotonic() + chance.random() * 0.02
            with suppress(TimeoutError):
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + 0.05):
                    async for event in events:
                        after = event.id
                        if event.name != "heartbeat":
                            seen.append((event.data["position"], event.data["user_id"]))
                        if time.monotonic() > stop:
                            break
        return after

    for turn in range(RESUMPTIONS):
        start = await read_on(start)
        if turn % 50 == 49:
            writers += [asyncio.create_task(write(url, turn + number, 0.2, answered)) for number in range(10)]
    await asyncio.gather(*writers)
    while len(seen) < len(answered):
        before = len(seen)
        start = await read_on(start)
        await asyncio.sleep(0.02 if len(seen) == before else 0)
    assert [position for position, _ in seen] == list(range(1, len(answered) + 1))
    assert sorted(name for _, name in seen) == sorted(answered)


async def test_what_cannot_be_continued_is_reset(nodes: Nodes, people: People, url: str) -> None:
    await tenants.create_tenant(nodes.database, "other", "Other", NOW, key=b"t" * 32)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(INSERT, HOME, "one")
        old = (await nodes.one.get(FEED, headers=nodes.key)).json()["last_event_id"]
        await asyncio.sleep(0.1)
        await connection.execute(INSERT, HOME, "two")
        await asyncio.sleep(0.1)
        await purge_by_retention(nodes.database, NOW + timedelta(days=4000))
    finally:
        await connection.close()
    foreign = (await nodes.one.get(FEED, headers=await people.api_key("other"))).json()["last_event_id"]
    for after in (old, foreign, "nonsense"):
        page = (await nodes.one.get(FEED, headers=nodes.key, params={"after": after})).json()
        assert (page["reset"], page["items"]) == (True, []), after
        headers = nodes.key | {"Accept": "text/event-stream", "Last-Event-ID": after}
        async with nodes.other.stream("GET", FEED, headers=headers) as answer:
            first = await anext(told(answer))
            assert first.name == "reset"
            assert first.id


@pytest.mark.parametrize("ending", ["session", "tenant", "key"])
async def test_a_stream_ends_within_a_second_of_its_caller(nodes: Nodes, people: People, ending: str) -> None:
    headers = nodes.key
    if ending == "session":
        body = {"auth_user_id": "adm", "role": "admin", "device_type": "tv"}
        made = await nodes.one.post("/internal/session/create", headers=await people.api_key(role="admin"), json=body)
        token = made.json()["data"]["tokens"]["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
    path = "/admin/revocations/events" if ending == "session" else FEED
    accept = {"Accept": "text/event-stream"}
    async with nodes.other.stream("GET", path, headers=headers | accept) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        if ending == "session":
            await nodes.end(made.json()["data"]["session"]["id"])
        elif ending == "tenant":
            await tenants.disable_tenant(nodes.database, "acme", NOW)
        else:
            key_id = headers["X-API-Key"].partition(".")[0]
            await api_keys.revoke_api_key(nodes.database, key_id, NOW)
        began = time.monotonic()
        rest = [line async for line in lines]
        assert time.monotonic() - began < 1
        assert "event: end" in rest


async def test_a_reader_that_does_not_read_is_cut_off(nodes: Nodes, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = asyncio.Event()
    give = Subscription.give

    def notice(subscription: Subscription, chunk: bytes, position: int) -> None:
        give(subscription, chunk, position)
        if subscription.has_ended:
            cut.set()

    monkeypatch.setattr(Subscription, "give", notice)
    connection = await asyncpg.connect(url)
    host, port = nodes.one.base_url.host, nodes.one.base_url.port
    reader, writer = await asyncio.open_connection(host, port, limit=1024)
    try:
        head = "".join(f"{name}: {value}\r\n" for name, value in nodes.key.items())
        writer.write(f"GET {FEED} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n{head}\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        await connection.execute(
            "insert into autional.revocations (home, at, kind, user_id, reason)"
            " select $1, clock_timestamp(), 'user', 'u', repeat('x', 900) from generate_series(1, 20000)",
            HOME,
        )
        async with asyncio.timeout(60):
            await cut.wait()
        received = 0
        with suppress(ConnectionResetError):  # closed in order is as good
            while chunk := await asyncio.wait_for(reader.read(65536), 5):
                received += len(chunk)
        assert received < 18_000_000
    finally:
        writer.close()
        await connection.close()
