"""Calls by pages of other origins (CORS of the Fetch standard); credentials are never cookies."""

import re
from collections.abc import Callable

from autional.api.request import Request
from autional.api.response import ANY_ORIGIN, Response

_EXPOSED = b"ETag, Retry-After, WWW-Authenticate, X-Request-ID"
_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]+")
_PREFLIGHT_SECONDS = b"86400"


def cross_origin_headers(origins: frozenset[str]) -> Callable[[Request, Response], Response]:
    """The function that lets pages of these origins read responses, and ask what they may send (preflight)."""

    def add(request: Request, response: Response) -> Response:
        headers = [*response.headers, (b"vary", b"Origin")]
        origin = request.header(b"origin")
        if origin is None or origin not in origins or ANY_ORIGIN in headers:
            return response._replace(headers=headers)
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", _EXPOSED),
        ]
        allow = dict(headers).get(b"allow", b"")
        if request.method == "OPTIONS" and request.header(b"access-control-request-method"):
            asked = request.header(b"access-control-request-headers") or ""
            asked = asked if _NAMES.fullmatch(asked) else "*"
            headers += [
                (b"access-control-allow-methods", allow),
                (b"access-control-allow-headers", asked.encode("latin-1")),
                (b"access-control-max-age", _PREFLIGHT_SECONDS),
            ]
        return response._replace(headers=headers)

    return add if origins else lambda _, response: response
