"""The bearer token of a request, whatever the framework (RFC 6750 §2.1)."""

from collections.abc import Mapping
from typing import Any


def bearer_token(request: Any) -> str | None:
    """The token in `Authorization` of a request with `headers`, or of headers; None if there is none.

    Works for Starlette, FastAPI, Litestar, Django, Flask, aiohttp, httpx and mappings of any case.
    """
    headers = getattr(request, "headers", request)
    value = headers.get("Authorization") or headers.get("authorization")
    if value is None and isinstance(headers, Mapping):
        value = next((text for name, text in headers.items() if str(name).lower() == "authorization"), None)
    if not isinstance(value, str):
        return None
    scheme, _, token = value.strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
