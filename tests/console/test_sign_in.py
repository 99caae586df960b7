import asyncio
import re
import socket
from datetime import timedelta

import httpx
import msgspec
import pytest
from tests.conftest import NOW, People
from tests.console.conftest import Browser, Open

from autional.access.console import create_link
from autional.api.application import application
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.console.application import console
from autional.core.authority import whole_tenant
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.runtime.service import Service
from autional.sessions.lifecycle import revoke_session
from autional.tenancy import tenants


async def session_of(database: Database) -> str:
    async with database.transaction() as queries:
        [row] = await queries.composed("select session_id from sessions where app_id = 'autional-console' limit 1")
    return str(row["session_id"])


async def test_a_link_opens_once(service: Service, open_browser: Open) -> None:
    link = await create_link(service.database, "acme", "me", "admin", None)
    browsers = [await open_browser() for _ in range(5)]
    answers = await asyncio.gather(*(one.send("/console/sign-in", link=link) for one in browsers))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 401, 503}  # the last where the machine is too slow for who waits
    signed_in = [one for one, answer in zip(browsers, answers, strict=True) if answer.status_code == 303]
    assert (await signed_in[0].get("")).status_code == 200
    cookie = next(answer for answer in answers if answer.status_code == 303).headers["set-cookie"]
    assert re.fullmatch(r"autional_console=con_\w+\.[\w-]+; Path=/console; HttpOnly; SameSite=Strict", cookie)


async def test_a_link_is_for_administrators_only(service: Service) -> None:
    with pytest.raises(Problem):
        await create_link(service.database, "acme", "me", "user", None)


async def test_nobody_sees_a_page_without_signing_in(open_browser: Open) -> None:
    browser = await open_browser()
    answer = await browser.get("")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in?next=%2Fconsole%2Ft%2Facme")
    assert (await browser.get("", **{"X-Part": "1"})).status_code == 401
    assert (await browser.send("", form="x")).status_code == 401


async def test_a_revoked_session_is_out_on_the_next_request(service: Service, browser: Browser) -> None:
    assert (await browser.get("")).status_code == 200
    session_id = await session_of(service.database)
    await revoke_session(service.database, whole_tenant("acme"), session_id, "test", None)
    assert (await browser.get("")).headers["location"].startswith("/console/sign-in")
    assert (await browser.get("", **{"X-Part": "1"})).status_code == 401


async def test_signing_out_ends_the_session_and_clears_the_browser(service: Service, browser: Browser) -> None:
    page = await browser.get("")
    secret = browser.client.cookies["autional_console"]
    [token] = set(re.findall(r'name="csrf_token" value="(\w+)"', page.text))
    assert (await browser.send("/console/sign-out", csrf_token="x")).status_code == 403
    answer = await browser.send("/console/sign-out", csrf_token=token)
    assert answer.status_code == 303
    assert answer.headers["clear-site-data"] == '"cache", "storage"'  # cookies are those of the whole domain
    browser.client.cookies.set("autional_console", secret)
    assert (await browser.get("")).headers["location"].startswith("/console/sign-in")


async def test_a_form_of_another_site_is_refused(service: Service, browser: Browser, open_browser: Open) -> None:
    page = await browser.get("")
    [token] = set(re.findall(r'name="csrf_token" value="(\w+)"', page.text))
    for headers in (
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ):
        answer = await browser.client.post("/console/sign-out", data={"csrf_token": token}, headers=headers)
        assert answer.status_code == 403, headers
    other = await open_browser()
    link = await create_link(service.database, "acme", "me", "admin", None)
    answer = await other.client.post("/console/sign-in", data={"link": link}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_a_name_that_points_here_is_refused(service: Service, browser: Browser) -> None:
    answer = await browser.get("/console/sign-in", Host="evil.example")
    assert "AUTIONAL_PUBLIC_URL" in answer.text
    assert (await browser.get("", Host="evil.example")).headers["location"].startswith("/console/sign-in")
    assert (
        (await browser.get("", **{"X-Forwarded-For": "192.0.2.1"})).headers["location"].startswith("/console/sign-in")
    )


async def test_the_session_is_listed_and_has_no_tokens_and_short_deadlines(service: Service, browser: Browser) -> None:
    async with service.database.transaction() as queries:
        [row] = await queries.composed(
            "select idle_timeout <= interval '30 minutes' and expires_at <= created_at + interval '12 hours'"
            " and expiry_minute = minute_of(idle_expires_at) as is_short,"
            " (select count(*) from token_pairs) as tokens from sessions"
        )
    assert (row["is_short"], row["tokens"]) == (True, 0)


async def test_only_a_platform_administrator_acts_in_other_tenants(service: Service, open_browser: Open) -> None:
    await tenants.create_tenant(service.database, "other", "Other", NOW, key=b"t" * 32)
    browser = await open_browser()
    await browser.sign_in("admin")
    assert (await browser.get("/console/t/other")).status_code == 403
    await browser.sign_in("platform_admin")
    assert (await browser.get("/console/t/other")).status_code == 200
    assert (await browser.get("/console/t/nobody")).status_code == 404


async def test_every_page_forbids_scripts_and_frames_of_others(browser: Browser) -> None:
    answer = await browser.get("")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", answer.text)


async def test_over_tls_the_cookie_is_bound_to_the_host(service: Service, listener: socket.socket) -> None:
    settings = msgspec.structs.replace(service.settings, public_url="https://console.example")
    running = service._replace(settings=settings)
    link = await create_link(service.database, "acme", "me", "admin", None)
    app = application(running, OPERATIONS, console(running, OPERATIONS))
    async with (
        server.serving(app, listener, settings) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": "https://console.example"}
        answer = await client.post("/console/sign-in", data={"link": link}, headers=headers)
        given = answer.headers["set-cookie"]
        assert re.fullmatch(r"__Host-autional_console=con_\S+; Path=/; Secure; HttpOnly; SameSite=Strict", given)
        plain = await client.get("/console", headers={"Cookie": given.partition(";")[0].removeprefix("__Host-")})
        assert plain.headers["location"].startswith("/console/sign-in")


async def test_a_session_ends_when_idle_and_a_reading_by_itself_is_no_activity(
    service: Service, open_browser: Open
) -> None:
    browser = await open_browser()
    await browser.sign_in()
    async with service.database.transaction() as queries:
        [(due,)] = await queries.composed("select idle_expires_at from sessions")
        [before] = await queries.composed(
            "update sessions set idle_expires_at = $1 returning idle_expires_at", due - timedelta(minutes=20)
        )
    await browser.get("", **{"X-Part": "live"})
    async with service.database.transaction() as queries:
        [after] = await queries.composed("select idle_expires_at from sessions")
    assert after == before
    await browser.get("")
    async with service.database.transaction() as queries:
        [after] = await queries.composed("select idle_expires_at from sessions")
        assert after["idle_expires_at"] > before["idle_expires_at"]
        await queries.composed("update sessions set idle_expires_at = created_at returning 1")
    assert (await browser.get("")).headers["location"].startswith("/console/sign-in")


async def test_other_cookies_do_not_hide_the_own_one(browser: Browser) -> None:
    secret = browser.client.cookies["autional_console"]
    browser.client.cookies.clear()
    for other in ('foo={"a":1}', "version=1", "path=/", "a[b]=1", "noval", "a=b c", 'x="a b', "autional_console_2=x"):
        answer = await browser.get("", Cookie=f"{other}; autional_console={secret}")
        assert answer.status_code == 200, other


async def test_a_sign_out_or_an_erasure_ends_links_too(service: Service, browser: Browser, open_browser: Open) -> None:
    for form in ("sign_out", "erase"):
        link = await create_link(service.database, "acme", "boss", "admin", None)
        answer = await browser.submit("/user?user_id=boss", form, confirmation="boss")
        assert answer.status_code == 303
        assert (await (await open_browser()).send("/console/sign-in", link=link)).status_code == 401
    link = await create_link(service.database, "acme", "boss", "admin", None)
    await browser.submit("/users", "everybody", confirmation="acme")
    assert (await (await open_browser()).send("/console/sign-in", link=link)).status_code == 401


async def test_a_second_sign_in_ends_the_first_and_leads_on(service: Service, browser: Browser) -> None:
    first = await session_of(service.database)
    link = await create_link(service.database, "acme", "the_admin", "admin", None)
    answer = await browser.send(
        "/console/sign-in", link=f"http://x/console/sign-in#{link}", next="/console/t/acme/jobs"
    )
    assert answer.headers["location"] == "/console/t/acme/jobs"
    shown = await browser.get(f"/sessions/{first}")
    assert "signed_out" in shown.text
    assert "the_admin" in shown.text.partition("signed_out")[2]  # by whom
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "/console\n"):
        link = await create_link(service.database, "acme", "the_admin", "admin", None)
        answer = await browser.send("/console/sign-in", link=link, next=elsewhere)
        assert answer.headers["location"] == "/console", elsewhere


async def test_a_session_of_the_console_gets_no_tokens(service: Service, browser: Browser, people: People) -> None:
    session_id = await session_of(service.database)
    key = await people.api_key()
    body = {"tenant_id": "acme", "session_id": session_id, "auth_user_id": "the_admin"}
    address = str(browser.client.base_url)
    async with httpx.AsyncClient(base_url=address, trust_env=False, headers=key) as client:
        assert (await client.post("/internal/session/generate-tokens", json=body)).status_code == 404
        raised = await client.post(f"/internal/session/{session_id}/upgrade-mfa", json={"amr": ["hwk", "user"]})
        assert raised.status_code == 404
        spoofed = {"auth_user_id": "u", "app_id": "autional-console"}
        assert (await client.post("/internal/session/create", json=spoofed)).status_code == 400


async def test_the_session_has_the_level_that_it_acts_at_and_its_deadlines(
    service: Service, browser: Browser, open_browser: Open
) -> None:
    fields = {"levels.aal3.idle_timeout": "5m", "levels.aal3.absolute_timeout": "1h"}
    assert (await browser.submit("/policies", "policy", **fields)).status_code == 303
    await (await open_browser()).sign_in(user="other")
    async with service.database.transaction() as queries:
        [row] = await queries.composed(
            "select aal, expires_at - created_at as lasts, idle_expires_at - created_at as idles from sessions"
            " where user_id = 'other'"
        )
    assert (row["aal"], row["lasts"], row["idles"]) == (3, timedelta(hours=1), timedelta(minutes=5))


@pytest.mark.parametrize("user", ["", " \n", "a\x85b", "x" * 129, "tok_00000000000000000000000000.secret"])
async def test_a_link_is_for_a_user_id_that_the_api_knows(service: Service, user: str) -> None:
    with pytest.raises(Problem):
        await create_link(service.database, "acme", user, "admin", None)
