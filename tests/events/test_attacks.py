"""What strangers tried: no tenant or receiver stops another, and no secret or stream outlives its key."""

import asyncio
import json
import os
import time
from contextlib import suppress
from typing import Any

import asyncpg
import httpx
import pytest
from tests.conftest import NOW, People
from tests.events.conftest import FEED, Nodes
from tests.events.listener import Listener, Received
from tests.events.test_log import HOME
from tests.events.test_ssf import bearer, stream
from tests.events.test_webhooks import RECEIVERS, added, shown
from tests.matrix.test_hostile import EVERYTHING

from autional.events import log
from autional.sessions.privacy import run_next_erasure
from autional.tenancy import api_keys, tenants

BULK = int(os.environ.get("BULK", "100"))
BACKLOG = int(os.environ.get("BACKLOG", "3000"))


@pytest.fixture
async def other_key(nodes: Nodes, people: People) -> dict[str, str]:
    """A key of another tenant, which has done nothing."""
    await tenants.create_tenant(nodes.database, "other", "Other", NOW, key=b"t" * 32)
    return await people.api_key("other", role="admin")


async def ended(nodes: Nodes, key: dict[str, str]) -> None:
    made = await nodes.one.post("/internal/session/create", headers=key, json={"auth_user_id": "u"})
    session_id = made.json()["data"]["session"]["id"]
    assert (await nodes.one.delete(f"/internal/session/session/{session_id}", headers=key)).status_code == 204


@pytest.mark.parametrize("said", [b'{"err":"a\\u0000b"}', b'{"err":"\\ud800"}', b'{"err":"' + b"x" * 5000 + b'"}'])
async def test_no_answer_of_a_receiver_stops_the_others(
    nodes: Nodes, listener: Listener, other_key: dict[str, str], said: bytes
) -> None:
    listener.status, listener.answer = 500, said
    await added(nodes, listener)
    await nodes.end((await nodes.begin())["session"]["id"])
    await listener.wait_for(1)
    await asyncio.sleep(0.1)
    listener.status, listener.answer = 204, b""
    given = {"protocol": "webhook", "url": f"{listener.address}/other"}
    assert (await nodes.one.post(RECEIVERS, headers=other_key, json=given)).status_code == 201
    await ended(nodes, other_key)
    async with asyncio.timeout(2):
        while "/other" not in {one.target for one in listener.received}:
            await asyncio.sleep(0.01)


async def test_slow_receivers_of_one_tenant_do_not_delay_another(
    nodes: Nodes, listener: Listener, other_key: dict[str, str]
) -> None:
    async def slow(received: Received, _: asyncio.StreamWriter) -> int:
        if received.target.startswith("/slow"):
            await asyncio.sleep(3)
        return 200

    listener.behaviour = slow
    for number in range(40):
        await added(nodes, listener, url=f"{listener.address}/slow{number}", kinds=["user"])
    given = {"protocol": "webhook", "url": f"{listener.address}/other"}
    await nodes.one.post(RECEIVERS, headers=other_key, json=given)
    await nodes.execute(
        "insert into autional.revocations (home, at, kind, user_id, reason) select"
        f" {HOME}, clock_timestamp(), 'user', 'u' || n, 'x' from generate_series(1, 100) as n"
    )
    await listener.wait_for(50)
    begun = time.monotonic()
    await ended(nodes, other_key)
    while "/other" not in {one.target for one in listener.received}:
        await asyncio.sleep(0.01)
    assert time.monotonic() - begun < 2


async def test_many_receivers_of_a_bulk_revocation_do_not_hold_up_the_log(
    nodes: Nodes, listener: Listener, other_key: dict[str, str]
) -> None:
    for number in range(100):
        made = await added(nodes, listener, url=f"{listener.address}/{number}", kinds=["user"])
        path = f"{RECEIVERS}/{made['id']}"
        await nodes.one.put(path, headers=await nodes.people.bearer(), json={"paused": True})
    refused = {"protocol": "webhook", "url": f"{listener.address}/hook"}
    answer = await nodes.one.post(RECEIVERS, headers=await nodes.people.bearer(), json=refused)
    assert answer.status_code == 409
    await nodes.execute(
        "insert into autional.revocations (home, at, kind, user_id, reason) select"
        f" {HOME}, clock_timestamp(), 'user', 'u' || n, 'x' from generate_series(1, {BULK}) as n"
    )
    await ended(nodes, other_key)
    async with asyncio.timeout(3):
        while (await log.head(nodes.database, "other")).position == 0:
            await asyncio.sleep(0.02)
    connection = await asyncpg.connect(nodes.database.url)
    try:
        async with asyncio.timeout(60):
            while await connection.fetchval("select count(*) from autional.deliveries") < 100 * BULK:
                await asyncio.sleep(0.5)
    finally:
        await connection.close()


async def test_a_backlog_about_one_user_costs_a_claim_nothing(nodes: Nodes, listener: Listener) -> None:
    listener.status = 500
    await added(nodes, listener, kinds=["user"])
    await nodes.execute(
        "insert into autional.revocations (home, at, kind, user_id, reason) select"
        f" {HOME}, clock_timestamp(), 'user', 'busy', 'x' from generate_series(1, {BACKLOG}) as n"
    )
    async with asyncio.timeout(20):
        while (await log.head(nodes.database, "acme")).position < BACKLOG:
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    begun = time.monotonic()
    found = await nodes.database.rows("claim_deliveries", 100, 64, 32, None, [], [])
    assert len(found) <= 1
    assert time.monotonic() - begun < 0.2


async def test_a_header_that_cannot_be_sent_is_refused(nodes: Nodes, listener: Listener) -> None:
    for header in (" Bearer secret", "Bearer secret ", "Bearer\tsecret", "Bearer sécret", "a\r\nb"):
        delivery = {"method": "urn:ietf:rfc:8935", "endpoint_url": listener.address, "authorization_header": header}
        answer = await nodes.one.post("/ssf/streams", headers=bearer(nodes), json={"delivery": delivery})
        assert answer.status_code == 400
        assert "secret" not in answer.text


async def pushed(nodes: Nodes, listener: Listener) -> dict[str, Any]:
    delivery = {
        "method": "urn:ietf:rfc:8935",
        "endpoint_url": f"{listener.address}/own",
        "authorization_header": "Bearer topsecret",
    }
    return await stream(nodes, delivery=delivery)


async def test_the_header_of_a_stream_stays_with_its_url(nodes: Nodes, listener: Listener) -> None:
    made = await pushed(nodes, listener)
    admin = await nodes.people.bearer()
    path = f"{RECEIVERS}/{made['stream_id']}"
    for body in ({"url": f"{listener.address}/thief"}, {"kinds": ["user"]}):
        assert (await nodes.one.put(path, headers=admin, json=body)).status_code == 400
    moved = {
        "stream_id": made["stream_id"],
        "delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": f"{listener.address}/new"},
    }
    assert (await nodes.one.put("/ssf/streams", headers=bearer(nodes), json=moved)).status_code == 200
    await nodes.end((await nodes.begin())["session"]["id"])
    [got, *_] = await listener.wait_for(1)
    assert got.target == "/new"
    assert "authorization" not in got.headers
    entries = (await nodes.one.get("/admin/audit", headers=admin, params={"page_size": 50})).text
    assert "topsecret" not in entries
    assert "topsecret" not in json.dumps(await shown(nodes, made["stream_id"]))


async def test_a_stream_ends_with_the_key_that_made_it(nodes: Nodes, listener: Listener) -> None:
    await pushed(nodes, listener)
    key_id = nodes.key["X-API-Key"].partition(".")[0]
    await api_keys.revoke_api_key(nodes.database, key_id, None)
    key = await nodes.people.api_key(role="admin")
    await ended(nodes, key)
    await asyncio.sleep(1)
    assert listener.received == []


@pytest.mark.skipif(not EVERYTHING, reason="takes a while: make soak")
async def test_a_reader_that_catches_up_is_verified_too(nodes: Nodes) -> None:
    """A slow reader of a long log beside another one: its key is revoked while it reads."""
    own, long = (await nodes.people.api_key())["X-API-Key"], 20_000
    start = (await nodes.one.get(FEED, headers=nodes.key)).json()["last_event_id"]
    await nodes.execute(
        "insert into autional.revocations (home, at, kind, user_id, reason) select"
        f" {HOME}, clock_timestamp(), 'user', 'u' || n, repeat('x', 500) from generate_series(1, {long}) as n"
    )
    async with asyncio.timeout(20):
        while (await log.head(nodes.database, "acme")).position < long:
            await asyncio.sleep(0.1)
    headers = {"X-API-Key": own, "Accept": "text/event-stream", "Last-Event-ID": start}
    async with nodes.listening(nodes.one), nodes.one.stream("GET", FEED, headers=headers) as answer:
        chunks = answer.aiter_bytes()
        received = [await anext(chunks)]
        await api_keys.revoke_api_key(nodes.database, own.partition(".")[0], None)
        await asyncio.sleep(1.5)  # it does not read: what was sent before waits in buffers
        with suppress(httpx.RemoteProtocolError):  # cut off
            async for chunk in chunks:
                received.append(chunk)  # noqa: PERF401 - what came stays where it breaks off
    assert b"".join(received).count(b"event: user.tokens_revoked") < long


async def test_no_subject_identifier_survives_an_erasure(nodes: Nodes) -> None:
    person = "erase-me-77"
    made = await stream(nodes)
    await nodes.begin(person)
    opaque = {"format": "opaque", "id": person, "type": person}
    named = {"format": "iss_sub", "iss": made["iss"], "sub": person}
    headers = bearer(nodes)
    for subject in (opaque, named, {"format": "complex", "user": named}):
        body = {"stream_id": made["stream_id"], "subject": subject}
        assert (await nodes.one.post("/ssf/subjects/remove", headers=headers, json=body)).status_code == 204
    for subject in (opaque, named):
        await nodes.begin(person)
        answer = await nodes.one.post("/global-token-revocation", headers=headers, json={"sub_id": subject})
        assert answer.status_code == 204
    admin = await nodes.people.bearer()
    about = (await nodes.one.get("/admin/audit", headers=admin, params={"about": person})).json()["items"]
    assert len(about) == 5  # found by the person, as long as the person is known
    erased = await nodes.one.post("/admin/users/erase", headers=admin, json={"user_id": person})
    assert erased.status_code == 200
    while await run_next_erasure(nodes.database):
        pass
    await asyncio.sleep(0.2)
    connection = await asyncpg.connect(nodes.database.url)
    try:
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'autional'")
        for (table,) in map(tuple, tables):
            rows = await connection.fetch(f"select t::text from autional.{table} as t")
            assert not [row for (row,) in map(tuple, rows) if person in row], table
        assert await connection.fetchval("select count(*) from autional.stream_exclusions") == 0
    finally:
        await connection.close()
