"""What a request may cost before anything is known about its sender, over raw sockets."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
import pytest
from tests.conftest import People

from autional.api.application import application
from autional.api.http import connections, protocol, server
from autional.api.operations import OPERATIONS
from autional.core.formats import client_key
from autional.core.settings import Settings
from autional.runtime.service import Service

HEAD = b"GET /healthz HTTP/1.1\r\nHost: autional\r\n"
POST = b"POST /sessions/refresh HTTP/1.1\r\nHost: autional\r\nContent-Type: application/json\r\n"
QUICK = Settings(head_seconds=0.4, body_seconds=0.4, connections=20, connections_per_address=8)
PATIENT = msgspec.structs.replace(QUICK, head_seconds=30.0, body_seconds=30.0)

Ask = Callable[..., Coroutine[Any, Any, tuple[int, bytes]]]


@pytest.fixture
async def port(service: Service, listener: socket.socket) -> AsyncIterator[int]:
    async with serving(service, listener, QUICK) as port:
        yield port


@asynccontextmanager
async def serving(service: Service, listener: socket.socket, settings: Settings) -> AsyncIterator[int]:
    app = application(service._replace(settings=settings), OPERATIONS)
    async with server.serving(app, listener, settings):
        yield int(listener.getsockname()[1])


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(port: int, sent: bytes, pieces: int = 1) -> tuple[int, bytes]:
    """Send bytes, and read until the server closes; the status of the answer (0: none) and all of it."""
    async with connected(port) as (reader, writer), asyncio.timeout(10):
        size = -(-len(sent) // pieces) or 1
        for start in range(0, len(sent), size):
            writer.write(sent[start : start + size])
            await writer.drain()
        answer = await reader.read()
    found = re.match(rb"HTTP/1\.1 (\d+)", answer)
    return int(found[1]) if found else 0, answer


def slug(answer: bytes) -> str:
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["type"].rpartition("/")[2])


@pytest.mark.parametrize(
    ("sent", "status", "problem"),
    [
        (HEAD + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431, "head-too-large"),
        (HEAD + b"X: " + b"a" * 8_000_000 + b"\r\n\r\n", 431, "head-too-large"),
        (HEAD + b"X: a\r\n" * 100_000 + b"\r\n", 431, "head-too-large"),
        (HEAD + b"X: a\r\n" * 101 + b"\r\n", 431, "head-too-large"),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "url-too-long"),
        (b"GET /" + b"a" * 3_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "url-too-long"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "malformed-request"),
        *(
            (b"GET /healthz HTTP/" + version + b"\r\nHost: a\r\n\r\n", 400, "malformed-request")
            for version in (b"0.9", b"2.0", b"3.0")
        ),
        (HEAD + b"Host: another\r\n\r\n", 400, "malformed-request"),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "malformed-request"),
        (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "malformed-request"),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400, "malformed-request"),
        (HEAD[:20], 408, "request-too-slow"),
        (HEAD + b"X: a", 408, "request-too-slow"),
        (POST + b"Content-Length: 10\r\n\r\n{", 408, "request-too-slow"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", 408, "request-too-slow"),
        (POST + b"Content-Length: 2000000\r\nConnection: close\r\n\r\n" + b" " * 2_000_000, 413, "body-too-large"),
        (POST + b"Content-Length: 200000\r\nExpect: 100-continue\r\n\r\n", 413, "body-too-large"),
        (
            POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + b"5\r\n     \r\n" * 200_000,
            413,
            "body-too-large",
        ),
    ],
)
@pytest.mark.parametrize("pieces", [1, 7])
async def test_what_is_too_much_is_answered_and_closed(
    port: int, sent: bytes, status: int, problem: str, pieces: int
) -> None:
    found, answer = await ask(port, sent, min(pieces, len(sent)))
    assert (found, slug(answer)) == (status, problem)
    assert answer.count(b"HTTP/1.1") == 1


async def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    assert await ask(port, b"") == (0, b"")


async def test_connections_are_bounded_by_address_and_given_back(service: Service, listener: socket.socket) -> None:
    async with serving(service, listener, PATIENT) as port:
        for _ in range(3):
            async with AsyncExitStack() as opened:
                for _ in range(8):
                    await opened.enter_async_context(connected(port))
                status, answer = await ask(port, HEAD + b"\r\n")
                assert (status, slug(answer)) == (503, "too-many-connections")
                assert b"retry-after: 2" in answer
            async with asyncio.timeout(10):
                while (await ask(port, HEAD + b"Connection: close\r\n\r\n"))[0] != 200:
                    await asyncio.sleep(0.05)


async def test_half_sent_requests_of_many_clients_are_ended_within_seconds(port: int) -> None:
    slow = [ask(port, HEAD), ask(port, POST + b"Content-Length: 99\r\n\r\n{"), ask(port, b"G")] * 2
    async with asyncio.timeout(3):
        assert [status for status, _ in await asyncio.gather(*slow)] == [408] * 6


async def test_a_body_that_was_cut_is_not_taken_for_a_body(port: int, service: Service) -> None:
    """A form whose rest is missing is another form."""
    async with connected(port) as (reader, writer):
        writer.write(POST + b"Content-Length: 50\r\n\r\n{}")
        writer.write_eof()
        answer = await reader.read()
    assert answer == b"" or b" 408 " in answer or b" 400 " in answer


async def test_what_a_trailer_says_is_no_header(port: int, people: People) -> None:
    [(name, value)] = (await people.bearer()).items()
    start = b"POST /sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    body = b'{"auth_user_id":"trail1"}'
    chunked = b"\r\n%x\r\n%s\r\n0\r\n" % (len(body), body)
    trailer = f"{name}: {value}\r\n".encode()
    for connection in (b"Connection: close\r\n",):
        assert (await ask(port, start + connection + chunked + trailer + b"\r\n"))[0] == 401
        assert (await ask(port, start + connection + trailer + chunked + b"\r\n"))[0] == 201


async def test_garbage_after_a_whole_request_does_not_take_its_answer(port: int) -> None:
    for sent in (HEAD + b"\r\nGARBAGE\r\n\r\n", POST + b"Content-Length: 2\r\n\r\n{}GARBAGE\r\n\r\n"):
        status, answer = await ask(port, sent)
        assert status == (200 if sent.startswith(b"GET") else 400)
        assert answer.count(b"HTTP/1.1") == 1
        assert b"malformed-request" not in answer


async def test_white_space_around_a_value_is_no_part_of_it(port: int) -> None:
    request_id = b"req_0198c5b0-0000-4000-8000-000000000000"
    _, answer = await ask(port, HEAD + b"X-Request-ID: \t " + request_id + b" \t \r\nConnection: close\r\n\r\n")
    assert b"x-request-id: " + request_id + b"\r\n" in answer


async def test_requests_one_after_the_other_have_their_own_time(port: int) -> None:
    async with connected(port) as (reader, writer), asyncio.timeout(5):
        for _ in range(4):
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.25)


async def test_an_empty_line_does_not_keep_a_connection(port: int) -> None:
    async with connected(port) as (reader, writer), asyncio.timeout(5):
        writer.write(HEAD + b"\r\n")
        await reader.readuntil(b"}")
        writer.write(b"\r\n")
        assert await reader.read() == b""


async def test_answers_come_in_the_order_of_their_requests(port: int) -> None:
    """What is wrong with the second is never the answer to the first, which took effect."""
    wrong = {
        b"GARBAGE\r\n\r\n": None,
        b"GET / HTTP/1.1\r\n\r\n": None,
        POST + b"Content-Length: 9\r\n\r\n{": 408,
        HEAD[:9]: 408,
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n": None,
    }
    for second in wrong:
        status, answer = await ask(port, POST + b"Content-Length: 2\r\n\r\n{}" + second)
        assert status == 400
        first = answer.partition(b"\r\n\r\n")[2]
        assert b"invalid-parameter" in first
        assert answer.count(b"HTTP/1.1 400") == 1


async def test_a_trailer_that_does_not_end_is_refused(port: int) -> None:
    for endless in (b"0\r\nX-T: " + b"a" * 400_000, b"5;x=" + b"a" * 400_000):
        status, answer = await ask(port, POST + b"Transfer-Encoding: chunked\r\n\r\n" + endless, 6)
        assert status in {400, 431}
        assert answer.count(b"HTTP/1.1") == 1


async def test_who_does_not_read_is_cut(port: int, listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_STALLED_SECONDS", 0.3)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)  # of each connection, so that little is on its way
    cut = asyncio.Event()
    lost = protocol.LimitedProtocol.connection_lost

    def is_cut(connection: protocol.LimitedProtocol, error: Exception | None) -> None:
        lost(connection, error)
        cut.set()

    monkeypatch.setattr(protocol.LimitedProtocol, "connection_lost", is_cut)
    unread = socket.socket()
    unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    unread.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(unread, ("127.0.0.1", port))
    asked = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 40
    with contextlib.suppress(ConnectionError):
        await loop.sock_sendall(unread, asked)
    async with asyncio.timeout(20):
        await cut.wait()
    received = [b"x"]
    with contextlib.suppress(ConnectionError):
        while received[-1]:
            received.append(await loop.sock_recv(unread, 65536))
    unread.close()
    assert b"".join(received).count(b"HTTP/1.1 200") < 40


def test_refused_connections_do_not_count_and_networks_of_one_client_do() -> None:
    few = Settings(connections=10, connections_per_address=3, trusted_proxies="10.0.0.0/8")
    counted = connections.Connections(few)
    assert [counted.opened("192.0.2.1") for _ in range(50)].count(True) == 3
    assert counted.opened("192.0.2.2")
    assert [counted.opened(client_key("::ffff:10.0.0.1")) for _ in range(6)] == [True] * 6
    assert not counted.opened("192.0.2.3")
    counted.closed("192.0.2.1")
    assert counted.opened("192.0.2.3")
    assert client_key("2001:db8::1") == client_key("2001:db8::ffff") != "2001:db8::1"
    assert client_key("") == ""


UPGRADING = (
    b"POST /oauth2/revoke HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
)
CLOSE = HEAD + b"Connection: close\r\n\r\n"


@pytest.mark.parametrize("pieces", [1, 2, 7, 400])
@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 38\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: aaaa\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n26\r\nGET /smuggled HTTP/1.1\r\nHost: aaaa\r\n\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\n\r\n",
        b"\r\n",
    ],
)
async def test_a_request_that_asks_for_another_protocol_is_a_request_like_any_other(
    port: int, pieces: int, body: bytes
) -> None:
    for request, expected in ((b"POST /oauth2/revoke", b"401"), (b"CONNECT /healthz", b"405")):
        _, answers = await ask(port, UPGRADING.replace(b"POST /oauth2/revoke", request) + body + CLOSE, pieces)
        assert re.findall(rb"HTTP/1\.1 (\d+)", answers) == [expected, b"200"], answers
        assert b"smuggled" not in answers


async def test_a_body_is_read_although_the_request_asks_for_another_protocol(port: int, people: People) -> None:
    key = (await people.api_key())["X-API-Key"].encode()
    body = json.dumps({"auth_user_id": "usr_1"}).encode()
    head = (
        b"POST /internal/session/create HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-API-Key: %b\r\n"
        b"X-Tenant-ID: acme\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n"
    )
    status, answer = await ask(port, head % (key, len(body)) + body)
    assert (status, b"usr_1" in answer) == (201, True)


async def test_a_client_that_has_said_all_it_will_say_gets_its_answer(port: int, people: People) -> None:
    key = (await people.api_key())["X-API-Key"].encode()
    head = b"GET /internal/session/sessions/u HTTP/1.1\r\nHost: a\r\nX-API-Key: %b\r\nX-Tenant-ID: acme\r\n\r\n" % key
    async with connected(port) as (reader, writer), asyncio.timeout(10):
        writer.write(head)
        writer.write_eof()
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
    async with connected(port) as (reader, writer), asyncio.timeout(10):
        writer.write(POST + b"Content-Length: 10\r\n\r\n{")
        writer.write_eof()
        assert await reader.read() == b""


@pytest.mark.parametrize(
    "sent",
    [b"HEAD /healthz HTTP/1.1\r\n\r\n", b"HEAD /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"],
)
async def test_a_head_request_that_is_refused_has_no_body_in_its_answer(port: int, sent: bytes) -> None:
    _, answer = await ask(port, sent)
    assert answer.endswith(b"\r\n\r\n")


async def test_codings_that_nobody_understands_are_refused_and_version_one_point_nothing_expects_nothing(
    port: int,
) -> None:
    status, _ = await ask(port, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
    assert status == 400
    old = POST.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"
    _, answer = await ask(port, old)
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"400"]
