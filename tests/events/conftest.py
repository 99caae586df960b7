"""Two nodes over one database that both place what is revoked, and readers of their streams."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from tests.conftest import CITUS_URL, HOOKS, People, database_at
from tests.events.listener import Listener, listening

from autional.api.application import application
from autional.api.events.feed import EVENT_STREAM
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.core import background
from autional.events import log
from autional.events.deliverer import delivering
from autional.events.feed import Feed
from autional.postgres.database import Database
from autional.runtime.service import Service

FEED = "/internal/session/revocations"


class Told(msgspec.Struct):
    """A server-sent event."""

    id: str
    name: str
    data: dict[str, Any]


async def told(answer: httpx.Response) -> AsyncGenerator[Told, None]:
    """The events of a stream, as they come."""
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            yield Told(fields.get("id", ""), fields["event"], msgspec.json.decode(fields["data"]))
            fields = {}


@dataclass
class Nodes:
    """Two nodes, and who calls."""

    one: httpx.AsyncClient
    other: httpx.AsyncClient
    people: People
    key: dict[str, str]
    database: Database

    @asynccontextmanager
    async def listening(
        self, node: httpx.AsyncClient, after: str | None = None, headers: dict[str, str] | None = None
    ) -> AsyncIterator[AsyncGenerator[Told, None]]:
        """A stream at a node, without its first event."""
        accept = {"Accept": EVENT_STREAM} | ({"Last-Event-ID": after} if after else {})
        async with node.stream("GET", FEED, headers=accept | (headers or self.key)) as answer:
            assert answer.status_code == 200
            events = told(answer)
            await anext(events)
            yield events
            await events.aclose()

    async def begin(self, user: str = "usr_1", **login: Any) -> dict[str, Any]:
        body = {"auth_user_id": user, "device_type": "tv"} | login
        answer = await self.one.post("/internal/session/create", headers=self.key, json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["data"]
        return made

    async def execute(self, statement: str) -> None:
        """Change the database behind the service's back."""
        connection = await asyncpg.connect(self.database.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def end(self, session_id: str) -> None:
        answer = await self.one.delete(f"/internal/session/session/{session_id}", headers=self.key)
        assert answer.status_code == 204


@pytest.fixture
async def nodes(service: Service, people: People, url: str) -> AsyncIterator[Nodes]:
    async with AsyncExitStack() as stack:
        clients = []
        for name in ("one", "other"):
            database = database_at(url, 8)
            stack.push_async_callback(database.close)
            settings = msgspec.structs.replace(service.settings, receiver_networks="127.0.0.0/8")
            node = service._replace(database=database, feed=Feed(database, b"c" * 32), settings=settings)
            stack.push_async_callback(node.feed.close)
            deliverer = await stack.enter_async_context(
                delivering(
                    database, node.issuer, node.settings.receivers, node.receiver_key, on_citus=database.on_citus
                )
            )
            sequencer = log.Sequencer(database, on_citus=CITUS_URL is not None)
            works: dict[str, tuple[float, background.Round]] = {
                f"log of {name}": (0.01, sequencer.place),
                f"telling of {name}": (0.01, sequencer.tell),
                f"deliveries of {name}": (0.01, deliverer.work),
            }
            await stack.enter_async_context(background.running_tasks(works))
            socket = stack.enter_context(server.bound_socket("127.0.0.1", 0))
            address = await stack.enter_async_context(
                server.serving(application(node, OPERATIONS), socket, node.settings)
            )
            client = httpx.AsyncClient(base_url=address, trust_env=False, event_hooks=HOOKS, timeout=30)
            clients.append(await stack.enter_async_context(client))
        yield Nodes(clients[0], clients[1], people, await people.api_key(), service.database)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """A receiver on this machine."""
    async with listening() as opened:
        yield opened


async def next_of(events: AsyncIterator[Told], name: str, seconds: float = 5) -> Told:
    """The next event of a name."""
    async with asyncio.timeout(seconds):
        async for event in events:
            if event.name == name:
                return event
    raise AssertionError(f"the stream ended without {name}")
