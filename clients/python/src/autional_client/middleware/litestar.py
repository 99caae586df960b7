"""Litestar: `Protect` around the application, guards for its routes, and the claims of a request."""

from collections.abc import Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from autional_client.middleware.asgi import Protect, claims_of
from autional_client.middleware.requirement import NotAllowedError
from autional_client.verifier.verdict import Claims

__all__ = ["Protect", "claims_of_connection", "requires"]

Connection = ASGIConnection[Any, Any, Any, Any]


def requires(
    role: str | None = None, level: int = 0, max_age: int | None = None
) -> Callable[[Connection, BaseRouteHandler], None]:
    """A guard: what a route requires. Otherwise the answer is a 403, or a challenge (RFC 9470)."""

    def guard(connection: Connection, _: BaseRouteHandler) -> None:
        try:
            claims_of(dict(connection.scope), role, level, max_age)
        except NotAllowedError as error:
            refused = error.refusal
            raise HTTPException("Not allowed", status_code=refused.status, headers=refused.headers) from error

    return guard


def claims_of_connection(connection: Connection) -> Claims:
    """The claims of a request that came through `Protect`."""
    return claims_of(dict(connection.scope))
