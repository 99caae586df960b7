"""Limits on a connection before its request is parsed: bytes, seconds and connections (RFC 9112)."""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from autional.api import problem_response
from autional.api.application import RESPONSE_EXTENSION, STREAM_EXTENSION
from autional.api.http.connections import Connections
from autional.api.http.lingering import LingeringTransport
from autional.api.http.parser import Parser
from autional.core import draining, problems
from autional.core.formats import client_key
from autional.core.problems import Problem
from autional.core.settings import Settings

_MOST_HEADERS = 100
_VERSIONS = ("1.0", "1.1")
_LINGER_SECONDS = 2.0
_MOMENT = 0.05
_STALLED_SECONDS = 20.0
_LINGER_BYTES = 8 * 1024 * 1024
_RETRY_SECONDS = 2
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::[0-9]{0,5})?")


class RefusedError(Exception):
    """Stops the parser; `problem` is the answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.kind.slug)
        self.problem = problem


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits. `settings` and `counted` are shared by the connections of a server."""

    def __init__(self, *arguments: Any, settings: Settings, counted: Connections, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.is_resuming = False
        self.parser: Parser = Parser(self)  # type: ignore[assignment]  # stands in for the one of httptools
        self._settings = settings
        self._counted = counted
        self._client: str | None = None
        self._since_body = 0
        self._stalled: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._refusal: Problem | None = None
        self._in_head = True
        self._receiving = False
        self._received = 0
        self._lingering = False
        self._ignoring = False
        self._is_streaming = False

    def connection_made(self, transport: Any) -> None:
        self._transport = LingeringTransport(transport, self.close_gently)
        super().connection_made(self._transport)  # type: ignore[arg-type]  # stands in for the transport
        client = client_key(self.client[0] if self.client else "")
        if self._counted.opened(client):
            self._client = client
            self._end_unless(self._settings.head_seconds)
        else:
            self._write(Problem(problems.TOO_MANY_CONNECTIONS, retry_after=_RETRY_SECONDS))
            self._ignoring = True
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._client is not None:
            self._counted.closed(self._client)
        self._stop_timer()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._end_unless_read()

    def resume_writing(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._ignoring:
            return
        if self._lingering:
            if self._received > _LINGER_BYTES:
                self._transport.abort()
            return
        self._since_body += len(data)
        super().data_received(data)
        read_on = self._reads_on()
        if read_on and (self._received if self._in_head else self._since_body) > self._settings.head_limit:
            # a head, the extension of a chunk or a trailer (RFC 9112 §7.1) that does not end
            self._answer(Problem(problems.HEAD_TOO_LARGE, limit=self._settings.head_limit))
        elif read_on and self._timer is None and not self._is_at_work:
            self._end_unless(self._settings.head_seconds)  # an empty line, which begins no request

    def eof_received(self) -> bool:  # type: ignore[override]  # what asyncio allows
        """Whether the connection stays open for an answer that is being made: the client sends no more."""
        if self._receiving or self._lingering or self._is_streaming or not self._is_at_work:
            return False
        self.cycle.keep_alive = False
        return True

    def on_message_begin(self) -> None:
        if self.is_resuming:
            return
        super().on_message_begin()
        self._in_head = self._receiving = True
        self._head_bytes = 0
        self._end_unless(self._settings.head_seconds)

    def on_url(self, url: bytes) -> None:
        if self.is_resuming:
            return
        super().on_url(url)
        if len(self.url) > self._settings.url_limit:
            self._refuse(Problem(problems.URL_TOO_LONG, limit=self._settings.url_limit))

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.is_resuming or not self._in_head:
            return  # a trailer is no header, or it could bring what a proxy took away (RFC 9110 §6.5.1)
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self._settings.head_limit or len(self.headers) >= _MOST_HEADERS:
            self._refuse(Problem(problems.HEAD_TOO_LARGE, limit=self._settings.head_limit))
        super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        if self.is_resuming:
            return
        hosts = [value for name, value in self.headers if name == b"host"]
        version = self.parser.get_http_version()
        if version not in _VERSIONS:
            self._refuse(Problem(problems.MALFORMED_REQUEST))
        required = version == "1.1"
        if len(hosts) > 1 or (required and not hosts) or not all(map(_HOST.fullmatch, hosts)):
            self._refuse(Problem(problems.MALFORMED_REQUEST))
        if any(name == b"transfer-encoding" and value.lower() != b"chunked" for name, value in self.headers):
            self._refuse(Problem(problems.MALFORMED_REQUEST))  # RFC 9112 §6.1: no other coding is understood
        if not required:
            self.expect_100_continue = False  # RFC 9110 §10.1.1
        if self.expect_100_continue and self._announced() > self._settings.body_limit:
            self._refuse(Problem(problems.BODY_TOO_LARGE, limit=self._settings.body_limit))  # RFC 9110 §10.1.1
        self._received = self._since_body = 0
        self._end_unless(self._settings.body_seconds)
        super().on_headers_complete()
        self._in_head = False

    def _announced(self) -> int:
        """The length of the body, as far as the headers say."""
        lengths = [value for name, value in self.headers if name == b"content-length"]
        return max((int(one) for one in lengths if one.isdigit()), default=0)

    def on_body(self, body: bytes) -> None:
        self._since_body = 0
        if self._received > _LINGER_BYTES:
            self._refuse(Problem(problems.BODY_TOO_LARGE, limit=self._settings.body_limit))
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.skips_body:
            return
        self._receiving = False
        self._received = 0
        self._in_head = True
        self._stop_timer()
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        extensions: Any = {RESPONSE_EXTENSION: partial(self._respond, cycle), STREAM_EXTENSION: self._begin_stream}
        cycle.scope["extensions"] = extensions
        if draining.is_on():
            cycle.keep_alive = False
        super()._start_asgi_task(cycle, app)

    def _begin_stream(self) -> Callable[[], None]:
        self._is_streaming = True
        return self._transport.abort

    def shutdown(self) -> None:
        """Finish the request that is being answered, and close; a stream would not end."""
        if self._is_streaming:
            self._close()
        super().shutdown()

    async def _respond(
        self, cycle: RequestResponseCycle, status: int, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        """Write a whole response at once. The headers are this service's own and were checked when it made them."""
        if self.flow.write_paused and not cycle.disconnected:
            await self.flow.drain()
        if cycle.disconnected:
            return
        cycle.response_started, cycle.waiting_for_100_continue = True, False
        lines = [b"%b: %b\r\n" % header for header in (*cycle.default_headers, *headers)]
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        shown = b"" if cycle.scope["method"] == "HEAD" else body
        self._transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", shown]))
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self._transport.close()
        cycle.on_response()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - as uvicorn calls it
        """Answer a refused or malformed request with a Problem, where uvicorn would write text."""
        self._answer(self._refusal or Problem(problems.MALFORMED_REQUEST))

    def close_gently(self) -> None:
        """Close. A client that still sends is read for a while, since a reset would lose the answer."""
        if self._lingering or self._transport.is_closing():
            return
        if not self._receiving:
            self._close()
            return
        self._lingering = True
        self._received = 0
        self._transport.write_eof()
        self.flow.resume_reading()
        self._end_unless(_LINGER_SECONDS)

    def _refuse(self, problem: Problem) -> None:
        self._refusal = problem
        raise RefusedError(problem)

    def _answer(self, problem: Problem) -> None:
        """Write our own answer and close; nothing if the application has already begun to answer.

        Whole requests before it are answered, and none after it.
        """
        if self._earlier_is_at_work:
            self._ignoring = True
            if not self._in_head:
                self.pipeline.popleft()  # the one that is refused
            return
        if self._in_head or not self.cycle.response_started:
            self._write(problem)
        if self._is_at_work:  # it gets no more, and must not take for a body what arrived of one
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._receiving = True
        self.close_gently()

    def _reads_on(self) -> bool:
        return not (self._lingering or self._ignoring or self._transport.is_closing())

    @property
    def _earlier_is_at_work(self) -> bool:
        """Whether a request before the one being received has not been answered yet."""
        return bool(self.pipeline) or (self._is_at_work and self._in_head)

    @property
    def _is_at_work(self) -> bool:
        """Whether the latest request has not been answered yet."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._ignoring and not self._earlier_is_at_work:
            self._close()

    def _write(self, problem: Problem) -> None:
        request_id, body = problem_response.refusal_before_parsing(problem)
        status = HTTPStatus(problem.kind.status)
        retry = f"retry-after: {problem.retry_after}\r\n" if problem.retry_after else ""
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
            f"cache-control: no-store\r\nconnection: close\r\n{retry}"
            f"x-request-id: {request_id}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        shown = b"" if self.parser.get_method() == b"HEAD" else body
        self._transport.write(head.encode() + shown)

    def _close(self) -> None:
        """Close when everything is written, or after a bounded time."""
        self._transport.close_now()
        self._end_unless_read()

    def _end_unless_read(self) -> None:
        if self._stalled is None:
            self._stalled = self.loop.call_later(_STALLED_SECONDS, self._transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, but not before a request is read that came while this process stood still."""
        self.timeout_keep_alive_task = self.loop.call_later(_MOMENT, super().timeout_keep_alive_handler)

    def _end_unless(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._too_late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._timer = None
        if self._lingering or not self._receiving:
            self._close()
        elif self._earlier_is_at_work:
            self._end_unless(self._settings.head_seconds)  # it is our turn, not the client's
        else:
            self._answer(Problem(problems.REQUEST_TOO_SLOW))
