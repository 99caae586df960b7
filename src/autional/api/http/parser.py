"""The parser of requests (httptools), to which `Upgrade` (RFC 9110 §7.8) and `CONNECT` (§9.3.6) are nothing special."""

from typing import Protocol

import httptools


class Resumable(Protocol):
    """The receiver of what a parser finds."""

    headers: list[tuple[bytes, bytes]]
    is_resuming: bool
    """Whether what the parser finds now was found before, and is to be ignored."""


class Parser:
    """httptools stops after the head of a request that asks for an upgrade and takes its body for another protocol.

    This one goes on with the body, and with the next request.
    """

    def __init__(self, protocol: Resumable) -> None:
        self._protocol = protocol
        self._start()

    def feed_data(self, data: bytes) -> None:
        """Parse what was received. Raises HttpParserError."""
        while data:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as stopped:
                data = data[stopped.args[0] :]
                self._resume()
            else:
                return

    @property
    def skips_body(self) -> bool:
        """Whether httptools will stop before the body of this request."""
        return self._parser.should_upgrade() and bool(_framing(self._protocol.headers))

    def should_upgrade(self) -> bool:
        """Never: there is no other protocol here."""
        return False

    def _start(self) -> None:
        self._parser = parser = httptools.HttpRequestParser(self._protocol)
        parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does, for pipelined requests
        self.get_method, self.get_http_version = parser.get_method, parser.get_http_version
        self.should_keep_alive = parser.should_keep_alive

    def _resume(self) -> None:
        framing = _framing(self._protocol.headers)
        self._start()
        if framing:
            self._protocol.is_resuming = True
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n")
            self._protocol.is_resuming = False


def _framing(headers: list[tuple[bytes, bytes]]) -> bytes:
    """The headers that say how long a body is; empty without a body."""
    given = [(name, value) for name, value in headers if name in {b"content-length", b"transfer-encoding"}]
    if given == [(b"content-length", b"0")]:
        return b""
    return b"".join(b"%b: %b\r\n" % header for header in given)
