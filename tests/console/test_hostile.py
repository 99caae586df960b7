"""What is stored or sent with bad intent: it is shown as text, refused as a Problem, and breaks no page."""

import re
from datetime import UTC, datetime
from itertools import product
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.conftest import CITUS_URL
from tests.console.conftest import Browser, Open, Sign
from tests.matrix.test_hostile import EVERYTHING, RAW_SEGMENTS, RAW_VALUES, TEXTS

from autional.console.pages import PAGES
from autional.core.authority import operator_authority, whole_tenant
from autional.core.formats import UserAgent
from autional.runtime.service import Service
from autional.sessions.breakdowns import count_breakdowns, read_breakdown
from autional.sessions.creation import create_session
from autional.sessions.lifecycle import revoke_session
from autional.sessions.model import Login
from autional.tenancy import api_keys, tenants

SCRIPTS = [
    "<script>window.broken=1</script>",
    '"><img src=x onerror=window.broken=1>',
    "'><svg onload=window.broken=1>",
    "javascript:window.broken=1",
    "{{ 7*7 }}{% raw %}${7*7}",
    "</title></style></textarea><script>window.broken=1</script>",
    '" autofocus onfocus=window.broken=1 x="',
    "<a href=javascript:window.broken=1>x</a>",
    "\u202e<b>x</b>",
    "<iframe srcdoc='<script>parent.broken=1</script>'>",
    "<!--",
    "&lt;script&gt;",
]


async def store(service: Service, text: str) -> None:
    """The text wherever a text of a user, of a device or of another administrator can stand."""
    login = Login(
        text[:128],
        app_id=text,
        device_id=text[:128],
        browser=text,
        os=text,
        user_agent=UserAgent(text),
        device_type="other",
    )
    authority = operator_authority("acme")
    await create_session(service.database, service.issuer, authority, login, None)
    ended = await create_session(service.database, service.issuer, authority, login, None)
    await revoke_session(service.database, whole_tenant("acme"), ended.session.session_id, text, None)
    await api_keys.create_api_key(service.database, text, ["acme"], None)
    number = SCRIPTS.index(text)
    await tenants.create_tenant(
        service.database, f"t{number}", "".join(filter(str.isprintable, text)), None, key=b"t" * 32
    )


@pytest.mark.filterwarnings("ignore")
async def test_scripts_in_every_text_are_shown_as_text(show: Sign, service: Service) -> None:
    for text in SCRIPTS:
        if text.isprintable():
            await store(service, text)
    await read_breakdown(service.database, "acme", None)
    await count_breakdowns(service.database, datetime.now(UTC))
    screen = await show("platform_admin")
    pages = [
        "",
        "/sessions",
        "/sessions?status=ended&sort=-ended_at",
        "/users",
        "/tokens",
        "/audit",
        "/api-keys",
        "/tenants",
    ]
    pages += [f"/sessions?app_id={quote(text)}" for text in SCRIPTS]
    pages += [f"/user?user_id={quote(text, safe='')}" for text in SCRIPTS]
    pages += [f"/devices?user_id={quote(text)}" for text in SCRIPTS]
    for path in pages:
        await screen.open(path)
        assert await screen.page.evaluate("window.broken") is None, path
        assert await screen.page.locator("main script, main iframe, main img, main [onerror]").count() == 0, path
    await screen.open("/sessions")
    said = await screen.page.inner_text("main")
    for text in SCRIPTS:
        assert text in said or not text.isprintable(), text
    await screen.page.locator("a[data-panel]").first.click()
    await screen.page.wait_for_selector("dialog[open] h1")
    assert await screen.page.evaluate("window.broken") is None
    assert not screen.complaints


NAMES: tuple[str, ...] = (
    "status",
    "sort",
    "search",
    "country",
    "created_from",
    "min_risk",
    "cursor",
    "page",
    "page_size",
    "user_id",
)
NAMES += ("action", "about", "from", "span", "at", "type", "unknown")
STRIDE = 1 if EVERYTHING else 29
PLAIN = [page.path for page in PAGES if "{" not in page.path]
WITH_ID = [page.path for page in PAGES if "{" in page.path]


def must_be_a_page(answer: httpx.Response, what: object) -> None:
    assert answer.status_code < 500 or (CITUS_URL and answer.status_code == 501), (what, answer.status_code)
    if answer.status_code not in {303, 414}:
        assert answer.headers["content-type"].startswith(("text/", "application/json")), what
        is_file = "content-disposition" in answer.headers
        assert is_file or "<h1>" in answer.text or answer.status_code in {400, 413}, what
        assert not re.search(r"Traceback|Undefined", answer.text), what


@pytest.fixture
async def platform(open_browser: Open) -> Browser:
    """A browser, signed in as an administrator of the platform."""
    opened = await open_browser()
    await opened.sign_in("platform_admin")
    return opened


async def test_hostile_queries_break_no_page(platform: Browser) -> None:
    raw = [quote(text).encode() for text in TEXTS if len(text) < 4000] + RAW_VALUES
    for path, name, value in list(product(PLAIN, NAMES, raw))[::STRIDE]:
        url = f"/console/t/acme{path}?{name}={value.decode('latin-1')}"
        must_be_a_page(await platform.client.get(url), url)


async def test_hostile_paths_break_no_page(platform: Browser) -> None:
    raw = [quote(text, safe="").encode() for text in TEXTS if 0 < len(text) < 4000] + RAW_SEGMENTS
    for path, value in product(WITH_ID, raw):
        url = re.sub(r"\{\w+\}", value.decode("latin-1").replace("\\", "\\\\"), f"/console/t/acme{path}")
        must_be_a_page(await platform.client.get(url), url)


FIELDS: tuple[str, ...] = (
    "session_id",
    "reason",
    "confirmation",
    "dry_run_token",
    "user_id",
    "token",
    "token_type",
    "id",
    "device_id",
)
FIELDS += (
    "absolute_timeout",
    "levels.aal1.idle_timeout",
    "max_sessions",
    "by_role.user",
    "keep_ended",
    "access_expiry",
)
FIELDS += ("weights.new_device", "of", "tenant_id", "name", "tenant_ids", "role", "api_key_id", "key_id", "on_overflow")


async def test_hostile_forms_break_no_page_and_keep_what_was_typed(platform: Browser) -> None:
    texts = [text for text in TEXTS if len(text) < 4000]
    for page in PAGES:
        path = re.sub(r"\{\w+\}", "nobody", page.path) + "?user_id=nobody" * (page.path == "/user")
        for form in page.forms:
            for value in texts[:: 1 if EVERYTHING else 5]:
                answer = await platform.submit(path, form, **dict.fromkeys(FIELDS, value))
                must_be_a_page(answer, (path, form, value))
    answer = await platform.submit("/policies", "policy", absolute_timeout='"><b>')
    assert answer.status_code == 400
    assert "&#34;&gt;&lt;b&gt;" in answer.text
    assert 'class="problem"' in answer.text
    assert re.search(r"req_[0-9a-f-]{36}", answer.text)


async def test_too_large_and_foreign_forms_are_refused(platform: Browser) -> None:
    answer = await platform.submit("/policies", "policy", absolute_timeout="x" * 100_000)
    assert answer.status_code == 413
    assert (await platform.submit("/policies", "no such form")).status_code == 404
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": str(platform.client.base_url).rstrip("/")}
    sent: dict[str, Any] = {"headers": headers, "json": {"form": "policy"}}
    assert (await platform.client.post("/console/t/acme/policies", **sent)).status_code == 415
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await platform.client.request(method, "/console/t/acme/policies")).status_code == 405


ADMINISTRATORS = ("security_admin", "admin", "platform_admin")


async def test_roles_decide_what_is_shown_and_what_is_allowed(open_browser: Open) -> None:
    for role in ADMINISTRATORS:
        browser = await open_browser()
        await browser.sign_in(role)  # type: ignore[arg-type]
        menu = (await browser.get("")).text
        for page in PAGES:
            path = re.sub(r"\{\w+\}", "nobody", page.path)
            may = role in page.roles
            answer = await browser.get(path)
            assert (answer.status_code != 403) is may, (role, path)
            if not may:
                assert f'"/console/t/acme{path}"' not in menu
                for form in page.forms:
                    token = re.search(r'name="csrf_token" value="(\w+)"', menu)
                    assert token
                    sent = await browser.send(path, csrf_token=token[1], form=form)
                    assert sent.status_code == 403, (role, path, form)


async def test_every_write_is_on_record_with_the_console(service: Service, browser: Browser) -> None:
    answer = await browser.submit("/policies", "policy", absolute_timeout="12h")
    assert answer.status_code == 303
    log = await browser.get("/audit")
    assert "session_policy.put" in log.text
    assert "console.sign_in" in log.text
    assert log.text.count("<small>console</small>") == 2
