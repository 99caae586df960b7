"""The ASGI application: the table of operations behind Falcon's router, under every base path."""

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from inspect import signature
from itertools import groupby
from typing import Any
from urllib.parse import quote, unquote

import falcon
import falcon.asgi
from falcon.asgi import Request, Response

from autional.api import dispatch, problem_response, request_context
from autional.api.model import Operation
from autional.api.openapi.routes import describing
from autional.api.request_parsing import Nothing
from autional.core import problems
from autional.core.problems import Problem
from autional.runtime.service import Service

_UNKNOWN_LOCATION = "/%00"
_MALFORMED = "/%FF"
_EXPOSED = ("ETag", "Retry-After", "WWW-Authenticate", "X-Request-ID")

AsgiApplication = Callable[[Any, Any, Any], Awaitable[None]]


class UndeclaredError(Exception):
    """The row of an operation is incomplete; the service does not start."""


def application(running: Service, operations: Sequence[Operation]) -> AsgiApplication:
    """The operations, with those that describe them, as an ASGI application. Raises UndeclaredError."""
    app = falcon.asgi.App(middleware=[_Beginning(), *_cross_origin(running.settings.origins)])
    app.req_options.strip_url_path_trailing_slash = False

    async def on_error(request: Request, response: Response | None, error: Exception, _: dict[str, Any]) -> None:
        if response is not None:
            if isinstance(error, falcon.HTTPMethodNotAllowed) and error.headers:
                response.set_headers(error.headers)
            await problem_response.respond_with_problem(
                running, request, response, problem_response.problem_of(error, request)
            )

    app.add_error_handler(Exception, on_error)
    app.add_error_handler(falcon.HTTPError, on_error)
    prefixes = running.settings.prefixes
    by_path = sorted((*operations, *describing(operations, prefixes)), key=lambda operation: operation.path)
    for path, group in groupby(by_path, key=lambda operation: operation.path):
        app.add_route(path, _resource(running, list(group)))
    return _under_base_paths(app, prefixes)


def _cross_origin(origins: frozenset[str]) -> list[Any]:
    """Allows pages of these origins to call (CORS of the Fetch standard); credentials are never cookies."""
    if not origins:
        return []
    return [falcon.CORSMiddleware(allow_origins=sorted(origins), expose_headers=_EXPOSED), _VaryByOrigin()]


class _VaryByOrigin:
    async def process_response(self, _: Request, response: Response, *__: object) -> None:
        response.append_header("Vary", "Origin")


class _Beginning:
    async def process_request(self, request: Request, response: Response) -> None:
        request_context.begin(request, response)
        if request.path == _MALFORMED:
            raise Problem(problems.MALFORMED_REQUEST)


def _resource(running: Service, operations: list[Operation]) -> object:
    """An object with a responder for each method, as Falcon expects."""
    responders = {f"on_{operation.method.lower()}": _responder(running, operation) for operation in operations}
    if "on_get" in responders:
        responders["on_head"] = responders["on_get"]  # RFC 9110 §9.3.2; the server leaves the body out
    return type("Resource", (), responders)()


def _responder(running: Service, operation: Operation) -> Callable[..., Awaitable[None]]:
    _must_be_declared(operation)

    async def respond(_: object, request: Request, response: Response, **path: str) -> None:
        await dispatch.handle(running, operation, request, response, {name: unquote(path[name]) for name in path})

    return respond


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


async def _received(receive: Callable[[], Awaitable[Any]]) -> Any:
    event = await receive()
    if event["type"] == "http.disconnect":
        raise request_context.ClientGoneError  # what arrived of a body is not the body
    return event


def _under_base_paths(app: AsgiApplication, prefixes: Sequence[str]) -> AsgiApplication:
    """Removes a base path before routing."""

    async def strip(scope: Any, receive: Any, send: Any) -> None:
        path = segmented(scope["raw_path"])
        for prefix in prefixes:
            if path.startswith(f"{prefix}/"):
                path = path.removeprefix(prefix)
                break
        with suppress(request_context.ClientGoneError):
            await app(scope | {"path": path}, partial(_received, receive), send)

    return strip


def segmented(raw_path: bytes) -> str:
    """The path with its segments percent-encoded in one way, so that only a `/` of the request separates them.

    A path that matches no route is returned for what cannot be decoded (RFC 3986 §2.5), for an empty segment, and
    for a `/` at the end.
    """
    path = raw_path.decode("ascii")
    if "//" in path or (path.endswith("/") and len(path) > 1):
        return _UNKNOWN_LOCATION
    if "%" not in path:
        return path
    try:
        return "/".join(quote(unquote(segment, errors="strict"), safe="") for segment in path.split("/"))
    except UnicodeDecodeError:
        return _MALFORMED
