"""The context of a request beside its arguments: id, trace, address, language and idempotency key."""

import re
import secrets
import uuid

from falcon.asgi import Request, Response

from autional.access.caller import Caller
from autional.api import audited
from autional.api.forwarded import client_address
from autional.core import i18n, problems
from autional.core.formats import LONGEST_IDEMPOTENCY_KEY, UserAgent
from autional.core.problems import Problem, Violation
from autional.core.settings import Settings
from autional.runtime.service import Service

_REQUEST_ID = re.compile(r"req_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TRACEPARENT = re.compile(
    r"(?P<version>(?!ff)[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})"
    r"(?P<later>-.*)?"
)
_SAMPLED = 1
UNVERIFIED = Caller("", "anyone")
"""The caller of a request that needs no credential, or whose credential is not verified yet."""


class ClientGoneError(Exception):
    """The client disconnected before its request was complete."""


def begin(request: Request, response: Response) -> None:
    """Give the request an id and its place in a trace (W3C Trace Context §3.2)."""
    request.context.caller = UNVERIFIED
    given_id = request.get_header("X-Request-ID", default="")
    request.context.request_id = given_id if _REQUEST_ID.fullmatch(given_id) else f"req_{uuid.uuid4()}"
    trace, flags = _parent(request.get_header("traceparent", default=""))
    request.context.span_id = secrets.token_hex(8)
    request.context.trace_id = f"00-{trace}-{request.context.span_id}-{flags:02x}"
    response.set_header("X-Request-ID", request.context.request_id)
    response.set_header("X-Content-Type-Options", "nosniff")


def _parent(header: str) -> tuple[str, int]:
    """The trace id and known flags of a traceparent header, otherwise new ones (W3C Trace Context §4.3)."""
    found = _TRACEPARENT.fullmatch(header)
    if found is None or (found["version"] == "00" and found["later"] is not None):
        return secrets.token_hex(16), _SAMPLED
    return found["trace"], int(found["flags"], 16) & _SAMPLED


def origin_of(running: Service, request: Request) -> audited.Origin:
    """Where a request came from, for the audit log."""
    user_agent = UserAgent(request.get_header("User-Agent", default=""))
    return audited.Origin(request.context.request_id, address_of(running, request), str(user_agent) or None)


def address_of(running: Service, request: Request) -> str | None:
    """The address of the client."""
    client = request.scope.get("client")
    if not client:
        return None
    forwarded, forwarded_for = (request.get_header(name, default="") for name in ("Forwarded", "X-Forwarded-For"))
    return client_address(client[0], forwarded, forwarded_for, running.settings.proxies)


def public_url(settings: Settings, host: str, port: int) -> str:
    """The address of this service for clients, without a slash at its end (RFC 3986 §3.2.2)."""
    return (settings.public_url or f"http://{host}:{port}").rstrip("/")


def idempotency_key_of(request: Request) -> str | None:
    """The Idempotency-Key header. Raises the Problem INVALID_PARAMETER."""
    key = request.get_header("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY:
        reason = "Must be 1 to 255 characters"
        raise Problem(problems.INVALID_PARAMETER, violations=[Violation("Idempotency-Key", "length", reason)])
    return key


def language_of(request: Request) -> str:
    """The language of the response."""
    return i18n.negotiate(request.get_header("Accept-Language", default=""))
