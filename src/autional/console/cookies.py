"""The cookies of the console, and over which connections it may be used at all (RFC 6265bis §4.1.3)."""

import ipaddress
from typing import Literal
from urllib.parse import urlsplit

from autional.api.request import Request
from autional.core.settings import Settings

Transport = Literal["tls", "loopback"]
_SESSION: dict[Transport, str] = {"tls": "__Host-autional_console", "loopback": "autional_console"}
LANGUAGE = "autional_language"
_BEGUN: dict[Transport, str] = {"tls": "__Host-autional_sign_in", "loopback": "autional_sign_in"}
_A_YEAR = 31_536_000


def transport_of(request: Request, settings: Settings) -> Transport | None:
    """How a browser reached the console: over TLS, by a loopback address, or (None) in a way that gives secrets away.

    TLS ends before this service, so the setting of the public URL says whether there is any.
    """
    if (settings.public_url or "").startswith("https://"):
        return "tls"
    client = request.scope.get("client")
    if not client or not _is_loopback(client[0]):
        return None
    if request.header(b"forwarded") or request.header(b"x-forwarded-for"):
        return None  # the loopback address is a proxy's
    try:
        host = urlsplit(f"//{request.header(b'host') or ''}").hostname
    except ValueError:
        return None
    return "loopback" if host is not None and (host == "localhost" or _is_loopback(host)) else None


def is_of_this_origin(request: Request, settings: Settings) -> bool:
    """Whether a form was sent by a page of this service (Fetch Metadata; RFC 6454 §7)."""
    site = request.header(b"sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = request.header(b"origin")
    if origin is None:
        return site is not None
    is_tls = (settings.public_url or "").startswith("https://")
    expected = settings.public_url if is_tls else f"http://{request.header(b'host')}"
    return _origin(origin) == _origin(expected or "")


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    """Scheme, host and port of a URL (RFC 6454 §4); None of what has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        host = (
            parts.hostname.encode("idna").decode()
            if parts.hostname and not parts.hostname.isascii()
            else parts.hostname
        )
    except ValueError:
        return None
    return (parts.scheme, host, port) if host else None


def read(request: Request, name: str) -> str | None:
    """The value of a cookie, whatever others are sent beside it (RFC 6265 §5.4)."""
    pairs = (one.strip().partition("=") for one in (request.header(b"cookie") or "").split(";"))
    return next((value for found, _, value in pairs if found == name and value), None)


def session_secret(request: Request, transport: Transport) -> str | None:
    """The secret of the console session."""
    return read(request, _SESSION[transport])


def session_cookie(secret: str, transport: Transport) -> bytes:
    """The header value that gives a browser the secret until it closes; an empty secret takes it back."""
    where = "Path=/; Secure" if transport == "tls" else "Path=/console"  # `__Host-` is for all paths of the host
    ends = "; Max-Age=0" if not secret else ""
    return f"{_SESSION[transport]}={secret}; {where}; HttpOnly; SameSite=Strict{ends}".encode()


def begun(request: Request, transport: Transport) -> str:
    """What was begun with an OpenID provider; empty if nothing was."""
    return read(request, _BEGUN[transport]) or ""


def begun_cookie(kept: str, transport: Transport, lifetime: int) -> bytes:
    """The header value that keeps what a sign-in began with; sent along when the provider, another site, leads back."""
    where = "Path=/; Secure" if transport == "tls" else "Path=/console"
    return f"{_BEGUN[transport]}={kept}; {where}; HttpOnly; SameSite=Lax; Max-Age={lifetime}".encode()


def language_cookie(language: str) -> bytes:
    """The header value that remembers the language of a browser."""
    return f"{LANGUAGE}={language}; Path=/console; HttpOnly; SameSite=Lax; Max-Age={_A_YEAR}".encode()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
