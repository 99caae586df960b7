"""Webhooks and the other pushes, from the API to a receiver on this machine."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from standardwebhooks import Webhook
from tests.conftest import People
from tests.events.conftest import Nodes
from tests.events.listener import Listener

from autional.events import receivers

RECEIVERS = "/admin/receivers"


async def added(nodes: Nodes, listener: Listener, **body: Any) -> dict[str, Any]:
    given = {"protocol": "webhook", "url": f"{listener.address}/hook"} | body
    answer = await nodes.one.post(RECEIVERS, headers=await nodes.people.bearer(), json=given)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def shown(nodes: Nodes, receiver_id: str) -> dict[str, Any]:
    answer = await nodes.other.get(f"{RECEIVERS}/{receiver_id}", headers=await nodes.people.bearer())
    found: dict[str, Any] = answer.json()
    return found


async def test_a_webhook_hears_of_an_end_and_can_verify_it(nodes: Nodes, listener: Listener) -> None:
    receiver = await added(nodes, listener)
    made = await nodes.begin()
    await nodes.end(made["session"]["id"])
    [got] = await listener.wait_for(1)
    told = json.loads(got.body)
    assert told["type"] == "session.revoked"
    assert told["data"]["session_id"] == made["session"]["id"]
    Webhook(receiver["secret"]).verify(got.body, got.headers)
    async with asyncio.timeout(5):
        while (await shown(nodes, receiver["id"]))["waiting"]:
            await asyncio.sleep(0.02)
    path = f"{RECEIVERS}/{receiver['id']}/deliveries"
    [delivery] = (await nodes.one.get(path, headers=await nodes.people.bearer())).json()["items"]
    assert (delivery["state"], delivery["answer"], delivery["attempts"]) == ("delivered", "204", 1)
    assert 0 <= delivery["lag_ms"] < 2000


async def test_a_new_secret_overlaps_with_the_one_before(nodes: Nodes, listener: Listener) -> None:
    receiver = await added(nodes, listener)
    path = f"{RECEIVERS}/{receiver['id']}/rotate-secret"
    new = (await nodes.one.post(path, headers=await nodes.people.bearer())).json()
    await nodes.end((await nodes.begin())["session"]["id"])
    [got] = await listener.wait_for(1)
    for secret in (receiver["secret"], new["secret"]):
        Webhook(secret).verify(got.body, got.headers)


async def test_what_fails_is_tried_again_and_nobody_else_waits_for_it(nodes: Nodes, listener: Listener) -> None:
    listener.status = 500
    receiver = await added(nodes, listener)
    await nodes.end((await nodes.begin())["session"]["id"])
    await listener.wait_for(1)
    await asyncio.sleep(0.1)
    found = await shown(nodes, receiver["id"])
    assert (found["status"], found["waiting"], found["last_answer"]) == ("suspended", 1, "500")
    listener.status = 200
    first, second = (await listener.wait_for(2))[:2]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    await asyncio.sleep(0.1)
    assert (await shown(nodes, receiver["id"]))["status"] == "active"


async def test_events_of_one_session_arrive_in_order_whatever_fails(nodes: Nodes, listener: Listener) -> None:
    turns = 0

    async def now_and_then(*_: object) -> int:
        nonlocal turns
        turns += 1
        return 503 if turns % 3 == 0 else 204

    listener.behaviour = now_and_then
    await added(nodes, listener, kinds=["session", "established", "assurance"])
    sessions = [await nodes.begin(f"usr_{number % 3}") for number in range(6)]
    for made in sessions:
        path = f"/internal/session/{made['session']['id']}/upgrade-mfa"
        assert (await nodes.one.post(path, headers=nodes.key, json={"amr": ["pwd", "otp"]})).is_success
        await nodes.end(made["session"]["id"])
    types: dict[str, list[str]] = {}
    async with asyncio.timeout(30):
        while sum(map(len, types.values())) < 18:
            types = {}
            for got in listener.received:
                data = json.loads(got.body)["data"]
                told = types.setdefault(data["session_id"], [])
                if data["type"] not in told:
                    told.append(data["type"])
            await asyncio.sleep(0.05)
    order = ["session.established", "session.assurance_changed", "session.revoked"]
    assert [types[made["session"]["id"]] for made in sessions] == [order] * 6


async def test_what_is_dead_can_be_looked_at_and_replayed(nodes: Nodes, listener: Listener) -> None:
    listener.status = 500
    receiver = await added(nodes, listener)
    await nodes.end((await nodes.begin())["session"]["id"])
    await listener.wait_for(1)
    await asyncio.sleep(0.1)
    await nodes.execute("update autional.deliveries set dies_at = '2026-01-01'")
    await listener.wait_for(2)  # one more attempt, and a day is over
    await asyncio.sleep(0.1)
    assert (await shown(nodes, receiver["id"]))["dead"] == 1
    listener.status = 204
    admin = await nodes.people.bearer()
    path = f"{RECEIVERS}/{receiver['id']}"
    dead = (await nodes.one.get(f"{path}/deliveries", headers=admin, params={"state": "dead"})).json()["items"]
    assert [one["answer"] for one in dead] == ["500"]
    assert (await nodes.one.post(f"{path}/replay", headers=admin, json={})).json()["replayed"] == 1
    await listener.wait_for(3)
    await asyncio.sleep(0.1)
    assert (await shown(nodes, receiver["id"]))["dead"] == 0


async def test_a_client_hears_of_a_logout_by_a_token_that_it_can_verify(nodes: Nodes, listener: Listener) -> None:
    await added(nodes, listener, protocol="backchannel_logout", client_id="shop")
    made = await nodes.begin("usr_7")
    await nodes.end(made["session"]["id"])
    [got] = await listener.wait_for(1)
    assert got.headers["content-type"] == "application/x-www-form-urlencoded"
    name, _, token = got.body.decode().partition("=")
    assert name == "logout_token"
    keys = (await nodes.one.get("/.well-known/jwks.json")).json()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key.key, algorithms=["ES256"], audience="shop")
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
    assert (claims["sub"], claims["sid"]) == ("usr_7", made["session"]["id"])
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in claims
    answer = await nodes.one.get("/trusted-devices", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401  # no access token


async def test_an_application_is_asked_to_revoke_all_tokens_of_a_user(nodes: Nodes, listener: Listener) -> None:
    await added(nodes, listener, protocol="global_token_revocation")
    await nodes.begin("usr_8")
    answer = await nodes.one.delete("/internal/session/session/user/usr_8", headers=nodes.key)
    assert answer.status_code == 200
    [got] = await listener.wait_for(1)
    subject = json.loads(got.body)["sub_id"]
    assert (subject["format"], subject["sub"]) == ("iss_sub", "usr_8")
    assert got.headers["authorization"].startswith("Bearer ey")


async def test_a_receiver_only_hears_of_its_tenant_its_app_and_its_kinds(
    nodes: Nodes, listener: Listener, people: People
) -> None:
    await added(nodes, listener, kinds=["user"])
    await added(nodes, listener, protocol="backchannel_logout", client_id="shop", app_id="shop")
    await nodes.end((await nodes.begin("usr_9"))["session"]["id"])
    await nodes.begin("usr_9")
    await nodes.one.delete("/internal/session/session/user/usr_9", headers=nodes.key)
    [got] = await listener.wait_for(1)
    assert json.loads(got.body)["type"] == "user.tokens_revoked"
    await asyncio.sleep(0.2)
    assert len(listener.received) == 1  # the client hears of no user without a session of its app
    await nodes.begin("usr_9", app_id="shop")
    await nodes.one.delete("/internal/session/session/user/usr_9", headers=nodes.key)
    later = (await listener.wait_for(4))[1:]
    tokens = [parse_qs(one.body.decode())["logout_token"][0] for one in later if not one.headers.get("webhook-id")]
    claims = [jwt.decode(one, options={"verify_signature": False}) for one in tokens]
    assert sorted("sid" in one for one in claims) == [False, True]


IMPOSSIBLE: list[dict[str, Any]] = [
    {"url": "ftp://example.com"},
    {"url": "https://user:secret@example.com/"},
    {"url": "http://10.0.0.1/"},
    {"url": "https://169.254.169.254/latest"},
    {"url": "https://[::ffff:10.0.0.1]/"},
    {"protocol": "backchannel_logout"},
    {"protocol": "global_token_revocation", "kinds": ["session"]},
    {"kinds": []},
    {"client_id": "shop"},
    {"protocol": "global_token_revocation", "app_id": "shop"},
]


async def test_a_receiver_that_cannot_be_is_refused(nodes: Nodes, listener: Listener) -> None:
    headers = await nodes.people.bearer()
    for body in IMPOSSIBLE:
        given = {"protocol": "webhook", "url": f"{listener.address}/hook"} | body
        assert (await nodes.one.post(RECEIVERS, headers=headers, json=given)).status_code == 400, body


async def test_of_many_that_are_added_at_once_no_more_stay_than_there_may_be(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "MOST_RECEIVERS", 3)
    admin = await nodes.people.bearer()
    body = {"protocol": "webhook", "url": "https://receiver.example/"}
    asked = [node.post(RECEIVERS, headers=admin, json=body) for _ in range(4) for node in (nodes.one, nodes.other)]
    statuses = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(statuses) == [201] * 3 + [409] * 5
