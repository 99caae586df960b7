"""The one way from a request to a function and back; what a row of operations.py means."""

import base64
import hashlib
import re
import secrets
import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import falcon
import msgspec
import structlog
from falcon.asgi import Request, Response

from autional import callers, clock, i18n, problems
from autional.api import acts
from autional.api.calls import Call, Operation, Page
from autional.api.forwarded import client_address
from autional.api.problem_answers import PROBLEM_TYPE, RequestFacts, problem_body, problem_headers
from autional.api.reading import Nothing, read_body, read_form, read_query
from autional.callers import Access, Caller, Claim
from autional.db import DatabaseUnavailableError, look_up
from autional.personal import subject_of
from autional.problems import Problem, Violation
from autional.security_log import security
from autional.service import Service
from autional.settings import Settings
from autional.tenants import API_KEY_PREFIX, TENANT_ID
from autional.texts import UserAgent, user_id_fault

_RETRY_UNAVAILABLE = 1
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_REQUEST_ID = re.compile(r"req_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TRACEPARENT = re.compile(
    r"(?P<version>(?!ff)[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})"
    r"(?P<later>-.*)?"
)
_SAMPLED = 1
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Frame-Options": "DENY",
}
_LONGEST_IDEMPOTENCY_KEY = 255

log = structlog.get_logger()

_NOTED = {401, 403, 429}
_NOBODY = Caller("", "bearer")


class ClientGoneError(Exception):
    """The client went away before its request was whole."""


async def answer(
    running: Service, operation: Operation, request: Request, response: Response, path: dict[str, str]
) -> None:
    """Answer one request: authenticate, read, do, write."""
    now = clock.now()
    claim = _claim(running, operation.access, request)
    call = Call(
        running,
        running.database.share(operation.work, path.get("tenant_id")),
        _NOBODY,
        now,
        running.at(),
        _language(request),
        request.context.request_id,
        _idempotency_key(request),
        _bearer(request),
    )
    if claim is None:
        caller, arguments = _NOBODY, await _arguments(running, operation, request, path)
    else:
        caller, arguments = await _authenticated(call, operation, claim, request, path)
        call = call._replace(caller=caller, database=running.database.share(operation.work, caller.tenant_id))
        request.context.caller = caller
    if operation.act is not None and caller.administers:
        result = await acts.done_and_written(call, operation, arguments, _origin(running, request))
    else:
        result = await operation.function(call, **arguments)
    if operation.access.clients and operation.act is not None:
        _note(running, request, operation.act)
    response.status = operation.status
    if isinstance(result, Page):
        response.set_headers(_PAGE_HEADERS)
        response.content_type, response.data = falcon.MEDIA_HTML, result.html.encode()
    elif result is not None:
        response.content_type, response.data = _JSON, msgspec.json.encode(result)
    if operation.max_age is None:
        response.set_header("Cache-Control", "no-store")
    else:
        _let_cache(request, response, operation.max_age)


async def answer_problem(running: Service, request: Request, response: Response, problem: Problem) -> None:
    """Answer a request by a problem, in the media type that the client can read."""
    if problem.kind.status in _NOTED:
        _note(running, request, problem.kind.slug)
    facts = _facts(running, request)
    only_json = not request.client_accepts(PROBLEM_TYPE) and request.client_accepts(_JSON)
    response.status = problem.kind.status
    response.content_type = _JSON if only_json else PROBLEM_TYPE
    response.data = problem_body(problem, facts)
    response.text = None
    response.set_header("Cache-Control", "no-store")
    response.append_header("Vary", "Accept, Accept-Language")
    for name, value in problem_headers(problem, facts.oauth).items():
        response.set_header(name, value)


def as_problem(error: Exception, request: Request) -> Problem:
    """Whatever went wrong, as something that may be shown; the log keeps the cause under the same request id."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, falcon.HTTPNotFound):
        return Problem(problems.ROUTE_NOT_FOUND)
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        return Problem(problems.METHOD_NOT_ALLOWED)
    if isinstance(error, ClientGoneError) or (isinstance(error, falcon.HTTPError) and error.status_code < 500):
        return Problem(problems.MALFORMED_REQUEST)
    if isinstance(error, DatabaseUnavailableError):
        log.warning("database unavailable", request_id=request.context.request_id, cause=str(error))
        return Problem(problems.UNAVAILABLE, retry_after=_RETRY_UNAVAILABLE)
    log.error("internal error", request_id=request.context.request_id, exc_info=error)
    return Problem(problems.INTERNAL)


def refusal(problem: Problem) -> tuple[str, bytes]:
    """The id and the body of the answer to what is refused before it is a request."""
    request_id, trace, span = f"req_{uuid.uuid4()}", secrets.token_hex(16), secrets.token_hex(8)
    log.info("refused before it was read", request_id=request_id, problem=problem.kind.slug)
    facts = RequestFacts("", "", b"", request_id, f"00-{trace}-{span}-01", span, clock.now())
    return request_id, problem_body(problem, facts)


def begin(request: Request, response: Response) -> None:
    """Give the request its id and its place in a trace (W3C Trace Context §3.2)."""
    request.context.caller = _NOBODY
    given_id = request.get_header("X-Request-ID", default="")
    request.context.request_id = given_id if _REQUEST_ID.fullmatch(given_id) else f"req_{uuid.uuid4()}"
    trace, flags = _parent(request.get_header("traceparent", default=""))
    request.context.span_id = secrets.token_hex(8)
    request.context.trace_id = f"00-{trace}-{request.context.span_id}-{flags:02x}"
    response.set_header("X-Request-ID", request.context.request_id)
    response.set_header("X-Content-Type-Options", "nosniff")


def _parent(header: str) -> tuple[str, int]:
    """The trace that a request is part of, and its flags that we know; else a new one (W3C Trace Context §4.3)."""
    found = _TRACEPARENT.fullmatch(header)
    if found is None or (found["version"] == "00" and found["later"] is not None):
        return secrets.token_hex(16), _SAMPLED
    return found["trace"], int(found["flags"], 16) & _SAMPLED


async def _authenticated(
    call: Call, operation: Operation, claim: Claim, request: Request, path: dict[str, str]
) -> tuple[Caller, dict[str, Any]]:
    """The caller and the arguments, with what the operation looks up beside: in one round trip."""
    database = call.service.database
    try:
        arguments = await _arguments(call.service, operation, request, path)
    except Problem:
        await look_up(database, claim.lookup)  # who may not call is told that first
        raise
    if operation.beside is None:
        return await look_up(database, claim.lookup), arguments
    if claim.caller.kind == "api_key" and operation.access.bearers:
        # what such a key may see is only known with its row, and the question depends on that
        caller = await look_up(database, claim.lookup)
        asked = operation.beside(call._replace(caller=caller), **arguments)
        return caller, arguments | {"found": await look_up(database, asked) if asked else None}
    asked = operation.beside(call._replace(caller=claim.caller), **arguments)
    if asked is None:
        return await look_up(database, claim.lookup), arguments | {"found": None}
    caller, found = await database.look_up_both(claim.lookup, asked)
    return caller, arguments | {"found": found}


def _claim(running: Service, access: Access, request: Request) -> Claim | None:
    """Who the caller says to be; None where anyone may call. Raises MISSING_CREDENTIAL, INVALID_TOKEN."""
    if access.anyone:
        return None
    tenant_id = request.get_header("X-Tenant-ID")
    if tenant_id is not None and not TENANT_ID.fullmatch(tenant_id):
        tenant_id = "-"  # no tenant is called so
    if access.clients:
        return callers.from_client(_client_key(request, access), tenant_id)
    token, key = _bearer(request), request.get_header("X-API-Key")
    if token is not None and access.bearers and not token.startswith(f"{API_KEY_PREFIX}_"):
        return callers.from_bearer(running.issuer, token, access.bearers, tenant_id, running.at())
    if key and access.keys:
        return callers.from_api_key(key, access.keys, tenant_id)
    raise Problem(problems.MISSING_CREDENTIAL, accepted=access.accepted)


async def _arguments(running: Service, operation: Operation, request: Request, path: dict[str, str]) -> dict[str, Any]:
    """What the function takes beside the call: path parameters, and `query` and `body` where it has them."""
    wrong = [
        Violation(name, "format", fault, text)
        for name, text in path.items()
        if (fault := user_id_fault(text))  # every id in a path has the widest form, that of users
    ]
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    arguments: dict[str, Any] = dict(path)
    query = read_query(request.scope["query_string"], operation.query)
    if operation.query is not Nothing:
        arguments["query"] = query
    if operation.method != "GET":
        read = read_form if operation.form else read_body
        raw = await _received(request, _FORM if operation.form else _JSON, running.settings.body_limit)
        if operation.method == "PUT" and not raw:
            raise Problem(
                problems.INVALID_PARAMETER,
                violations=[Violation("body", "required", "Must be present: a PUT replaces everything")],
            )
        body = read(raw, operation.body)
        if operation.body is not Nothing:
            arguments["body"] = body
    return arguments


async def _received(request: Request, expected: str, limit: int) -> bytes:
    """The body, if it is of the expected media type and a sensible size."""
    if (request.content_length or 0) > limit:
        raise Problem(problems.BODY_TOO_LARGE, limit=limit)
    raw = await request.stream.read(limit + 1)
    if len(raw) > limit:
        raise Problem(problems.BODY_TOO_LARGE, limit=limit)
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if raw and media_type != expected:
        raise Problem(problems.UNSUPPORTED_MEDIA_TYPE, expected=expected)
    return raw


def _origin(running: Service, request: Request) -> acts.Origin:
    user_agent = UserAgent(request.get_header("User-Agent", default=""))
    return acts.Origin(request.context.request_id, _address(running, request), str(user_agent) or None)


def _address(running: Service, request: Request) -> str | None:
    """Where the request comes from."""
    client = request.scope.get("client")
    if not client:
        return None
    forwarded, forwarded_for = (request.get_header(name, default="") for name in ("Forwarded", "X-Forwarded-For"))
    return client_address(client[0], forwarded, forwarded_for, running.settings.proxies)


def _facts(running: Service, request: Request) -> RequestFacts:
    host, port = request.scope["server"]
    return RequestFacts(
        base_url=public_url(running.settings, f"[{host}]" if ":" in host else host, port),
        path=request.scope["raw_path"].decode("ascii"),
        query=request.scope["query_string"],
        request_id=request.context.request_id,
        trace_id=request.context.trace_id,
        span_id=request.context.span_id,
        now=clock.now(),
        language=_language(request),
        development=running.settings.development,
        oauth=request.path.startswith("/oauth2/"),
    )


def _note(running: Service, request: Request, kind: str) -> None:
    """Write into the security log what a call was refused for, or did to a token."""
    caller = request.context.caller
    home = caller.home_tenant or caller.tenant_id
    subject = subject_of(running.subject_key, home, caller.user_id).hex() if caller.user_id else None
    security.note(
        kind,
        caller.tenant_id,
        method=request.method,
        route=request.uri_template,
        request_id=request.context.request_id,
        address=_address(running, request),
        subject=subject,
        key_id=caller.key_id,
        role=caller.role,
    )


def public_url(settings: Settings, host: str, port: int) -> str:
    """Where clients reach this service, without a slash at its end (RFC 3986 §3.2.2)."""
    return (settings.public_url or f"http://{host}:{port}").rstrip("/")


def _let_cache(request: Request, response: Response, max_age: int) -> None:
    """Say how long the answer may be kept, and answer 304 to who has it already (RFC 9110 §13.1.2, RFC 9111)."""
    etag = f'"{hashlib.sha256(response.data or b"").hexdigest()[:32]}"'
    response.set_header("Cache-Control", f"public, max-age={max_age}")
    response.set_header("ETag", etag)
    asked = request.get_header("If-None-Match", default="")
    if asked.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in asked.split(",")):
        response.status, response.data = falcon.HTTP_304, None


def _client_key(request: Request, access: Access) -> str:
    """The API key of a client: in its header, or as the password of HTTP Basic with the key's id as the user."""
    scheme, _, credentials = request.get_header("Authorization", default="").partition(" ")
    if scheme.lower() == "basic":
        with suppress(ValueError):
            name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
            key = unquote(secret)
            return key if key.startswith(f"{unquote(name)}.") else f"{unquote(name)}.{key}"
    given = request.get_header("X-API-Key")
    if not given:
        raise Problem(problems.MISSING_CREDENTIAL, accepted=access.accepted)
    return given


def _idempotency_key(request: Request) -> str | None:
    key = request.get_header("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= _LONGEST_IDEMPOTENCY_KEY:
        reason = "Must be 1 to 255 characters"
        raise Problem(problems.INVALID_PARAMETER, violations=[Violation("Idempotency-Key", "length", reason)])
    return key


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.get_header("Authorization", default="").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _language(request: Request) -> str:
    return i18n.negotiate(request.get_header("Accept-Language", default=""))
