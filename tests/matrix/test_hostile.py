"""Parameter x hostile values: whatever is sent, no 5xx, and a refusal names the field. From the table of operations."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import httpx
import msgspec
import pytest
from tests.conftest import CITUS_URL, People

from autional.api.model import Operation
from autional.api.operations import OPERATIONS
from autional.api.request_parsing import Nothing

ENDS = [f"{day}T{time}{offset}" for day, time in (("0001-01-01", "00:00:00"), ("9999-12-31", "23:59:59.999999"))
        for offset in ("Z", "+23:59", "-23:59")]  # fmt: skip
TEXTS = [
    "\x00",
    "a\x00b",
    "\x01\x1f",
    "\x85\x9f",
    "/",
    "..",
    "a/../b",
    "%2F",
    "%",
    "😀",
    "\u202eabc\u200f",
    "",
    "   ",
    "x" * 3000,
    "x" * 10_000,
    "-1",
    "1" + "0" * 30,
    "1e309",
    "NaN",
    "999999999h",
    "999999999h" * 30,
    "1500ms",
    "::ffff:192.0.2.7/96",
    "tok_\x00",
    "sess_%",
    "'; drop table sessions --",
    *ENDS,
]
VALUES: list[Any] = [*TEXTS, -1, 0, 10**30, 1.5, True, None, [], {}, [["x"]], {"a": {"b": [1]}}, ["\x00"] * 3]
RAW_JSON = [b'"\\ud800"', b"1e309", b"-1e309", b"NaN", b'"\xfe"', b"[" * 3000, b'{"a":' * 500, b"1" * 5000, b'"']
RAW_SEGMENTS = [b"%00", b"%fe", b"%ed%a0%80", b"%", b"%zz", b"%2F", b"%2e%2e", b"%C2%85", b"a" * 5000, b"%0d%0aX:1"]
RAW_VALUES = [b"%00", b"%fe", b"%ed%a0%80", b"%", b"%zz", b"%C2%85", b"&&&=", b";"]
HEADERS = ["Idempotency-Key", "X-Tenant-ID", "X-Request-ID", "traceparent", "Accept-Language", "Accept", "User-Agent"]
HEADERS += ["Authorization", "X-API-Key", "If-None-Match", "Forwarded", "X-Forwarded-For", "Content-Type", "Origin"]
# Headers are read in one place for all; in `make soak` they are sent to every operation.
HEADERS_OF = {"GET /healthz", "GET /admin/sessions/stats", "PUT /admin/sessions/policy", "POST /oauth2/introspect"}
HEADERS_OF |= {"POST /sessions/refresh", "POST /internal/session/create"}
EVERYTHING = bool(os.environ.get("HOSTILE_EVERYTHING"))
EVERY = 1 if EVERYTHING else 3
GOOD: dict[str, Any] = {
    "auth_user_id": "u",
    "user_id": "u",
    "session_id": "sess_00000000000000000000000000",
    "token": "x.y.z",
    "token_type": "access",
    "access_token": "x.y.z",
    "refresh_token": "x",
    "subject_token": "x.y.z",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "device_fingerprint": "f",
    "tenant_id": "acme",
    "access_expiry": "5m",
    "refresh_expiry": "1h",
    "ended_sessions_kept": "30d",
    "on_overflow": "refuse",
    "max_sessions": 5,
}


class Sent(NamedTuple):
    """A request with one hostile value, and the field that it is in (None: not in one)."""

    method: str
    url: bytes
    content: bytes
    headers: dict[str, str]
    field: str | None


def name(row: Operation) -> str:
    return f"{row.method} {row.path}"


def fields(kind: type[msgspec.Struct]) -> list[msgspec.structs.FieldInfo]:
    return list(msgspec.structs.fields(kind)) if kind is not Nothing else []


def good(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.encode_name: GOOD.get(field.encode_name, "x") for field in fields(kind) if field.required}


def path_of(row: Operation) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: quote(str(GOOD.get(match[1], "nobody"))), row.path)


def with_path(row: Operation) -> Iterator[Sent]:
    for parameter in re.findall(r"\{(\w+)\}", row.path):
        for segment in [*RAW_SEGMENTS, *(quote(text, safe="").encode() for text in TEXTS if len(text) < 5000)]:
            before, after = (re.sub(r"\{\w+\}", "nobody", part).encode() for part in row.path.split(f"{{{parameter}}}"))
            body = json.dumps(good(row.body)).encode() if row.body is not Nothing and not row.form else b""
            yield Sent(row.method, before + segment + after, body, {}, None)


def with_query(row: Operation) -> Iterator[Sent]:
    for field in fields(row.query):
        others = urlencode({key: value for key, value in good(row.query).items() if key != field.encode_name}).encode()
        for raw in [*RAW_VALUES, *(quote(text).encode() for text in TEXTS if len(text) < 5000)]:
            url = path_of(row).encode() + b"?" + others + b"&" + field.encode_name.encode() + b"=" + raw
            yield Sent(row.method, url, b"", {}, field.encode_name if raw.startswith(b"%00") else None)
        twice = f"{path_of(row)}?{field.encode_name}=a&{field.encode_name}=b".encode()
        yield Sent(row.method, twice, b"", {}, field.encode_name)


def with_body(row: Operation) -> Iterator[Sent]:
    if row.form:
        for field in fields(row.body):
            others = {key: value for key, value in good(row.body).items() if key != field.encode_name}
            for raw in [*RAW_VALUES, *(quote(text).encode() for text in TEXTS)]:
                content = urlencode(others).encode() + b"&" + field.encode_name.encode() + b"=" + raw
                yield Sent(row.method, path_of(row).encode(), content, {}, None)
        return
    for field in fields(row.body):
        others = {key: value for key, value in good(row.body).items() if key != field.encode_name}
        for value in VALUES:
            content = json.dumps(others | {field.encode_name: value}).encode()
            wrong = field.encode_name if isinstance(value, list | dict) and value not in ([], {}) else None
            yield Sent(row.method, path_of(row).encode(), content, {}, wrong if field.type is str else None)
        for raw in RAW_JSON:
            start = json.dumps(others)[:-1].encode() + (b", " if others else b"")
            yield Sent(
                row.method, path_of(row).encode(), start + f'"{field.encode_name}": '.encode() + raw + b"}", {}, None
            )
    for content in [
        b"null",
        b"[]",
        b'"x"',
        b"1",
        b"\xef\xbb\xbf{}",
        b"{",
        b"\x00",
        b'{"\\u0000": 1}',
        b'{"a":1,"a":2}',
    ]:
        yield Sent(row.method, path_of(row).encode(), content, {}, None)


def with_headers(row: Operation) -> Iterator[Sent]:
    for header in HEADERS:
        for value in [*TEXTS, "Basic ====", "Bearer", "Bearer  ", "bearer\tx", "q=;;,,", "text/html;q=x", "\x80\xff"]:
            if re.fullmatch(r"[\x09\x20-\x7e\x80-\xff]{0,8000}", value) and value == value.strip():
                body = json.dumps(good(row.body)).encode() if not row.form else urlencode(good(row.body)).encode()
                yield Sent(row.method, path_of(row).encode(), body, {header: value}, None)


async def send(http: httpx.AsyncClient, row: Operation, sent: Sent, credentials: dict[str, str]) -> httpx.Response:
    form = "application/x-www-form-urlencoded"
    told = credentials | {"Content-Type": form if row.form else "application/json"} | sent.headers
    latin = [(key.encode(), value.encode("latin-1")) for key, value in told.items()]
    url = httpx.URL(str(http.base_url), raw_path=sent.url)
    return await http.send(http.build_request(sent.method, url, headers=latin, content=sent.content or None))


@pytest.mark.parametrize("row", OPERATIONS, ids=name)
async def test_no_value_of_a_parameter_leads_to_a_5xx(http: httpx.AsyncClient, people: People, row: Operation) -> None:
    bearer, key = await people.bearer(), await people.api_key()
    credentials = bearer if row.access.bearers else key if not row.access.anyone else {}
    everything = [*with_path(row), *with_query(row), *(with_body(row) if row.body is not Nothing else [])]
    everything += with_headers(row) if name(row) in HEADERS_OF or EVERYTHING else []
    # In `make test` every third, from another place in each row: fields of a type share their values.
    turn = OPERATIONS.index(row) % EVERY
    for sent in everything[turn::EVERY]:
        answer = await send(http, row, sent, credentials)
        if answer.status_code == 401 and not sent.headers:  # the hostile request signed its caller out
            credentials = await people.bearer() if row.access.bearers else await people.api_key()
            answer = await send(http, row, sent, credentials)
        assert answer.status_code < 500 or (CITUS_URL and answer.status_code == 501), (sent, answer.text)
        if sent.field and answer.status_code == 400:
            named = [error["field"] for error in answer.json().get("errors", [])]
            assert any(field.startswith(sent.field) for field in named), (sent, answer.text)
