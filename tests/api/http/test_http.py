"""HTTP to the letter: methods, paths, languages, traces, caches and headers."""

import socket
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest
from tests.conftest import People

from autional.api.application import application, segmented
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.core import i18n
from autional.core.settings import Settings
from autional.runtime.service import Service

READABLE = sorted({row.path for row in OPERATIONS if row.method == "GET" and row.access.anyone and "{" not in row.path})
USERS = [
    "a/b",
    "victim/active",
    "..",
    ".",
    "a%2Fb",
    "%",
    "ü/ñ",
    "😀",
    "a b",
    "?x=1",
    "#",
    "a+b",
    "//",
    "'\"<>",
    "\u200f",
]


@pytest.mark.parametrize("path", [*READABLE, "/docs", "/openapi.json", "/problems/internal"])
async def test_head_answers_as_get_does_without_its_body(http: httpx.AsyncClient, path: str) -> None:
    got, headed = await http.get(path), await http.head(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert headed.headers["content-length"] == str(len(got.content)) or path == "/readyz"
    assert headed.headers["content-type"] == got.headers["content-type"]


async def test_a_method_that_there_is_not_is_told_which_there_are(http: httpx.AsyncClient) -> None:
    refused = await http.delete("/healthz")
    assert refused.status_code == 405
    assert set(refused.headers["allow"].replace(" ", "").split(",")) >= {"GET", "HEAD"}


@pytest.mark.parametrize("user", USERS)
async def test_a_user_id_is_one_segment_of_a_path_whatever_is_in_it(
    http: httpx.AsyncClient, people: People, user: str
) -> None:
    key = await people.api_key()
    bearer = await people.bearer()
    body = {"auth_user_id": user, "amr": ["pwd"]}
    for _ in range(2):
        assert (await http.post("/internal/session/create", headers=key, json=body)).status_code == 201
    other = await http.post("/internal/session/create", headers=key, json=body | {"auth_user_id": "victim"})
    assert other.status_code == 201
    escaped = quote(user, safe="").replace(".", "%2E")
    listed = await http.get(f"/sessions/user/{escaped}/sessions", headers=bearer)
    assert {item["user_id"] for item in listed.json()["items"]} == {user}
    ended = await http.request("DELETE", f"/admin/sessions/user/{escaped}", headers=bearer)
    assert ended.status_code == 200
    active = await http.get(f"/internal/session/sessions/{escaped}/active", headers=key)
    assert active.json()["active"] is False
    left = await http.get("/admin/sessions", headers=bearer)
    assert [item["user_id"] for item in left.json()["items"]] == ["victim"]


@pytest.mark.parametrize(
    "path",
    ["//healthz", "/healthz/", "/healthz%2F", "/%2Fhealthz", "/sessions//revoke", "/healthz//", "/tenants//jwks.json"],
)
async def test_slashes_never_change_the_route(http: httpx.AsyncClient, people: People, path: str) -> None:
    answer = await http.send(http.build_request("GET", httpx.URL(str(http.base_url), raw_path=path.encode())))
    assert answer.status_code == 404


async def test_a_path_that_is_no_utf8_is_refused_and_ends_nobody(http: httpx.AsyncClient, people: People) -> None:
    url = httpx.URL(str(http.base_url), raw_path=b"/admin/sessions/user/%fe")
    answer = await http.send(http.build_request("DELETE", url, headers=await people.bearer()))
    assert (answer.status_code, answer.json()["instance"]) == (400, "/admin/sessions/user/%fe")


def test_segments_are_encoded_in_one_way() -> None:
    assert segmented(b"/%61%2f/%7E") == "/a%2F/~"
    assert segmented(b"/sessions/%2e%2E") == "/sessions/.."


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("zh-CN;q=0.1, en;q=0.9", "en"),
        ("zh-CN; q=0.1, en; q=0.9", "en"),
        ("en;q=0.1,zh", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("ZH-cn", "zh-CN"),
        ("de, zh;q=0.5", "zh-CN"),
        ("zh;q=0", "en"),
        ("*, zh;q=0.5", "en"),
        ("zh;q=nan", "en"),
        ("zh;q=1e9", "en"),
        ("", "en"),
        (",;q=,,", "en"),
    ],
)
def test_the_language_that_is_liked_best(header: str, expected: str) -> None:
    assert i18n.negotiate(header) == expected


TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("traceparent", "goes_on", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-01", True, "01"),
        (f"00-{TRACE}-{SPAN}-00", True, "00"),
        (f"00-{TRACE}-{SPAN}-ff", True, "01"),
        (f"01-{TRACE}-{SPAN}-03-later-things", True, "01"),
        (f"cc-{TRACE}-{SPAN}-01", True, "01"),
        (f"00-{TRACE}-{SPAN}-01-more", False, "01"),
        (f"ff-{TRACE}-{SPAN}-01", False, "01"),
        (f"00-{TRACE.upper()}-{SPAN}-01", False, "01"),
        (f"00-{'0' * 32}-{SPAN}-01", False, "01"),
        (f"00-{TRACE}-{'0' * 16}-01", False, "01"),
        (f"01-{TRACE}-{SPAN}-01more", False, "01"),
    ],
)
async def test_a_trace_goes_on_or_starts_anew(
    http: httpx.AsyncClient, traceparent: str, goes_on: bool, flags: str
) -> None:
    problem = (await http.get("/nowhere", headers={"traceparent": traceparent})).json()
    version, trace, span, told = problem["trace_id"].split("-")
    assert (version, trace == TRACE, told) == ("00", goes_on, flags)
    assert span == problem["span_id"] != SPAN


async def test_what_may_be_cached_says_so_and_nothing_else_may(http: httpx.AsyncClient, people: People) -> None:
    jwks = await http.get("/.well-known/jwks.json")
    assert jwks.headers["cache-control"] == "public, max-age=60"
    etag = jwks.headers["etag"]
    for asked in (etag, f'"x", W/{etag}', "*"):
        again = await http.get("/.well-known/jwks.json", headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (await http.get("/.well-known/jwks.json", headers={"If-None-Match": '"x"'})).status_code == 200
    for path in ("/healthz", "/readyz", "/nowhere", "/admin/sessions/stats"):
        answer = await http.get(path, headers=await people.bearer())
        assert answer.headers["cache-control"] == "no-store"


async def test_headers_that_protect_who_reads_in_a_browser(http: httpx.AsyncClient) -> None:
    for path in ("/docs", "/problems/internal"):
        page = await http.get(path)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["vary"] == "Accept-Language"
    for path in ("/docs", "/healthz", "/nowhere"):
        assert (await http.get(path)).headers["x-content-type-options"] == "nosniff"
    problem = await http.get("/nowhere")
    assert {one.strip() for one in problem.headers["vary"].split(",")} == {"Accept", "Accept-Language"}


async def test_the_violations_of_an_answer_are_bounded(http: httpx.AsyncClient) -> None:
    body = {f"unknown_{number}_{'x' * 40}": 1 for number in range(1000)}
    answer = await http.post("/sessions/refresh", json=body)
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 20
    assert len(answer.content) < 4096


async def test_an_empty_body_is_told_which_fields_it_lacks(http: httpx.AsyncClient, people: People) -> None:
    answer = await http.post("/internal/session/create", headers=await people.api_key())
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("auth_user_id", "required")]


@pytest.fixture
async def beyond_a_proxy(service: Service, listener: socket.socket) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(trusted_proxies="127.0.0.0/8, ::1", cors_origins="https://console.example")
    behind = service._replace(settings=settings)
    async with (
        server.serving(application(behind, OPERATIONS), listener, settings) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        yield client


async def test_the_log_has_the_address_of_the_client_and_not_of_a_trusted_proxy(
    beyond_a_proxy: httpx.AsyncClient, people: People
) -> None:
    admin = await people.bearer()
    told = {"X-Forwarded-For": "6.6.6.6, 2001:db8::7", "User-Agent": "a\tb"}
    await beyond_a_proxy.put("/admin/sessions/policy", headers=admin | told, json={})
    entry = (await beyond_a_proxy.get("/admin/audit", headers=admin)).json()["items"][0]
    assert (entry["details"]["ip"], entry["details"]["user_agent"]) == ("2001:db8::7", "a b")


async def test_a_header_of_a_client_that_is_no_proxy_is_not_believed(http: httpx.AsyncClient, people: People) -> None:
    admin = await people.bearer()
    await http.put("/admin/sessions/policy", headers=admin | {"X-Forwarded-For": "6.6.6.6"}, json={})
    entry = (await http.get("/admin/audit", headers=admin)).json()["items"][0]
    assert entry["details"]["ip"] == "127.0.0.1"


async def test_pages_of_named_origins_may_call_and_no_others(
    beyond_a_proxy: httpx.AsyncClient,
) -> None:
    asked = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization"}
    allowed = {"Origin": "https://console.example"}
    preflight = await beyond_a_proxy.options("/admin/tokens/config", headers=allowed | asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://console.example"
    assert "DELETE" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "authorization"
    assert "access-control-allow-credentials" not in preflight.headers
    refused = await beyond_a_proxy.get("/admin/sessions/stats", headers=allowed)
    assert refused.headers["access-control-allow-origin"] == "https://console.example"
    assert "Origin" in refused.headers["vary"]
    for origin in ("https://evil.example", "null", "https://console.example.evil"):
        answer = await beyond_a_proxy.options("/admin/tokens/config", headers={"Origin": origin} | asked)
        assert "access-control-allow-origin" not in answer.headers
