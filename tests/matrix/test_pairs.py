"""Pairs of writes on one session, user or tenant, started together: the end is that of one order or of the other, and
session, tokens, statistics and lists agree about it."""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.matrix.conftest import World

from autional.sessions.bulk_revocation import run_next_job
from autional.tenancy import tenants

ROUNDS = int(os.environ.get("PAIR_ROUNDS", "3"))
USER = "usr_1"
Made = dict[str, Any]
Pairs = list[dict[str, Any]]


async def login(world: World, made: Made, pairs: Pairs) -> None:
    body = {"auth_user_id": USER, "device_type": "tv"}
    answer = await world.other.post("/internal/session/create", headers=world.key, json=body)
    assert answer.status_code in {201, 404}
    if answer.status_code == 201:
        pairs.append(answer.json()["data"]["tokens"])


async def refresh(world: World, made: Made, pairs: Pairs) -> None:
    body = {"refresh_token": made["tokens"]["refresh_token"]}
    answer = await world.other.post("/sessions/refresh", json=body)
    assert answer.status_code in {200, 401}
    if answer.status_code == 200:
        pairs.append(answer.json())


async def rotate(world: World, made: Made, pairs: Pairs) -> None:
    body = {"refresh_token": made["tokens"]["refresh_token"]}
    answer = await world.other.post("/sessions/rotate-access", json=body)
    assert answer.status_code in {200, 401}
    if answer.status_code == 200:
        pairs.append(answer.json())


async def exchange(world: World, made: Made, pairs: Pairs) -> None:
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": made["tokens"]["access_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    answer = await world.other.post("/oauth2/token", headers=world.key, data=form)
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        pairs.append(answer.json())


async def upgrade(world: World, made: Made, pairs: Pairs) -> None:
    path = f"/internal/session/{made['session']['id']}/upgrade-mfa"
    answer = await world.one.post(path, headers=world.key, json={"amr": ["pwd", "otp"]})
    assert answer.status_code in {200, 404}
    if answer.status_code == 200:
        pairs.append(answer.json())


async def revoke_one(world: World, made: Made, pairs: Pairs) -> None:
    path = f"/internal/session/session/{made['session']['id']}"
    assert (await world.one.delete(path, headers=world.key)).status_code == 204


async def revoke_all(world: World, made: Made, pairs: Pairs) -> None:
    answer = await world.one.post("/admin/tokens/revoke-all", headers=world.admin, json={"user_id": USER})
    assert answer.status_code == 200


async def revoke_everybody(world: World, made: Made, pairs: Pairs) -> None:
    answer = await world.one.post("/admin/tokens/revoke-all", headers=world.admin, json=EVERYBODY)
    assert answer.status_code == 200


async def erase(world: World, made: Made, pairs: Pairs) -> None:
    body = {"user_id": USER}
    answer = await world.one.post("/internal/session/erase-user-data", headers=world.key, json=body)
    assert answer.status_code == 200


async def limit(world: World, made: Made, pairs: Pairs) -> None:
    answer = await world.one.put("/admin/sessions/limits", headers=world.admin, json={"max_sessions": 1})
    assert answer.status_code == 200


async def shorten(world: World, made: Made, pairs: Pairs) -> None:
    body = {"absolute_timeout": "1h", "apply_to_existing": True}
    assert (await world.one.put("/admin/sessions/policy", headers=world.admin, json=body)).status_code == 200


async def job(world: World, made: Made, pairs: Pairs) -> None:
    wanted: dict[str, Any] = {"filter": {"user_id": USER}}
    path = "/admin/sessions/revoke"
    shown = (await world.one.post(path, headers=world.admin, json=wanted | {"dry_run": True})).json()["preview"]
    run = wanted | {"dry_run_token": shown["dry_run_token"]}
    answer = await world.one.post(path, headers=world.admin, json=run)
    assert answer.status_code in {200, 400}  # an erasure makes the filter unknown
    await run_next_job(world.database)


EVERYBODY: dict[str, Any] = {"everybody": True}
Write = Callable[[World, Made, Pairs], Awaitable[None]]
WRITES: tuple[Write, ...] = (
    login, refresh, rotate, exchange, upgrade, revoke_one, revoke_all, revoke_everybody, erase, limit, shorten, job,
)  # fmt: skip
ENDS_ALL = {revoke_all, revoke_everybody, erase}


@pytest.mark.parametrize(
    ("one", "other"),
    itertools.combinations_with_replacement(WRITES, 2),
    ids=lambda write: write.__name__,
)
async def test_two_writes_at_once_end_as_one_after_the_other(world: World, one: Write, other: Write) -> None:
    for _ in range(ROUNDS):
        made = await world.begin(USER)
        pairs: Pairs = [made["tokens"]]
        await asyncio.gather(one(world, made, pairs), other(world, made, pairs))
        await agree(world, pairs)
        if {one, other} <= ENDS_ALL | {revoke_one, refresh, rotate, exchange, upgrade} and {one, other} & ENDS_ALL:
            assert not [pair for pair in pairs if await world.active(pair["access_token"])]
        if {one, other} == {login, limit} or one is other is login:
            await world.one.put("/admin/sessions/limits", headers=world.admin, json={"max_sessions": 100})
        await world.one.delete(f"/admin/sessions/user/{USER}", headers=world.admin)


@pytest.mark.parametrize("write", [login, refresh, rotate, exchange], ids=lambda write: write.__name__)
async def test_a_tenant_that_is_disabled_beside_a_write_accepts_nothing_until_it_is_enabled(
    world: World, write: Write
) -> None:
    for _ in range(ROUNDS):
        made = await world.begin(USER)
        pairs: Pairs = [made["tokens"]]
        await asyncio.gather(write(world, made, pairs), tenants.disable_tenant(world.database, "acme", None))
        for pair in pairs:
            told = await world.one.post("/oauth2/introspect", headers=world.key, data={"token": pair["access_token"]})
            assert told.json() == {"active": False}
        await tenants.enable_tenant(world.database, "acme")
        await agree(world, pairs)


async def agree(world: World, pairs: Pairs) -> None:
    """Each token is good exactly while its session is, and the statistics count what the list shows."""
    listed = await world.other.get("/admin/sessions?status=all&page_size=100", headers=world.admin)
    sessions = {item["id"]: item for item in listed.json()["items"]}
    stats = (await world.one.get("/admin/sessions/stats", headers=world.admin)).json()
    states = [item["status"] for item in sessions.values()]
    assert stats["total_sessions"] == len(sessions)
    assert stats["active_sessions"] == states.count("active")
    assert stats["revoked_sessions"] == states.count("revoked")
    read = world.people.service.issuer.read
    for pair in pairs:
        claims = read(pair["access_token"]).claims
        session = sessions[claims.session_id or ""]
        of_this_level = claims.acr == f"aal{session['aal']}"
        assert await world.active(pair["access_token"]) is (session["status"] == "active" and of_this_level)
    rows = await world.database.rows(
        "issued_tokens", "acme", None, None, "refresh", "active", None, None, 100, 0, 1000, None, None
    )
    live = [row["session_id"] for row in rows if row["token_id"] is not None]
    active = [name for name, session in sessions.items() if session["status"] == "active"]
    assert sorted(live) == sorted(active)
