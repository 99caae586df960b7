"""The ASGI application: the table of operations behind a router, under every base path."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from inspect import signature
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from falcon.routing import CompiledRouter

from autional.api import access_log
from autional.api.admission import Admission
from autional.api.cross_origin import cross_origin_headers
from autional.api.dispatch import Handler, handler_of
from autional.api.model import Operation, Stream
from autional.api.openapi.routes import describing
from autional.api.problem_response import problem_of, problem_response
from autional.api.request import ClientGoneError, Request
from autional.api.request_parsing import Nothing
from autional.api.response import NOT_STORED, Response, complete
from autional.core import meters, problems, tracing
from autional.core.problems import Problem
from autional.runtime.service import Service

AsgiApplication = Callable[[Any, Any, Any], Awaitable[None]]
RESPONSE_EXTENSION = "autional.response"
"""An ASGI extension of our server: a whole response in one call, and so in one write."""
STREAM_EXTENSION = "autional.stream"
"""Another one: the response goes on until its client leaves; returns what closes the connection at once."""
_METHODS = {method: method for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}
_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


class UndeclaredError(Exception):
    """The row of an operation is incomplete; the service does not start."""


class Route(NamedTuple):
    """A path of the table of operations, with the handler of each method."""

    template: str
    handlers: Mapping[str, Handler]
    allow: bytes


Respond = Callable[[Request], Awaitable[Response]]
"""Answers a request, whatever happens."""
_CONSOLE, _UNDER_CONSOLE = b"/console", b"/console/"


def application(running: Service, operations: Sequence[Operation], console: Respond | None = None) -> AsgiApplication:
    """The operations, with those that describe them, as an ASGI application; `console` answers what is under its path.

    Raises UndeclaredError.
    """
    limit = _limiting(running)
    respond_by_api = limit(_api(running, operations))
    respond_by_console = limit(console) if console is not None else None
    log_access = access_log.logger_of(running) if running.settings.access_log else None

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        # taken out of the scope, since it refers to what has the scope: only a collection could free them then
        extensions = scope.get("extensions", {})
        respond_at_once = extensions.pop(RESPONSE_EXTENSION, None)
        begin_stream = extensions.pop(STREAM_EXTENSION, None)
        respond = respond_by_api
        path: bytes = scope["raw_path"]
        if respond_by_console is not None and (path.startswith(_UNDER_CONSOLE) or path == _CONSOLE):
            respond = respond_by_console
        began = time.perf_counter()
        with suppress(ClientGoneError):
            response = await (respond(request) if not tracing.is_on() else _traced(respond, request))
            if log_access is not None:
                log_access(request, response.status, began)
            meters.observe(_METHODS.get(request.method, "other"), request.route or "none", response.status, began)
            headers = complete(request, response)
            if response.stream is not None:
                await send({"type": "http.response.start", "status": response.status, "headers": headers})
                if begin_stream is not None:
                    response.stream.subscription.abort = begin_stream()
                await _send_stream(response.stream, request, send)
                return
            if respond_at_once is not None:
                await respond_at_once(response.status, headers, response.body)
                return
            await send({"type": "http.response.start", "status": response.status, "headers": headers})
            await send({"type": "http.response.body", "body": response.body})

    return answer


async def _traced(respond: Respond, request: Request) -> Response:
    with tracing.request_span(request.header(b"traceparent"), **{"http.request.method": request.method}) as span:
        response = await respond(request)
        span.update_name(f"{request.method} {request.route}")
        span.set_attributes(
            {
                "http.route": request.route or "",
                "http.response.status_code": response.status,
                "autional.request_id": request.request_id,
            }
        )
        return response


async def _send_stream(stream: Stream, request: Request, send: Any) -> None:
    """Send a stream until it ends or its client goes."""
    if request.method == "HEAD":
        await send({"type": "http.response.body"})
        return
    gone = asyncio.create_task(request.gone())
    gone.add_done_callback(lambda _: stream.subscription.end())
    try:
        async for chunk in stream.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})
    finally:
        gone.cancel()
        await stream.chunks.aclose()


def _limiting(running: Service) -> Callable[[Respond], Respond]:
    """The function that has requests answered as far as the process can; what asks for its health always is."""
    settings = running.settings
    admission = Admission(settings.requests)
    add_cross_origin_headers = cross_origin_headers(settings.origins)
    has_proxies = bool(settings.proxies)
    always = {f"{prefix}{path}".encode() for prefix in ("", *settings.prefixes) for path in ("/healthz", "/readyz")}

    def limit(respond: Respond) -> Respond:
        async def limited(request: Request) -> Response:
            if request.scope["raw_path"] in always:
                return await respond(request)
            await request.arrived(settings.body_limit)  # who sends slowly takes no place
            client = request.scope.get("client")
            address = request.address(settings) if has_proxies else client and client[0]
            caller = admission.caller(address or "")
            try:
                admission.enter(caller)
            except Problem as problem:
                return add_cross_origin_headers(request, problem_response(running, request, problem))
            try:
                return await respond(request)
            finally:
                admission.leave(caller)

        return limited

    return limit


def _api(running: Service, operations: Sequence[Operation]) -> Respond:
    prefixes = running.settings.prefixes
    find = _router(_routes(running, [*operations, *describing(operations, prefixes)]), prefixes)
    add_cross_origin_headers = cross_origin_headers(running.settings.origins)

    async def dispatch(request: Request) -> Response:
        try:
            route, path = find(request.scope["raw_path"])
            request.route = route.template
            handler = route.handlers.get(request.method)
            if handler is not None:
                return await handler(request, path)
            if request.method == "OPTIONS":  # RFC 9110 §9.3.7
                return Response(200, [(b"allow", route.allow), NOT_STORED])
            refused = problem_response(running, request, Problem(problems.METHOD_NOT_ALLOWED))
            return refused._replace(headers=[*refused.headers, (b"allow", route.allow)])
        except ClientGoneError:
            raise
        except Exception as error:
            return problem_response(running, request, problem_of(error, request))

    async def respond(request: Request) -> Response:
        return add_cross_origin_headers(request, await dispatch(request))

    return respond


def _routes(running: Service, operations: Sequence[Operation]) -> list[Route]:
    by_path: dict[str, dict[str, Handler]] = {}
    for operation in operations:
        _must_be_declared(operation)
        by_path.setdefault(operation.path, {})[operation.method] = handler_of(running, operation)
    for handlers in by_path.values():
        if "GET" in handlers:
            handlers["HEAD"] = handlers["GET"]  # RFC 9110 §9.3.2; the server leaves the body out
    return [
        Route(path, handlers, ", ".join(sorted({*handlers, "OPTIONS"})).encode()) for path, handlers in by_path.items()
    ]


def _router(routes: Sequence[Route], prefixes: Sequence[str]) -> Callable[[bytes], tuple[Route, Mapping[str, str]]]:
    """The function that finds the route of a path, and its parameters.

    It raises the Problems ROUTE_NOT_FOUND, MALFORMED_REQUEST.
    """
    fixed = {
        f"{prefix}{route.template}".encode(): route
        for prefix in ("", *prefixes)
        for route in routes
        if "{" not in route.template and (route.template != "/" or not prefix)
    }
    router = CompiledRouter()
    for route in routes:
        router.add_route(route.template, route)

    def find(raw_path: bytes) -> tuple[Route, Mapping[str, str]]:
        route = fixed.get(raw_path)
        if route is not None:
            return route, _NO_PARAMETERS
        path = segmented(raw_path)
        for prefix in prefixes:
            if path.startswith(f"{prefix}/"):
                path = path.removeprefix(prefix)
                break
        found: Any = router.find(path)
        if found is None:
            raise Problem(problems.ROUTE_NOT_FOUND)
        return found[0], {name: unquote(text) for name, text in found[2].items()}

    return find


def _must_be_declared(operation: Operation) -> None:
    name = f"{operation.method} {operation.path}"
    if ("{session_id}" in operation.path) is not (operation.on_session is not None):
        raise UndeclaredError(f"{name} does not say what it does to a session")
    if not operation.access.is_declared:
        raise UndeclaredError(f"{name} does not say who may call it")
    declared = {*re.findall(r"\{(\w+)\}", operation.path)}
    declared |= {"query"} if operation.query is not Nothing else set()
    declared |= {"body"} if operation.body is not Nothing else set()
    declared |= {"preloaded"} if operation.preload is not None else set()
    _, *taken = signature(operation.function).parameters
    if declared != set(taken):
        raise UndeclaredError(f"{name} declares {sorted(declared)}, and its function takes {sorted(taken)}")


def segmented(raw_path: bytes) -> str:
    """The path with its segments percent-encoded in one way, so that only a `/` of the request separates them.

    Raises the Problems MALFORMED_REQUEST for what cannot be decoded (RFC 3986 §2.5), and ROUTE_NOT_FOUND for an
    empty segment and for a `/` at the end.
    """
    path = raw_path.decode("ascii")
    if "//" in path or (path.endswith("/") and len(path) > 1):
        raise Problem(problems.ROUTE_NOT_FOUND)
    if "%" not in path:
        return path
    try:
        return "/".join(quote(unquote(segment, errors="strict"), safe="") for segment in path.split("/"))
    except UnicodeDecodeError:
        raise Problem(problems.MALFORMED_REQUEST) from None
