"""Responses: from the result of an operation to status, headers and body."""

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from autional.api.model import File, Json, Operation, Page, Redirect, Stream
from autional.api.problem_body import JSON
from autional.api.request import Request

Header = tuple[bytes, bytes]

_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_POLICY_WITH_SCRIPTS = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    b" connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE: list[Header] = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"referrer-policy", b"no-referrer"),
    (b"vary", b"Accept-Language"),
    (b"x-frame-options", b"DENY"),
]
ANY_ORIGIN: Header = (b"access-control-allow-origin", b"*")
NOT_STORED: Header = (b"cache-control", b"no-store")
_NOT_MODIFIED = 304
_WITHOUT_CONTENT = {204, _NOT_MODIFIED}
_encode = msgspec.json.Encoder().encode


class Response(NamedTuple):
    """A response, without the headers that every one has."""

    status: int
    headers: list[Header]
    body: bytes = b""
    stream: Stream | None = None
    """What the body is made of as long as its client stays, instead of `body`."""


def response_writer(operation: Operation) -> Callable[[Request, Any], Response]:
    """The function that turns results of an operation into responses."""
    status = operation.status
    json_headers = [(b"content-type", JSON.encode()), NOT_STORED]

    def write(_: Request, result: Any) -> Response:
        if isinstance(result, Json):
            return Response(status, json_headers, result.content)
        if isinstance(result, msgspec.Struct | dict):
            return Response(status, json_headers, _encode(result))
        if isinstance(result, Stream):
            return Response(status, [(b"content-type", b"text/event-stream"), NOT_STORED], stream=result)
        headers, body = _content(result)
        return Response(status, [*headers, NOT_STORED], body)

    def write_cacheable(request: Request, result: Any) -> Response:
        headers, body = _content(result)
        if operation.media_type is not None:  # a file that anybody may read, pages of any origin too
            headers = [*headers, ANY_ORIGIN]
        return _cacheable(request, Response(status, headers, body), operation.max_age or 0)

    return write if operation.max_age is None else write_cacheable


def complete(request: Request, response: Response) -> list[Header]:
    """The headers of a response, with those that every one has (Content-Length: RFC 9110 §8.6)."""
    headers = [
        *response.headers,
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request.request_id.encode("ascii")),
    ]
    if response.status not in _WITHOUT_CONTENT and response.stream is None:
        headers.append((b"content-length", b"%d" % len(response.body)))
    return headers


def _content(result: Any) -> tuple[list[Header], bytes]:
    if isinstance(result, Page):
        policy = _POLICY_WITH_SCRIPTS if result.has_scripts else _POLICY
        return [*_PAGE, (b"content-security-policy", policy)], result.html.encode()
    if isinstance(result, File):
        return [(b"content-type", result.media_type.encode())], result.content
    if isinstance(result, Redirect):
        return [(b"location", result.location.encode())], b""
    if result is None:
        return [], b""
    return [(b"content-type", JSON.encode())], _encode(result)


def _cacheable(request: Request, response: Response, max_age: int) -> Response:
    """Allow caching, and answer 304 to a client that has this response (RFC 9110 §13.1.2, RFC 9111)."""
    etag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    headers = [
        *response.headers,
        (b"cache-control", b"public, max-age=%d" % max_age),
        (b"etag", etag.encode()),
    ]
    known = request.header(b"if-none-match") or ""
    if known.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(_NOT_MODIFIED, headers)
    return Response(response.status, headers, response.body)
