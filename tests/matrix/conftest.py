"""Nodes over one database whose instant a test decides, so that a deadline is tested to the millisecond at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.conftest import HOOKS, People, database_at

from autional.api.application import application
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.postgres.database import Database
from autional.runtime.service import Service

Headers = dict[str, str]


class _Patient(httpx.AsyncHTTPTransport):
    """Asks again where a machine with other work had no time for it, as clients do."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(5):
            answer = await super().handle_async_request(request)
            if answer.status_code != 503:
                break
            await answer.aclose()
            await asyncio.sleep(0.2)
        return answer


@dataclass
class Moment:
    """The instant by which every node decides; None: the database's own."""

    at: datetime | None = None

    def __call__(self) -> datetime | None:
        return self.at


@dataclass
class World:
    """Two nodes, the instant, and who calls."""

    one: httpx.AsyncClient
    other: httpx.AsyncClient
    moment: Moment
    people: People
    database: Database
    key: Headers
    admin: Headers

    async def begin(self, user: str = "usr_1", **login: Any) -> dict[str, Any]:
        body = {"auth_user_id": user, "device_type": "tv"} | login
        answer = await self.one.post("/internal/session/create", headers=self.key, json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["data"]
        return made

    async def refresh(self, token: str, key: str | None = None, path: str = "refresh") -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.one.post(f"/sessions/{path}", headers=headers, json={"refresh_token": token})

    async def active(self, token: str) -> bool:
        """What every check of an access token says; they must agree."""
        said = set()
        for node in (self.other, self.one):
            told = await node.post("/oauth2/introspect", headers=self.key, data={"token": token})
            said.add(told.json()["active"])
            body = {"access_token": token}
            told = await node.post("/internal/session/validate-token", headers=self.key, json=body)
            said.add(told.json()["valid"])
            headers = {"Authorization": f"Bearer {token}"}
            said.add((await node.get("/trusted-devices", headers=headers)).status_code == 200)
        assert said in ({True}, {False}), said
        return said == {True}

    async def status(self, session_id: str) -> str:
        answer = await self.other.get(f"/sessions/{session_id}", headers=self.admin)
        status: str = answer.json()["session"]["status"]
        return status


def claim(token: str, world: World) -> Any:
    return world.people.service.issuer.read(token).claims


def ends(token: str, world: World) -> datetime:
    """The `exp` of an access token."""
    return datetime.fromtimestamp(claim(token, world).exp, UTC)


@pytest.fixture
async def world(service: Service, people: People, url: str) -> AsyncIterator[World]:
    moment = Moment()
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(2):
            database = database_at(url, 6)
            stack.push_async_callback(database.close)
            node = service._replace(database=database, at=moment)
            listener = stack.enter_context(server.bound_socket("127.0.0.1", 0))
            address = await stack.enter_async_context(
                server.serving(application(node, OPERATIONS), listener, node.settings)
            )
            client = httpx.AsyncClient(
                base_url=address, trust_env=False, event_hooks=HOOKS, timeout=30, transport=_Patient()
            )
            clients.append(await stack.enter_async_context(client))
        key, admin = await people.api_key(), await people.api_key(role="admin")  # no sign-out ends these
        yield World(clients[0], clients[1], moment, people, service.database, key, admin)
