"""What is there for machines and people around the service: health, public keys, pages on problems."""

from typing import Any

from autional import problems
from autional.api.kernel import Call, Page
from autional.api.problem_answers import problem_page
from autional.problems import Problem


async def alive(_: Call) -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


async def ready(call: Call) -> dict[str, str]:
    """The process answers and reaches its database. Raises DatabaseUnavailableError."""
    await call.service.database.row("one")
    return {"status": "ok"}


async def jwks(call: Call) -> dict[str, Any]:
    """The public keys of the access tokens (RFC 7517 §5)."""
    return call.service.issuer.ring.jwks


async def problem(call: Call, slug: str) -> Page:
    """The page that the `type` of a problem opens. Raises the Problem ROUTE_NOT_FOUND."""
    page = problem_page(slug, call.language)
    if page is None:
        raise Problem(problems.ROUTE_NOT_FOUND)
    return Page(page)
