"""Dispatch: from a request to the function of its operation, and from its result to a response."""

import hashlib
from typing import Any

import falcon
import msgspec
from falcon.asgi import Request, Response

from autional.access.authentication import ClaimedCaller
from autional.access.caller import Caller
from autional.api import audited
from autional.api.credentials import bearer_token, claimed_caller
from autional.api.model import Arguments, Call, File, Operation, Page, Redirect
from autional.api.problem_body import JSON
from autional.api.problem_response import log_security_event
from autional.api.request_context import UNVERIFIED, idempotency_key_of, language_of, origin_of
from autional.api.request_parsing import Nothing, read_body, read_form, read_query
from autional.core import clock, problems
from autional.core.formats import user_id_error
from autional.core.problems import Problem, Violation
from autional.postgres.queries import look_up
from autional.runtime.service import Service

_FORM = "application/x-www-form-urlencoded"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_POLICY_WITH_SCRIPTS = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_HEADERS = {"Referrer-Policy": "no-referrer", "Vary": "Accept-Language", "X-Frame-Options": "DENY"}


async def handle(
    running: Service, operation: Operation, request: Request, response: Response, path: dict[str, str]
) -> None:
    """Handle one request: authenticate, parse, run, respond."""
    claimed = claimed_caller(running, operation.access, request)
    call = Call(
        service=running,
        database=running.database.share(operation.work, path.get("tenant_id")),
        caller=UNVERIFIED,
        now=clock.now(),
        at=running.at(),
        language=language_of(request),
        request_id=request.context.request_id,
        idempotency_key=None,
        bearer=bearer_token(request),
    )
    if claimed is None:
        arguments = await _arguments(running, operation, request, path)
    else:
        caller, arguments = await _authenticated(call, operation, claimed, request, path)
        call = call._replace(caller=caller, database=running.database.share(operation.work, caller.tenant_id))
        request.context.caller = caller
    if (key := idempotency_key_of(request)) is not None:
        call = call._replace(idempotency_key=key)
    if operation.audit_action is not None and call.caller.administers:
        result = await audited.run_audited(call, operation, arguments, origin_of(running, request))
    else:
        result = await operation.function(call, **arguments.keywords)
    if operation.access.clients and operation.audit_action is not None:
        log_security_event(running, request, operation.audit_action)
    _respond(operation, request, response, result)


def _respond(operation: Operation, request: Request, response: Response, result: Any) -> None:
    response.status = operation.status
    if isinstance(result, Page):
        response.set_headers(_PAGE_HEADERS)
        response.set_header("Content-Security-Policy", _POLICY_WITH_SCRIPTS if result.has_scripts else _POLICY)
        response.content_type, response.data = falcon.MEDIA_HTML, result.html.encode()
    elif isinstance(result, File):
        response.content_type, response.data = result.media_type, result.content
    elif isinstance(result, Redirect):
        response.set_header("Location", result.location)
    elif result is not None:
        response.content_type, response.data = JSON, msgspec.json.encode(result)
    if operation.max_age is None:
        response.set_header("Cache-Control", "no-store")
    else:
        _let_cache(request, response, operation.max_age)


async def _authenticated(
    call: Call, operation: Operation, claimed: ClaimedCaller, request: Request, path: dict[str, str]
) -> tuple[Caller, Arguments]:
    """The verified caller and the arguments, with what the operation preloads: in one round trip if possible."""
    database = call.service.database
    try:
        arguments = await _arguments(call.service, operation, request, path)
    except Problem:
        await look_up(database, claimed.lookup)  # a caller without access learns nothing about its arguments
        raise
    if operation.preload is None:
        return await look_up(database, claimed.lookup), arguments
    if claimed.caller.kind == "api_key" and operation.access.bearers:
        # the scope of such a key is known only from its row, and the lookup depends on it
        caller = await look_up(database, claimed.lookup)
        lookup = operation.preload(call._replace(caller=caller), **arguments.keywords)
        preloaded = await look_up(database, lookup) if lookup else None
    elif lookup := operation.preload(call._replace(caller=claimed.caller), **arguments.keywords):
        caller, preloaded = await database.look_up_both(claimed.lookup, lookup)
    else:
        caller, preloaded = await look_up(database, claimed.lookup), None
    return caller, arguments._replace(keywords={**arguments.keywords, "preloaded": preloaded})


async def _arguments(running: Service, operation: Operation, request: Request, path: dict[str, str]) -> Arguments:
    wrong = [
        Violation(name, "format", fault, text)
        for name, text in path.items()
        if (fault := user_id_error(text))  # user ids have the widest form of all ids in paths
    ]
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    keywords: dict[str, Any] = dict(path)
    query = read_query(request.scope["query_string"], operation.query)
    if operation.query is not Nothing:
        keywords["query"] = query
    body = await _body(running, operation, request) if operation.method != "GET" else None
    if operation.body is not Nothing:
        keywords["body"] = body
    return Arguments(path, query, body, keywords)


async def _body(running: Service, operation: Operation, request: Request) -> msgspec.Struct:
    raw = await _received(request, _FORM if operation.form else JSON, running.settings.body_limit)
    if operation.method == "PUT" and not raw:
        wrong = [Violation("body", "required", "Must be present: a PUT replaces everything")]
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    return read_form(raw, operation.body) if operation.form else read_body(raw, operation.body)


async def _received(request: Request, expected: str, limit: int) -> bytes:
    """The body, if its media type and size are accepted."""
    if (request.content_length or 0) > limit:
        raise Problem(problems.BODY_TOO_LARGE, limit=limit)
    raw = await request.stream.read(limit + 1)
    if len(raw) > limit:
        raise Problem(problems.BODY_TOO_LARGE, limit=limit)
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if raw and media_type != expected:
        raise Problem(problems.UNSUPPORTED_MEDIA_TYPE, expected=expected)
    return raw


def _let_cache(request: Request, response: Response, max_age: int) -> None:
    """Allow caching, and answer 304 to a client that has this answer (RFC 9110 §13.1.2, RFC 9111)."""
    etag = f'"{hashlib.sha256(response.data or b"").hexdigest()[:32]}"'
    response.set_header("Cache-Control", f"public, max-age={max_age}")
    response.set_header("ETag", etag)
    asked = request.get_header("If-None-Match", default="")
    if asked.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in asked.split(",")):
        response.status, response.data = falcon.HTTP_304, None
