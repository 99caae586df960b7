"""Whatever ends a session or a token: on the very next request, on every node, every check says so."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.conftest import People, database_at

from autional.api.application import application
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.postgres.connection import connect
from autional.runtime.service import Service
from autional.sessions.bulk_revocation import run_next_job

Made = dict[str, Any]
CREATE = "/internal/session/create"


class World:
    """Two nodes over one database, and those who end things on the first."""

    def __init__(self, one: httpx.AsyncClient, other: httpx.AsyncClient, people: People) -> None:
        self.one, self.other, self.people = one, other, people

    async def begin(self) -> Made:
        body = {"auth_user_id": "usr_1", "device_type": "tv"}
        answer = await self.one.post(CREATE, headers=await self.people.api_key(), json=body)
        made: Made = answer.json()["data"]
        return made

    async def own(self, made: Made) -> None:
        await self.one.delete(f"/sessions/{made['session']['id']}", headers=bearer(made))

    async def administrator(self, made: Made) -> None:
        await self.one.delete(f"/sessions/{made['session']['id']}", headers=await self.people.bearer())

    async def bulk(self, made: Made) -> None:
        body = {"session_ids": [made["session"]["id"]]}
        await self.one.post("/admin/sessions/revoke", headers=await self.people.bearer(), json=body)

    async def user(self, _: Made) -> None:
        await self.one.delete("/admin/sessions/user/usr_1", headers=await self.people.bearer())

    async def service(self, _: Made) -> None:
        await self.one.delete("/internal/session/session/user/usr_1", headers=await self.people.api_key())

    async def reuse(self, made: Made) -> None:
        first = {"refresh_token": made["tokens"]["refresh_token"]}
        second = (await self.one.post("/sessions/refresh", json=first)).json()
        await self.one.post("/sessions/refresh", json={"refresh_token": second["refresh_token"]})
        await self.one.post("/sessions/refresh", json=first)

    async def revocation_endpoint(self, made: Made) -> None:
        data = {"token": made["tokens"]["refresh_token"]}
        await self.one.post("/oauth2/revoke", headers=await self.people.api_key(), data=data)

    async def revoke_all(self, _: Made) -> None:
        admin = await self.people.bearer()
        await self.one.post("/admin/tokens/revoke-all", headers=admin, json={"user_id": "usr_1"})

    async def everybody(self, _: Made) -> None:
        await self.one.post("/admin/tokens/revoke-all", headers=await self.people.bearer(), json={"everybody": True})

    async def filter(self, _: Made) -> None:
        admin, wanted = await self.people.bearer(), {"filter": {"device_type": "tv"}}
        shown = (await self.one.post("/admin/sessions/revoke", headers=admin, json=wanted | {"dry_run": True})).json()
        run = wanted | {"dry_run_token": shown["preview"]["dry_run_token"]}
        await self.one.post("/admin/sessions/revoke", headers=admin, json=run)
        assert await run_next_job(self.people.service.database)

    async def limit(self, _: Made) -> None:
        admin = await self.people.bearer()
        await self.one.put("/admin/sessions/limits", headers=admin, json={"max_sessions": 1})
        body = {"auth_user_id": "usr_1", "device_type": "desktop"}
        newer = (await self.one.post("/sessions", headers=admin, json=body)).json()
        await self.one.delete(f"/sessions/{newer['session']['id']}", headers=admin)

    async def erasure(self, _: Made) -> None:
        body = {"user_id": "usr_1"}
        await self.one.post("/internal/session/erase-user-data", headers=await self.people.api_key(), json=body)

    async def blacklist(self, made: Made) -> None:
        body = {"token": made["tokens"]["access_token"], "token_type": "access", "user_id": "usr_1"}
        await self.one.post("/tokens/blacklist", headers=bearer(made), json=body)


SESSION_PATHS: list[Callable[[World, Made], Awaitable[None]]] = [
    World.own,
    World.administrator,
    World.bulk,
    World.user,
    World.service,
    World.reuse,
    World.revocation_endpoint,
    World.revoke_all,
    World.everybody,
    World.filter,
    World.limit,
    World.erasure,
]


def bearer(made: Made) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['tokens']['access_token']}"}


@pytest.fixture
async def world(http: httpx.AsyncClient, service: Service, people: People, url: str) -> AsyncIterator[World]:
    database = database_at(url, 4)
    node = service._replace(database=database)
    with server.bound_socket("127.0.0.1", 0) as listener:
        async with (
            server.serving(application(node, OPERATIONS), listener, node.settings) as address,
            httpx.AsyncClient(base_url=address, trust_env=False) as client,
        ):
            yield World(http, client, people)
    await database.close()


async def good_everywhere(world: World, made: Made) -> set[bool]:
    """What every check of an access token says, on the other node first."""
    key, token = await world.people.api_key(), made["tokens"]["access_token"]
    said = set()
    for node in (world.other, world.one):
        said.add((await node.get("/sessions?auth_user_id=usr_1", headers=bearer(made))).status_code == 200)
        said.add((await node.post("/oauth2/introspect", headers=key, data={"token": token})).json()["active"])
        body = {"access_token": token}
        said.add((await node.post("/internal/session/validate-token", headers=key, json=body)).json()["valid"])
    return said


@pytest.mark.parametrize("path", SESSION_PATHS, ids=lambda path: path.__name__)
async def test_every_path_ends_the_session_on_every_node(
    world: World, url: str, path: Callable[[World, Made], Awaitable[None]]
) -> None:
    made = await world.begin()
    assert await good_everywhere(world, made) == {True}
    await path(world, made)
    assert await good_everywhere(world, made) == {False}
    refresh = {"refresh_token": made["tokens"]["refresh_token"]}
    for node in (world.other, world.one):
        assert (await node.post("/sessions/refresh", json=refresh)).status_code == 401
        assert (await node.post("/sessions/rotate-access", json=refresh)).status_code == 401
    assert await ended(url, "session", made["session"]["id"]) == 1
    stats = (await world.other.get("/admin/sessions/stats", headers=await world.people.bearer())).json()
    assert (stats["active_sessions"], stats["revoked_sessions"]) == (0, stats["total_sessions"])


async def test_a_blacklisted_token_is_over_and_its_session_goes_on(world: World, url: str) -> None:
    made = await world.begin()
    await world.blacklist(made)
    assert await good_everywhere(world, made) == {False}
    token_id = world.people.service.issuer.read(made["tokens"]["access_token"]).claims.jti
    assert await ended(url, "token", token_id) == 1
    pair = (await world.other.post("/sessions/refresh", json={"refresh_token": made["tokens"]["refresh_token"]})).json()
    assert await good_everywhere(world, {"tokens": pair}) == {True}


async def test_an_operators_token_ends_by_blacklist_and_by_signing_out(world: World) -> None:
    operator = await world.people.bearer()
    body = {"token": operator["Authorization"][7:], "token_type": "access", "user_id": "the_admin"}
    assert (await world.one.post("/tokens/blacklist", headers=operator, json=body)).status_code == 200
    assert (await world.other.get("/admin/sessions/stats", headers=operator)).status_code == 401
    other, everybody = await world.people.bearer("security_admin"), {"user_id": "the_security_admin"}
    assert (await world.one.post("/admin/tokens/revoke-all", headers=other, json=everybody)).status_code == 200
    assert (await world.other.get("/admin/sessions/stats", headers=other)).status_code == 401


async def ended(url: str, kind: str, subject_id: str) -> int:
    connection = await connect(url)
    try:
        query = "select count(*) from revocations where kind = $1 and subject_id = $2"
        return int(await connection.fetchval(query, kind, subject_id))
    finally:
        await connection.close()
