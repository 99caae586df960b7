"""FastAPI: `Protect`, and what a route requires as a dependency."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request

from autional_client.middleware.asgi import Protect, claims_of
from autional_client.verifier.verdict import Claims

__all__ = ["Protect", "requires"]


def requires(
    role: str | None = None, level: int = 0, max_age: int | None = None
) -> Callable[[Request], Coroutine[Any, Any, Claims]]:
    """A dependency whose value is the claims of the request, if they are enough.

    `role` is the lowest that will do, `level` an assurance level of 1 to 3, `max_age` the seconds since the user
    authenticated. Otherwise the answer is a 403, or a challenge to authenticate differently (RFC 9470).
    """

    async def claims(request: Request) -> Claims:
        return claims_of(request.scope, role, level, max_age)

    return claims
