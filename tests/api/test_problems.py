import asyncio
import json
import re

import httpx
import pytest
from tests.conftest import People

from autional.core import i18n
from autional.core.problems import CATALOGUE

PAGE = "/admin/sessions/stats"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN", "zh-CN"),
        ("zh", "zh-CN"),
        ("fr, zh;q=0.8, en;q=0.5", "zh-CN"),
        ("zh;q=0.1, en;q=0.9", "en"),
        ("zh;q=0, fr", "en"),
        ("*;q=x,;;,", "en"),
        ("zh," * 10_000, "zh-CN"),
    ],
)
def test_the_language_is_negotiated(header: str, language: str) -> None:
    assert i18n.negotiate(header) == language


async def test_only_the_words_follow_the_language(http: httpx.AsyncClient) -> None:
    english = (await http.get(PAGE)).json()
    chinese = (await http.get(PAGE, headers={"Accept-Language": "zh-CN"})).json()
    assert (english["title"], chinese["title"]) == ("Unauthenticated", "未认证")
    for fixed in ("status", "code", "type", "i18n_key"):
        assert english[fixed] == chinese[fixed]


async def test_the_type_opens_a_page_in_either_language(http: httpx.AsyncClient) -> None:
    problem = (await http.get(PAGE)).json()
    page = await http.get(problem["type"])
    assert page.headers["content-type"].startswith("text/html")
    assert problem["title"] in page.text
    for slug in CATALOGUE:
        answer = await http.get(f"/problems/{slug}", headers={"Accept-Language": "zh"})
        assert (answer.status_code, 'lang="zh-CN"' in answer.text) == (200, True)
    assert (await http.get("/problems/nothing")).status_code == 404


async def test_a_client_that_reads_only_json_gets_json(http: httpx.AsyncClient) -> None:
    for accept, media_type in (
        ("application/json", "application/json"),
        ("*/*", "application/problem+json"),
        ("application/problem+json, application/json", "application/problem+json"),
        ("text/html", "application/problem+json"),
    ):
        assert (await http.get(PAGE, headers={"Accept": accept})).headers["content-type"] == media_type


async def test_ids_of_the_caller_are_kept_when_well_formed(http: httpx.AsyncClient) -> None:
    mine = "req_550e8400-e29b-41d4-a716-446655440000"
    trace = "0af7651916cd43dd8448eb211c80319c"
    parent = f"00-{trace}-b7ad6b7169203331-01"
    problem = (await http.get(PAGE, headers={"X-Request-ID": mine, "traceparent": parent})).json()
    assert problem["request_id"] == mine
    assert re.fullmatch(f"00-{trace}-{problem['span_id']}-01", problem["trace_id"])
    assert problem["span_id"] != "b7ad6b7169203331"
    for strange in ("x", "req_1", "a" * 500):
        problem = (await http.get(PAGE, headers={"X-Request-ID": strange, "traceparent": strange})).json()
        assert re.fullmatch(r"req_[0-9a-f-]{36}", problem["request_id"])
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", problem["trace_id"])


async def test_secrets_in_the_query_are_masked(http: httpx.AsyncClient, people: People) -> None:
    token = (await people.bearer())["Authorization"].removeprefix("Bearer ")
    for query in (f"access_token={token}", f"x={token}", "refresh_token=tok_1.abc", "q=key_01ABC.secretpart"):
        answer = await http.get(f"/api/v1{PAGE}?{query}&user_id=a", headers=await people.bearer())
        assert answer.status_code == 400
        instance = answer.json()["instance"]
        assert re.fullmatch(rf"/api/v1{PAGE}\?\w+=\*\*\*&user_id=a", instance), instance
        assert query.partition("=")[2] not in answer.text


@pytest.mark.parametrize(
    "secret", ["key_01ABC.secretpart", "tok_01ABC.sess_01.secretpart.acme", "eyJhbGciOiJF.eyJzdWIi.c2ln"]
)
async def test_secrets_in_the_path_are_masked_however_they_are_written(http: httpx.AsyncClient, secret: str) -> None:
    for written in (secret, "".join(f"%{ord(letter):02X}" for letter in secret), secret.replace("_", "%5f", 1)):
        url = httpx.URL(str(http.base_url), raw_path=f"/sessions/{written}".encode())
        instance = (await http.send(http.build_request("GET", url))).json()["instance"]
        assert re.fullmatch(r"/sessions/\S+\*\*\*", instance), instance
        assert written not in instance


async def test_methods_and_paths_that_are_not_there(http: httpx.AsyncClient) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("GET", "/api/v1", 404),
        ("GET", "/healthz/", 404),
        ("PATCH", "/healthz", 405),
        ("POST", "/healthz", 405),
        ("BREW", "/healthz", 400),
    ):
        answer = await http.request(method, path)
        assert answer.status_code == status, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert status != 405 or "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nBad\x00Name: x\r\n\r\n",
        b"POST /sessions HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET /admin/sessions/stats?user_id=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /admin/sessions/stats HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n",
    ],
)
async def test_bytes_that_are_no_good_request_are_a_problem(http: httpx.AsyncClient, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
    writer.write(sent)
    head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 4")
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] in {400, 401, 404}


@pytest.mark.parametrize("query", ["min_risk=null", "aal=NULL", "country=null", "device_type=Null"])
async def test_the_text_null_is_no_filter_that_is_not_there(
    http: httpx.AsyncClient, people: People, query: str
) -> None:
    answer = await http.get(f"/admin/sessions?{query}", headers=await people.bearer())
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["field"] == query.partition("=")[0]
    found = await http.get("/admin/sessions?search=null", headers=await people.bearer())
    assert (found.status_code, found.json()["total"]) == (200, 0)
