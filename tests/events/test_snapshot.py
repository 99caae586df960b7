"""What a verifier is told at first, and what the log adds to it: together by which tokens are over."""

import base64
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.conftest import claims_of
from tests.events.conftest import Nodes, next_of

from autional.core import ids
from autional.events import snapshot
from autional.tenancy import tenants

SNAPSHOT = "/internal/session/revocations/snapshot"


async def read(nodes: Nodes, after: str | None = None) -> dict[str, Any]:
    query = {"after": after} if after else {}
    answer = await nodes.other.get(SNAPSHOT, headers=nodes.key, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ended(part: dict[str, Any]) -> dict[str, int]:
    raw = base64.b64decode(part["ended"])
    assert len(raw) % 20 == 0
    records = [raw[at : at + 20] for at in range(0, len(raw), 20)]
    return {ids.from_stored(one[:16]): int.from_bytes(one[16:]) for one in records}


async def settled(nodes: Nodes, **until: Any) -> dict[str, Any]:
    """The snapshot once it says all of this."""
    for _ in range(200):
        found = await read(nodes)
        said = found | {"ended": ended(found)}
        if said == said | until:
            return found
    raise AssertionError(said)


async def test_it_says_what_ended_and_where_the_log_goes_on(nodes: Nodes) -> None:
    one, other, third = [await nodes.begin(f"usr_{number}") for number in range(3)]
    await nodes.end(one["session"]["id"])
    await nodes.one.post(
        "/internal/session/blacklist-token",
        headers=nodes.key,
        json={"token": other["tokens"]["access_token"], "token_type": "access", "user_id": "usr_1"},
    )
    answer = await nodes.one.post(
        f"/internal/session/{third['session']['id']}/upgrade-mfa", headers=nodes.key, json={"amr": ["pwd", "otp"]}
    )
    assert answer.status_code == 200, answer.text
    blacklisted = ids.from_stored(ids.stored(claims(other)["jti"]))
    expected = {one["session"]["id"]: 0, blacklisted: 0, third["session"]["id"]: 1}
    found = await settled(nodes, ended=expected, generation=0, disabled=False)
    assert (found["has_next"], found["longest_life"]) == (False, 24 * 3600)
    async with nodes.listening(nodes.one, found["last_event_id"]) as events:
        await nodes.end(other["session"]["id"])
        assert (await next_of(events, "session.revoked")).data["session_id"] == other["session"]["id"]
    assert claims(third)["gen"] == [0, 0]
    assert claims({"tokens": answer.json()})["gen"] == [0, 1]


def claims(made: dict[str, Any]) -> dict[str, Any]:
    return claims_of(made["tokens"]["access_token"])


@pytest.mark.parametrize(("token_type", "generation"), [("access", 1), ("refresh", 0), (None, 1)])
async def test_everybody_is_over_by_one_number(nodes: Nodes, token_type: str | None, generation: int) -> None:
    made = await nodes.begin()
    async with nodes.listening(nodes.one) as events:
        body = {"everybody": True} | ({"type": token_type} if token_type else {})
        answer = await nodes.one.post(
            "/admin/tokens/revoke-all", headers=await nodes.people.bearer("security_admin"), json=body
        )
        assert answer.status_code == 200, answer.text
        told = (await next_of(events, "tenant.tokens_revoked")).data
    assert told["generation"] == generation
    assert told.get("token_type") == token_type
    assert "disabled" not in told
    assert (await read(nodes))["generation"] == generation
    assert claims(await nodes.begin())["gen"][0] == generation
    assert claims(made)["gen"][0] == 0


async def test_the_access_tokens_of_a_user_are_over_session_by_session(nodes: Nodes) -> None:
    made = await nodes.begin()
    session_id = made["session"]["id"]
    async with nodes.listening(nodes.one) as events:
        await nodes.one.post(
            "/admin/tokens/revoke-all",
            headers=await nodes.people.bearer("security_admin"),
            json={"user_id": "usr_1", "type": "access"},
        )
        told = (await next_of(events, "session.tokens_revoked")).data
        assert (told["session_id"], told["generation"]) == (session_id, 1)
        assert (await next_of(events, "user.tokens_revoked")).data["token_type"] == "access"
    assert ended(await read(nodes)) == {session_id: 1}


async def test_a_disabled_tenant_says_so_and_is_restored(nodes: Nodes) -> None:
    await tenants.create_tenant(nodes.database, "elsewhere", "Elsewhere", None, key=b"t" * 32)
    platform = await nodes.people.bearer("platform_admin", "elsewhere")
    async with nodes.listening(nodes.one) as events:
        await nodes.one.post("/admin/tenants/acme/disable", headers=platform)
        assert (await next_of(events, "tenant.tokens_revoked")).data["disabled"] is True
    refused = await nodes.other.get(SNAPSHOT, headers=nodes.key)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (404, "tenant-not-found")
    await nodes.one.post("/admin/tenants/acme/enable", headers=platform)
    assert (await read(nodes))["disabled"] is False


async def test_it_is_read_in_parts(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "PAGE", 3)
    made = [await nodes.begin(f"usr_{number}") for number in range(7)]
    for one in made:
        await nodes.end(one["session"]["id"])
    expected = {one["session"]["id"] for one in made}
    for _ in range(200):
        found: set[str] = set()
        part = await read(nodes)
        parts = 1
        found |= ended(part).keys()
        while part["has_next"]:
            part = await read(nodes, part["last_event_id"])
            parts += 1
            found |= ended(part).keys()
        if found == expected:
            break
    assert found == expected
    assert parts == 3
    assert ended(await read(nodes, part["last_event_id"])) == {}


async def test_what_ended_before_any_token_could_live_is_left_out(nodes: Nodes) -> None:
    old, new = await nodes.begin("usr_old"), await nodes.begin("usr_new")
    await nodes.end(old["session"]["id"])
    await nodes.end(new["session"]["id"])
    await settled(nodes, ended={old["session"]["id"]: 0, new["session"]["id"]: 0})
    await nodes.execute("update revocations set at = at - interval '24 hours 6 minutes' where user_id = 'usr_old'")
    assert ended(await read(nodes)) == {new["session"]["id"]: 0}


async def test_nothing_is_left_out_whose_transaction_began_before_and_ended_after(nodes: Nodes) -> None:
    early, late = [await nodes.begin(f"usr_{number}") for number in range(2)]
    end = """
        insert into autional.revocations (home, at, kind, subject_id, reason)
        values ($1, clock_timestamp(), 'session', $2, 'x')
    """
    one, other = [await asyncpg.connect(nodes.database.url) for _ in range(2)]
    home = ids.home("acme")
    async with one.transaction():
        await one.fetchval("select pg_current_xact_id()")
        await other.execute(end, home, UUID(bytes=ids.stored(late["session"]["id"])))
        await one.execute(end, home, UUID(bytes=ids.stored(early["session"]["id"])))
    await settled(nodes, ended={early["session"]["id"]: 0, late["session"]["id"]: 0})
    for connection in (one, other):
        await connection.close()


async def test_what_waits_for_its_position_is_told_at_once(nodes: Nodes) -> None:
    made = await nodes.begin()
    holding = await asyncpg.connect(nodes.database.url)
    async with holding.transaction():
        await holding.fetchval("select pg_current_xact_id()")
        await nodes.end(made["session"]["id"])
        assert ended(await read(nodes)) == {made["session"]["id"]: 0}
    await holding.close()
