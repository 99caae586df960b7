"""Every page and flow in a real Chromium, on a phone and on a wide screen, in both languages, light and dark."""

import asyncio
import itertools
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.console.conftest import Screen, Sign
from tests.matrix.test_hostile import EVERYTHING

from autional.core.authority import operator_authority, whole_tenant
from autional.core.formats import UserAgent
from autional.demo.loader import load_sessions
from autional.runtime import maintenance
from autional.runtime.service import Service
from autional.sessions.breakdowns import count_breakdowns, read_breakdown
from autional.sessions.bulk_revocation import run_next_job
from autional.sessions.creation import create_session
from autional.sessions.lifecycle import revoke_session
from autional.sessions.model import Login

PAGES = (
    "",
    "?span=month",
    "/sessions",
    "/sessions?status=ended&sort=-ended_at",
    "/sessions?status=all&country=GB",
    "/sessions?search=nobody",
    "/sessions?aal=x&country=zz",
    "/sessions/revoke?app_id=web",
    "/users",
    "/user?user_id=usr_000000",
    "/user?user_id=nobody",
    "/tokens",
    "/blacklist",
    "/devices?user_id=usr_000000",
    "/policies",
    "/audit",
    "/audit?log=platform",
    "/jobs",
    "/events",
    "/revocations",
    "/revocations/1",
    "/receivers/nobody",
    "/tenants",
    "/api-keys",
    "/signing-keys",
    "/nowhere",
)
BY_AXE = set(itertools.product((390, 1440), ("en", "zh-CN") if EVERYTHING else ("en",)))
"""Screens on which axe looks at every page, one dark and one light; in `make soak` on all."""
SCREENS = [(390, "en", "dark"), (390, "zh-CN", "light"), (1440, "en", "light"), (1440, "zh-CN", "dark")]


@pytest.fixture
async def filled(service: Service, tenant: str) -> str:
    """Two thousand sessions; the id of one that is active."""
    await load_sessions(service.database, tenant, 2_000, datetime.now(UTC))
    login = Login("usr_000000", amr=["pwd"], app_id="web", user_agent=UserAgent("Mozilla/5.0"))
    created = await create_session(service.database, service.issuer, operator_authority(tenant), login, None)
    now = datetime.now(UTC)
    await maintenance.sample_statistics(service.database, now)
    return created.session.session_id


@pytest.mark.parametrize(("width", "language", "scheme"), SCREENS)
async def test_every_page_is_whole_and_accessible(
    show: Sign, service: Service, filled: str, width: int, language: str, scheme: str
) -> None:
    screen = await show("platform_admin", width=width, locale=language, color_scheme=scheme)
    await count_breakdowns(service.database, datetime.now(UTC))
    for path in (*PAGES, f"/sessions/{filled}"):
        await screen.open(path)
        await screen.must_be_accessible(by_axe=(width, language) in BY_AXE or path in ("", "/sessions"))
        assert await screen.page.get_attribute("html", "lang") == language
        said = await screen.page.inner_text("main")
        assert not re.search(r"\{\w+\}|\bNone\b|Undefined", said), path
        chinese = re.search("[\u4e00-\u9fff]", said)
        assert bool(chinese) is (language == "zh-CN"), path
    assert not screen.complaints


async def count(screen: Screen) -> int:
    await screen.open("/sessions")
    return int(re.sub(r"\D", "", await screen.page.inner_text("#total")))


async def test_one_session_is_ended_in_its_panel_and_leaves_a_receipt(show: Sign, filled: str) -> None:
    screen = await show()
    before = await count(screen)
    await screen.open("/sessions?search=usr_000000")
    await screen.page.click(f"a[data-panel] code:text-is('{filled}')")
    await screen.page.wait_for_selector("dialog[open] h1")
    await screen.must_be_accessible()
    await screen.page.fill("dialog input[name=reason]", "stolen phone")
    await screen.page.click("dialog button.danger")
    await screen.page.wait_for_url("**/receipts/**")
    said = await screen.page.inner_text("main")
    assert filled in said
    assert "stolen phone" in said
    assert await count(screen) == before - 1
    await screen.open("/sessions?status=ended&sort=-ended_at")
    assert "the_admin" in await screen.page.inner_text("tbody tr:first-child")
    assert not screen.complaints


async def test_the_selected_are_ended_together(show: Sign, filled: str) -> None:
    screen = await show()
    before = await count(screen)
    button = screen.page.locator("button[data-selected]")
    assert await button.is_disabled()
    for place in (1, 2, 3):
        await screen.page.check(f"tbody tr:nth-child({place + 1}) input[name=session_id]")
    assert "3" in await button.inner_text()
    await button.click()
    await screen.page.wait_for_url("**/receipts/**")
    assert await screen.page.locator("tbody tr").count() == 3
    assert await count(screen) == before - 3
    assert not screen.complaints


async def test_a_filter_is_ended_after_its_numbers_were_typed(show: Sign, service: Service, filled: str) -> None:
    screen = await show()
    before = await count(screen)
    await screen.open("/sessions?app_id=mobile")
    selected = int(re.sub(r"\D", "", await screen.page.inner_text("#total")))
    await screen.page.click("a.danger")
    await screen.page.click("button.primary")
    await screen.page.fill("#confirmation", "1")
    await screen.page.click("main button.danger")
    assert await screen.page.locator(".problem").count() == 1  # nothing is ended by a wrong number
    await screen.must_be_accessible()
    await screen.page.fill("#confirmation", f"{selected:,}")
    await screen.page.click("main button.danger")
    await screen.page.wait_for_url("**/jobs/**")
    assert await run_next_job(service.database)
    await screen.page.wait_for_selector(".badge.done")
    await screen.page.reload()
    assert await count(screen) == before - selected
    await screen.open("/jobs")
    assert await screen.page.locator("tbody tr").count() == 1
    assert not screen.complaints


async def test_a_user_is_found_in_two_clicks_and_signed_out_everywhere(
    show: Sign, service: Service, filled: str
) -> None:
    ordinary = Login("victim", amr=["pwd"], user_agent=UserAgent("Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"))
    bot = Login("victim", amr=["pwd"], user_agent=UserAgent("Googlebot/2.1 (+http://www.google.com/bot.html)"))
    for login in [ordinary] * 49 + [bot]:
        await create_session(service.database, service.issuer, operator_authority("acme"), login, None)
    screen = await show()
    await screen.page.fill("#find", "victim")
    await screen.page.press("#find", "Enter")
    assert await screen.page.locator("tr.suspicious").count() == 1
    assert "bot" in await screen.page.inner_text(".notice")
    await screen.page.click(".notice a[data-panel]")
    await screen.page.wait_for_selector("dialog[open]")
    await screen.page.keyboard.press("Escape")
    await screen.page.click("summary:has-text('Sign this user out everywhere')")
    await screen.page.click("button:text-is('Sign this user out everywhere')")
    await screen.page.wait_for_url("**/receipts/**")
    assert await screen.page.locator("tbody tr").count() == 50
    await screen.open("/user?user_id=victim")
    assert "not signed in" in await screen.page.inner_text("main")
    assert not screen.complaints


async def test_a_revocation_elsewhere_shows_within_a_second(show: Sign, service: Service, filled: str) -> None:
    screen = await show()
    value = screen.page.locator(".tile strong").first
    before = int((await value.inner_text()).replace(",", ""))
    await asyncio.sleep(1.5)
    await revoke_session(service.database, whole_tenant("acme"), filled, "test", None)
    begun = asyncio.get_running_loop().time()
    while int((await value.inner_text()).replace(",", "")) != before - 1:
        await asyncio.sleep(0.02)
        assert asyncio.get_running_loop().time() - begun < 2.5  # a second, and what a shared machine adds
    assert not screen.complaints


async def test_a_policy_shows_what_it_would_do_before_it_is_saved(show: Sign, filled: str) -> None:
    screen = await show()
    await screen.open("/policies")
    await screen.page.fill("#absolute_timeout", "not a duration")
    await screen.page.click("button[value=policy]")
    assert await screen.page.locator(".problem").count() == 1
    assert await screen.page.input_value("#absolute_timeout") == "not a duration"
    await screen.page.fill("#absolute_timeout", "1s")
    await screen.page.click("button[value=preview_policy]")
    assert re.search(r"of [\d,]+ active ones [\d,]+ would end", await screen.page.inner_text(".notice"))
    await screen.page.fill("#absolute_timeout", "48h")
    await screen.page.click("button[value=policy]")
    await screen.page.wait_for_url("**saved=1**")
    assert await screen.page.input_value("#absolute_timeout") == "2d"
    for name, value in (("max_sessions", "7"), ("keep_ended", "10d"), ("access_expiry", "30m")):
        form = {"max_sessions": "limits", "keep_ended": "retention", "access_expiry": "lifetimes"}[name]
        await screen.page.fill(f"#{name}", value)
        await screen.page.click(f"button[value={form}]")
        await screen.page.wait_for_load_state()
        assert await screen.page.input_value(f"#{name}") == value
    await screen.page.click("button[value=reset_retention]")
    await screen.page.wait_for_load_state()
    assert await screen.page.input_value("#keep_ended") == "90d"
    await screen.open("/audit")
    assert "session_policy.put" in await screen.page.inner_text("tbody")
    assert not screen.complaints


async def test_the_platform_is_administered(show: Sign, service: Service) -> None:
    screen = await show("platform_admin")
    await screen.open("/tenants")
    await screen.page.fill("#id", "globex")
    await screen.page.fill("#name", "Globex")
    await screen.page.click("section button.primary")
    await screen.page.click("a:text-is('globex')")
    await screen.page.wait_for_url("**/t/globex")
    assert "acting in this tenant" in await screen.page.inner_text("header.top")
    await screen.open("/api-keys")
    await screen.page.fill("#name", "login")
    await screen.page.fill("#tenant_ids", "globex, acme")
    await screen.page.click("section button.primary")
    assert re.search(r"key_\w+\.\S+", await screen.page.inner_text(".success"))
    await screen.page.click("td summary")
    await screen.page.click("td button.danger")
    await screen.page.wait_for_load_state()
    assert "revoked" in await screen.page.inner_text("tbody")
    await screen.open("/signing-keys")
    await screen.page.click("section button.primary")
    await screen.page.wait_for_load_state()
    assert await screen.page.locator("tbody tr").count() >= 1
    await screen.open("/tenants?search=globex")
    await screen.page.click("summary:text-is('Disable')")
    await screen.page.fill("td input[name=confirmation]", "globex")
    await screen.page.click("td button.danger")
    await screen.page.wait_for_load_state()
    assert "disabled" in await screen.page.inner_text("tbody tr:has-text('globex')")
    assert not screen.complaints


async def test_the_language_is_chosen_and_kept(show: Sign) -> None:
    screen = await show(locale="en")
    await screen.page.click(".account summary")
    await screen.page.click("button[lang=zh-CN]")
    await screen.page.wait_for_selector("html[lang=zh-CN]")
    await screen.open("/sessions")
    assert await screen.page.get_attribute("html", "lang") == "zh-CN"


async def test_the_keyboard_is_enough(show: Sign, filled: str) -> None:
    screen = await show()
    await screen.open("/sessions")
    await screen.page.keyboard.press("Tab")
    await screen.page.keyboard.press("Enter")
    assert await screen.page.evaluate("document.activeElement.id") == "content"
    reached: set[Any] = set()
    for _ in range(60):
        await screen.page.keyboard.press("Tab")
        reached.add(await screen.page.evaluate("document.activeElement.name || document.activeElement.tagName"))
    assert {"search", "country", "session_id", "A", "SUMMARY"} <= reached
    await screen.page.locator("a[data-panel]").first.focus()
    await screen.page.keyboard.press("Enter")
    await screen.page.wait_for_selector("dialog[open]")
    await screen.page.keyboard.press("Escape")
    await screen.page.wait_for_selector("dialog:not([open])", state="attached")


NUMBERS = """() => [...document.querySelectorAll("main a[href*='/sessions']")].map((link) => {
  const row = link.closest("th")?.parentElement;
  return [link.href, (link.querySelector("strong") || row?.querySelector("td.number") || link).innerText];
})"""


async def test_every_number_leads_to_the_list_that_it_counts(show: Sign, service: Service, filled: str) -> None:
    screen = await show()
    await read_breakdown(service.database, "acme", None)
    await count_breakdowns(service.database, datetime.now(UTC))
    await screen.open("")
    counted = await screen.page.evaluate(NUMBERS)
    assert len(counted) > 15
    for link, number in counted:
        await screen.page.goto(link)
        total = await screen.page.inner_text("#total")
        assert re.sub(r"\D", "", total) == re.sub(r"\D", "", number), link


async def test_one_policy_is_previewed_and_another_saved_as_it_was(show: Sign, filled: str) -> None:
    screen = await show()
    await screen.open("/policies")
    await screen.page.fill("#absolute_timeout", "20d")
    await screen.page.fill("[id='weights.new_device']", "77")
    await screen.page.click("button[value=weights]")
    await screen.page.wait_for_url("**saved=1**")
    await screen.page.fill("#keep_ended", "5d")
    await screen.page.click("button[value=preview_retention]")
    assert "would be removed" in await screen.page.inner_text(".notice")
    assert await screen.page.input_value("[id='weights.new_device']") == "77"
    assert await screen.page.input_value("#access_expiry") == "1h"
    await screen.page.click("button[value=weights]")
    await screen.page.wait_for_url("**saved=1**")
    assert await screen.page.input_value("[id='weights.new_device']") == "77"


async def test_a_policy_that_ends_sessions_wants_their_number(show: Sign, filled: str) -> None:
    screen = await show()
    before = await count(screen)
    await screen.open("/policies")
    await screen.page.fill("#absolute_timeout", "1d")
    await screen.page.check("input[name=apply_to_existing]")
    await screen.page.click("button[value=policy]")
    assert await screen.page.locator(".problem").count() == 1
    assert await count(screen) == before
    await screen.open("/policies")
    await screen.page.fill("#absolute_timeout", "1d")
    await screen.page.check("input[name=apply_to_existing]")
    await screen.page.click("button[value=preview_policy]")
    said = await screen.page.inner_text("#policy .notice")
    ended = re.sub(r"\D", "", said.rpartition("earlier,")[2].partition(" of them")[0])
    await screen.page.fill("#confirmation", ended)
    await screen.page.click("button[value=policy]")
    await screen.page.wait_for_url("**saved=1**")
    assert await count(screen) == before - int(ended)


async def test_enter_on_a_checkbox_ends_nothing(show: Sign, filled: str) -> None:
    screen = await show()
    before = await count(screen)
    await screen.page.focus("tbody tr:nth-child(2) input[name=session_id]")
    await screen.page.keyboard.press("Space")
    await screen.page.keyboard.press("Enter")
    await screen.page.wait_for_timeout(300)
    assert await count(screen) == before
