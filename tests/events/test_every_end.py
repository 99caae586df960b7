"""Every way to end something, told by every channel within a second of its commit, at the other node."""

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.events.conftest import Nodes, Told
from tests.events.listener import Listener
from tests.events.test_ssf import bearer, opened, poll, stream
from tests.events.test_webhooks import added

from autional.sessions.bulk_revocation import run_next_job
from autional.tenancy import tenants

MOST_LAG = 3000
"""Milliseconds on a machine that does other work as well; `make bench-events` measures."""


@dataclass
class Ended:
    """A session that was begun, and the way to end it."""

    nodes: Nodes
    made: dict[str, Any]

    @property
    def session_id(self) -> str:
        return str(self.made["session"]["id"])

    @property
    def refresh_token(self) -> dict[str, str]:
        return {"refresh_token": self.made["tokens"]["refresh_token"]}

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.made['tokens']['access_token']}"}


async def by_service(ended: Ended) -> None:
    await ended.nodes.end(ended.session_id)


async def by_its_user(ended: Ended) -> None:
    answer = await ended.nodes.one.delete(f"/sessions/{ended.session_id}", headers=ended.bearer)
    assert answer.status_code == 204


async def by_administrator(ended: Ended) -> None:
    headers = await ended.nodes.people.bearer()
    answer = await ended.nodes.one.post(f"/sessions/{ended.session_id}/revoke", headers=headers, json={"reason": "why"})
    assert answer.status_code == 204


async def by_list(ended: Ended) -> None:
    body = {"session_ids": [ended.session_id]}
    headers = await ended.nodes.people.bearer()
    assert (await ended.nodes.one.post("/admin/sessions/revoke", headers=headers, json=body)).is_success


async def by_filter(ended: Ended) -> None:
    headers = await ended.nodes.people.bearer()
    asked: dict[str, Any] = {"filter": {"device_type": "tv"}, "dry_run": True}
    shown = (await ended.nodes.one.post("/admin/sessions/revoke", headers=headers, json=asked)).json()["preview"]
    run = {"filter": asked["filter"], "dry_run_token": shown["dry_run_token"]}
    assert (await ended.nodes.one.post("/admin/sessions/revoke", headers=headers, json=run)).is_success
    while await run_next_job(ended.nodes.database):
        pass


async def of_user(ended: Ended) -> None:
    answer = await ended.nodes.one.delete("/internal/session/session/user/usr_1", headers=ended.nodes.key)
    assert answer.is_success


async def of_everybody(ended: Ended) -> None:
    headers = await ended.nodes.people.api_key(role="admin")
    answer = await ended.nodes.one.post("/admin/tokens/revoke-all", headers=headers, json={"everybody": True})
    assert answer.is_success


async def by_reuse(ended: Ended) -> None:
    first = (await ended.nodes.one.post("/sessions/refresh", json=ended.refresh_token)).json()
    await ended.nodes.one.post("/sessions/refresh", json={"refresh_token": first["refresh_token"]})
    assert (await ended.nodes.one.post("/sessions/refresh", json=ended.refresh_token)).status_code == 401


async def by_client(ended: Ended) -> None:
    token = {"token": ended.made["tokens"]["refresh_token"]}
    assert (await ended.nodes.one.post("/oauth2/revoke", headers=ended.nodes.key, data=token)).is_success


async def of_its_token(ended: Ended) -> None:
    token = {"token": ended.made["tokens"]["access_token"]}
    assert (await ended.nodes.one.post("/oauth2/revoke", headers=ended.nodes.key, data=token)).is_success


async def by_limit(ended: Ended) -> None:
    headers = await ended.nodes.people.bearer()
    limits = {"max_sessions": 1, "on_overflow": "end_oldest"}
    assert (await ended.nodes.one.put("/admin/sessions/limits", headers=headers, json=limits)).is_success
    await ended.nodes.begin()


async def by_erasure(ended: Ended) -> None:
    body = {"user_id": "usr_1"}
    headers = await ended.nodes.people.bearer()
    assert (await ended.nodes.one.post("/admin/users/erase", headers=headers, json=body)).is_success


async def globally(ended: Ended) -> None:
    body = {"sub_id": {"format": "opaque", "id": "usr_1"}}
    assert (await ended.nodes.one.post("/global-token-revocation", headers=ended.nodes.key, json=body)).is_success


async def of_its_tenant(ended: Ended) -> None:
    await tenants.delete_tenant(ended.nodes.database, "acme", key=b"t" * 32)


SESSION, TOKEN, USER, TENANT = "session.revoked", "token.revoked", "user.tokens_revoked", "tenant.tokens_revoked"
ENDS: list[tuple[Callable[[Ended], Awaitable[None]], list[str]]] = [
    (by_service, [SESSION]),
    (by_its_user, [SESSION]),
    (by_administrator, [SESSION]),
    (by_list, [SESSION]),
    (by_filter, [SESSION]),
    (of_user, [SESSION, USER]),
    (of_everybody, [TENANT, SESSION]),
    (by_reuse, [SESSION]),
    (by_client, [SESSION]),
    (of_its_token, [TOKEN]),
    (by_limit, [SESSION]),
    (by_erasure, [SESSION]),
    (globally, [SESSION, USER]),
]


async def heard(events: Any, number: int) -> list[Told]:
    found: list[Told] = []
    async with asyncio.timeout(3):
        async for event in events:
            if event.name != "heartbeat":
                found.append(event)
            if len(found) == number:
                return found
    raise AssertionError("the stream ended")


@pytest.mark.parametrize(("end", "types"), ENDS)
async def test_an_end_is_told_by_every_channel(
    nodes: Nodes, listener: Listener, end: Callable[[Ended], Awaitable[None]], types: list[str]
) -> None:
    caep = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
    made_stream = await stream(nodes, events_requested=[caep])
    await added(nodes, listener)
    await added(nodes, listener, protocol="backchannel_logout", client_id="shop")
    ended = Ended(nodes, await nodes.begin())
    async with nodes.listening(nodes.other) as events:
        await end(ended)
        told = await heard(events, len(types))
    assert [event.name for event in told] == types
    assert [event.data["position"] for event in told] == list(range(1, len(types) + 1))
    if end is by_erasure:
        assert "usr_1" not in str(told)
    of_logout = [kind for kind in types if kind in {SESSION, USER}]
    got = await listener.wait_for(len(types) + len(of_logout), 3)
    hooks = [json.loads(one.body) for one in got if "webhook-id" in one.headers]
    assert sorted(one["type"] for one in hooks) == sorted(types)
    sets = (await poll(nodes, made_stream["stream_id"]))["sets"]
    assert sets
    for token in sets.values():
        await opened(nodes, token, made_stream["aud"])
    headers = await nodes.people.api_key(role="admin")
    async with asyncio.timeout(3):
        while True:
            path = f"/admin/revocations/{told[0].data['id']}/receipt"
            receipt = (await nodes.one.get(path, headers=headers)).json()
            lines = {line["channel"]: line for line in receipt["lines"]}
            if {"feed", "webhook"} <= lines.keys() and lines["webhook"]["state"] == "delivered":
                break
            await asyncio.sleep(0.1)
    assert all(line.get("lag_ms", 0) < MOST_LAG for line in lines.values()), lines
    assert lines["ssf_poll"]["state"] == "waiting"
    assert lines["feed"]["receiver"] == nodes.key["X-API-Key"].partition(".")[0]
    lag = (await nodes.one.get("/admin/revocations/lag", headers=headers)).json()
    assert {one["channel"] for one in lag["channels"]} >= {"webhook"}
    assert all(one["p50_ms"] <= one["p99_ms"] <= one["worst_ms"] < MOST_LAG for one in lag["channels"])


async def test_the_deletion_of_a_tenant_is_told_before_its_records_go(nodes: Nodes, listener: Listener) -> None:
    await added(nodes, listener)
    listener.status = 500
    await tenants.delete_tenant(nodes.database, "acme", key=b"t" * 32)
    await listener.wait_for(1)
    await tenants.purge_deleted(nodes.database)
    listener.status = 204
    told = [json.loads(one.body)["data"] for one in await listener.wait_for(2)]
    assert {(one["tenant_id"], one["reason"]) for one in told} == {("acme", "tenant_deleted")}
    await asyncio.sleep(0.2)
    await tenants.purge_deleted(nodes.database)
    assert await nodes.database.rows("deleted_tenants") == []


async def test_what_is_restored_is_told(nodes: Nodes, listener: Listener) -> None:
    await added(nodes, listener)
    ended = Ended(nodes, await nodes.begin())
    await of_its_token(ended)
    admin = await nodes.people.api_key(role="admin")
    [entry] = (await nodes.one.get("/admin/tokens/blacklist", headers=admin)).json()["items"]
    assert (await nodes.one.delete(f"/admin/tokens/blacklist/{entry['id']}", headers=admin)).is_success
    await tenants.disable_tenant(nodes.database, "acme", None)
    await tenants.enable_tenant(nodes.database, "acme")
    told = [json.loads(one.body)["data"] for one in await listener.wait_for(4)]
    kinds = ["token.revoked", "token.restored", "tenant.tokens_revoked", "tenant.restored"]
    assert [one["type"] for one in sorted(told, key=lambda one: one["position"])] == kinds


def test_every_way_to_end_has_its_row() -> None:
    assert dataclasses.is_dataclass(Ended)
    assert len({end for end, _ in ENDS}) == len(ENDS)


async def test_a_receipt_of_nothing_is_not_found(nodes: Nodes) -> None:
    headers = bearer(nodes) | await nodes.people.bearer()
    for name in ("1", "0", "x", "9" * 30, "-1"):
        assert (await nodes.one.get(f"/admin/revocations/{name}/receipt", headers=headers)).status_code == 404
