"""Browsers without a screen: HTTP clients that keep cookies, as the console expects them from a browser."""

import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright import async_api as playwright
from playwright.async_api import async_playwright
from tests.console.chromium import MISSING, executable

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


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was skipped."""
    if any(MISSING in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.section(MISSING, red=True)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[playwright.Browser]:
    """A running Chromium."""
    path = executable()
    if path is None:
        pytest.skip(MISSING)
    async with async_playwright() as playing:
        running = await playing.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        await running.close()


_WITHOUT_STICKY = "document.querySelectorAll('.sticky').forEach(one => { one.style.position = 'static' })"
"""What is in front of a row where the page is scrolled to is not in the row's way."""


class Screen:
    """A page in Chromium that must not complain, nor ask another host for anything."""

    def __init__(self, page: playwright.Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "status of 4" not in text:  # a refused form is told so on the page
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"asked {url}")

    async def open(self, path: str) -> None:
        """A page of the tenant acme."""
        await self.page.goto(f"{self.address}{_absolute(path)}")

    async def must_be_accessible(self, *, by_axe: bool = True) -> None:
        """No violation of WCAG 2.2 AA that axe knows, and no sideways scrolling of the page."""
        if by_axe:
            await self.page.evaluate(_WITHOUT_STICKY)
            found = await Axe().run(self.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
            assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
        wide = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} pixels too wide"


Sign = Callable[..., Awaitable[Screen]]


@pytest.fixture
async def show(chromium: playwright.Browser, service: Service, listener: socket.socket) -> AsyncIterator[Sign]:
    """Signs in to a served console in Chromium, by the link and its button."""
    app = application(service, OPERATIONS, console(service, OPERATIONS))
    async with server.serving(app, listener, service.settings) as address, AsyncExitStack() as stack:

        async def shown(role: Role = "admin", width: int = 1440, **options: Any) -> Screen:
            context = await chromium.new_context(viewport={"width": width, "height": 900}, **options)
            stack.push_async_callback(context.close)
            screen = Screen(await context.new_page(), address)
            link = await create_link(service.database, "acme", f"the_{role}", role, None)
            await screen.page.goto(f"{address}/console/sign-in#{link}")
            await screen.must_be_accessible()
            await screen.page.click("button.primary")
            await screen.page.wait_for_url("**/t/acme")
            return screen

        yield shown
