"""A request as it arrived: what its headers say is read when it is needed, most of it for a Problem only."""

import itertools
import re
import secrets
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from falcon.util import mediatypes

from autional.access.caller import Caller
from autional.api.forwarded import client_address
from autional.core import i18n, problems
from autional.core.formats import LONGEST_IDEMPOTENCY_KEY, UserAgent
from autional.core.problems import Problem, Violation
from autional.core.settings import Settings

_REQUEST_ID = re.compile(r"req_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TRACEPARENT = re.compile(
    r"(?P<version>(?!ff)[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})"
    r"(?P<later>-.*)?"
)
_SAMPLED = 1
_WITH_BODY = {"DELETE", "PATCH", "POST", "PUT"}
_SINGLE = {b"content-length", b"content-type", b"host", b"user-agent"}
"""Headers of which a second one is ignored; of others the values are joined (RFC 9110 §5.3)."""
UNVERIFIED = Caller("", "anyone")
"""The caller of a request that needs no credential, or whose credential is not verified yet."""
_process = f"req_{str(uuid.uuid4())[:-12]}"
_number = itertools.count(secrets.randbits(32)).__next__


class ClientGoneError(Exception):
    """The client disconnected before its request was complete."""


class Origin(NamedTuple):
    """Where a request came from."""

    request_id: str
    ip: str | None
    user_agent: str | None


class Trace(NamedTuple):
    """The place of a request in a trace (W3C Trace Context §3.2)."""

    traceparent: str
    span_id: str


class Request:
    """A request of one operation; its route and caller become known while it is handled."""

    __slots__ = ("_body", "_headers", "_receive", "caller", "method", "request_id", "route", "scope")

    def __init__(self, scope: Any, receive: Callable[[], Awaitable[Any]]) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.route: str | None = None
        """The path of its operation in the table of operations."""
        self.caller = UNVERIFIED
        self._receive = receive
        self._body: bytes | Problem | None = None
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        if len(self._headers) != len(scope["headers"]):
            self._headers = _joined(scope["headers"])
        given_id = self._headers.get(b"x-request-id")
        self.request_id = new_request_id() if given_id is None else _accepted_id(given_id.decode("latin-1"))

    def header(self, name: bytes) -> str | None:
        """The value of a header, by its name in lower case; None without it."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    async def arrived(self, limit: int) -> None:
        """Wait until the body is there, or known to be refused. Raises ClientGoneError."""
        if self.method in _WITH_BODY and self._body is None:
            try:
                self._body = await self._read(limit)
            except Problem as problem:
                self._body = problem

    async def body(self, limit: int) -> bytes:
        """The body. Raises the Problem BODY_TOO_LARGE, and ClientGoneError."""
        found = self._body if self._body is not None else await self._read(limit)
        if isinstance(found, Problem):
            raise found
        return found

    async def _read(self, limit: int) -> bytes:
        announced = self.header(b"content-length")
        if announced is not None and int(announced) > limit:
            raise Problem(problems.BODY_TOO_LARGE, limit=limit)
        whole: bytes = b""
        while True:
            event = await self._receive()
            if event["type"] == "http.disconnect":
                raise ClientGoneError  # what arrived of a body is not the body
            received = event.get("body", b"")
            whole = whole + received if whole else received
            if len(whole) > limit:
                raise Problem(problems.BODY_TOO_LARGE, limit=limit)
            if not event.get("more_body"):
                return whole

    async def gone(self) -> None:
        """Return when the client has disconnected."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    @property
    def media_type(self) -> str:
        """The media type of the body, without parameters."""
        return (self.header(b"content-type") or "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str | None:
        """The bearer token, verified or not; None without one."""
        scheme, _, token = (self.header(b"authorization") or "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    @property
    def idempotency_key(self) -> str | None:
        """The Idempotency-Key header. Raises the Problem INVALID_PARAMETER."""
        key = self.header(b"idempotency-key")
        if key is not None and not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY:
            reason = "Must be 1 to 255 characters"
            raise Problem(problems.INVALID_PARAMETER, violations=[Violation("Idempotency-Key", "length", reason)])
        return key

    @property
    def language(self) -> str:
        """The language of the response."""
        return i18n.negotiate(self.header(b"accept-language") or "")

    @property
    def trace(self) -> Trace:
        """The trace that the request is part of, or a new one (W3C Trace Context §4.3)."""
        found = _TRACEPARENT.fullmatch(self.header(b"traceparent") or "")
        span = secrets.token_hex(8)
        if found is None or (found["version"] == "00" and found["later"] is not None):
            return Trace(f"00-{secrets.token_hex(16)}-{span}-{_SAMPLED:02x}", span)
        return Trace(f"00-{found['trace']}-{span}-{int(found['flags'], 16) & _SAMPLED:02x}", span)

    def accepts(self, media_type: str) -> bool:
        """Whether the client accepts a media type (RFC 9110 §12.5.1)."""
        accept = self.header(b"accept") or "*/*"
        if accept in {media_type, "*/*"}:
            return True
        try:
            return mediatypes.quality(media_type, accept) != 0.0
        except ValueError:
            return False

    def address(self, settings: Settings) -> str | None:
        """The address of the client."""
        client = self.scope.get("client")
        if not client:
            return None
        forwarded, forwarded_for = (self.header(name) or "" for name in (b"forwarded", b"x-forwarded-for"))
        return client_address(client[0], forwarded, forwarded_for, settings.proxies)

    def origin(self, settings: Settings) -> Origin:
        """Where it came from, for the audit log."""
        user_agent = UserAgent(self.header(b"user-agent") or "")
        return Origin(self.request_id, self.address(settings), str(user_agent) or None)


def new_request_id() -> str:
    """A new id of a request: a number under a prefix of this process."""
    return f"{_process}{_number() & 0xFFFFFFFFFFFF:012x}"


def public_url(settings: Settings, host: str, port: int) -> str:
    """The address of this service for clients, without a slash at its end (RFC 3986 §3.2.2)."""
    return (settings.public_url or f"http://{host}:{port}").rstrip("/")


def _accepted_id(given: str) -> str:
    return given if _REQUEST_ID.fullmatch(given) else new_request_id()


def _joined(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in joined:
            joined[name] = value
        elif name not in _SINGLE:
            joined[name] += (b"; " if name == b"cookie" else b",") + value  # RFC 9113 §8.2.3
    return joined
