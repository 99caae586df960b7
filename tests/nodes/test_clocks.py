"""Two nodes whose clocks are two seconds off: nothing is decided by either."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.nodes.conftest import Pair

Nodes = tuple[httpx.Client, httpx.Client]


@pytest.fixture
def nodes(pair: Pair) -> Iterator[Nodes]:
    one, other = [httpx.Client(base_url=address, headers=pair.key, trust_env=False) for address in pair.addresses()]
    with one, other:
        yield one, other


def begin(node: httpx.Client) -> dict[str, Any]:
    made: dict[str, Any] = node.post("/internal/session/create", json={"auth_user_id": "u"}).json()["data"]
    return made


def active(nodes: Nodes, token: str) -> bool:
    said = {node.post("/oauth2/introspect", data={"token": token}).json()["active"] for node in nodes}
    assert len(said) == 1
    return said == {True}


def test_what_one_node_ends_is_ended_on_the_other_and_what_begins_after_goes_on(nodes: Nodes) -> None:
    for one, other in (nodes, nodes[::-1]):
        for body in ({"user_id": "u"}, {"user_id": "u", "type": "access"}, {"everybody": True}):
            before = begin(one)
            assert active(nodes, before["tokens"]["access_token"])
            assert other.post("/admin/tokens/revoke-all", json=body).status_code == 200
            after = begin(one)
            assert not active(nodes, before["tokens"]["access_token"])
            assert active(nodes, after["tokens"]["access_token"])
            listed = one.get("/admin/sessions", params={"user_id": "u"}).json()
            ids = {item["id"] for item in listed["items"]}
            assert after["session"]["id"] in ids
            assert (before["session"]["id"] in ids) is ("type" in body)
            stats = other.get("/admin/sessions/stats").json()
            assert stats["active_sessions"] == listed["total"]


def test_a_chain_across_nodes_repeats_within_the_grace_and_knows_reuse(nodes: Nodes) -> None:
    one, other = nodes
    made = begin(other)
    first = {"refresh_token": made["tokens"]["refresh_token"]}
    pairs = [node.post("/sessions/refresh", json=first).json() for node in (one, other, one)]
    assert len({pair["refresh_token"] for pair in pairs}) == 1
    assert active(nodes, pairs[0]["access_token"])
    second = {"refresh_token": pairs[0]["refresh_token"]}
    assert other.post("/sessions/refresh", json=second).status_code == 200
    assert one.post("/sessions/refresh", json=first).json()["code"] == 30102007
    assert not active(nodes, pairs[0]["access_token"])


def test_a_deadline_is_the_databases_on_either_node(nodes: Nodes) -> None:
    one, other = nodes
    assert one.put("/admin/sessions/policy", json={"absolute_timeout": "2s"}).status_code == 200
    made = begin(other)
    assert active(nodes, made["tokens"]["access_token"])
    time.sleep(2.1)
    assert not active(nodes, made["tokens"]["access_token"])
    for node in nodes:
        assert node.get(f"/sessions/{made['session']['id']}").json()["session"]["status"] == "expired"
        body = {"refresh_token": made["tokens"]["refresh_token"]}
        assert node.post("/sessions/refresh", json=body).status_code == 401
