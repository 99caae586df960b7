"""Browsers without a screen: HTTP clients that keep cookies, as the console expects them from a browser."""

import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from autional.access.console import create_link
from autional.api.application import application
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.console.application import console
from autional.core.authority import Role
from autional.runtime.service import Service


class Browser:
    """One browser: its client, and the token of its forms once it is signed in."""

    def __init__(self, client: httpx.AsyncClient, service: Service) -> None:
        self.client = client
        self.service = service

    async def sign_in(self, role: Role = "admin", tenant: str = "acme", user: str | None = None) -> None:
        """Open a new link."""
        link = await create_link(self.service.database, tenant, user or f"the_{role}", role, None)
        answer = await self.send("/console/sign-in", link=link)
        assert answer.status_code == 303, answer.text

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """A page of the tenant acme, or another one whose path is absolute."""
        return await self.client.get(_absolute(path), headers=headers)

    async def send(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Send a form as a page of the console does."""
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": str(self.client.base_url).rstrip("/")}
        return await self.client.post(_absolute(path), data=fields, headers=headers)

    async def submit(self, path: str, form: str, **fields: str | list[str]) -> httpx.Response:
        """Fill in a form of a page and send it."""
        page = await self.get(path)
        token = re.search(r'name="csrf_token" value="(\w+)"', page.text)
        assert token, page.text
        return await self.send(path, csrf_token=token[1], form=form, **fields)


def _absolute(path: str) -> str:
    return path if path.startswith("/console") else f"/console/t/acme{path}"


Open = Callable[[], Awaitable[Browser]]


@pytest.fixture
async def open_browser(service: Service, listener: socket.socket) -> AsyncIterator[Open]:
    """Opens browsers on a served console."""
    app = application(service, OPERATIONS, console(service, OPERATIONS))
    async with server.serving(app, listener, service.settings) as address, AsyncExitStack() as stack:

        async def opened() -> Browser:
            client = httpx.AsyncClient(base_url=address, trust_env=False)
            return Browser(await stack.enter_async_context(client), service)

        yield opened


@pytest.fixture
async def browser(open_browser: Open) -> Browser:
    """A browser, signed in as an administrator of acme."""
    opened = await open_browser()
    await opened.sign_in()
    return opened
