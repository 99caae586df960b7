"""What is there for machines and people around the service: health, public keys, pages on problems."""

from typing import Any

from autional import problems, tenants
from autional.api.calls import Call, Page
from autional.api.problem_answers import problem_page
from autional.api.token_schemas import TOKEN_EXCHANGE
from autional.problems import Problem


async def alive(_: Call) -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


async def ready(call: Call) -> dict[str, str]:
    """The process answers and reaches its database. Raises DatabaseUnavailableError."""
    await call.database.row("one")
    return {"status": "ok"}


async def jwks(call: Call) -> dict[str, Any]:
    """The public keys of the access tokens (RFC 7517 §5)."""
    return call.service.issuer.ring.jwks


async def tenant_jwks(call: Call, tenant_id: str) -> dict[str, Any]:
    """The public keys of a tenant's access tokens. Raises the Problem TENANT_NOT_FOUND."""
    await tenants.must_be_enabled(call.database, tenant_id)
    return call.service.issuer.ring.jwks


async def metadata(call: Call, tenant_id: str) -> dict[str, Any]:
    """What a client must know of a tenant's token endpoints (RFC 8414 §2). Raises the Problem TENANT_NOT_FOUND."""
    await tenants.must_be_enabled(call.database, tenant_id)
    issuer = call.service.issuer
    base = issuer.name.rstrip("/")
    authentication = ["client_secret_basic"]
    return {
        "issuer": issuer.of(tenant_id),
        "jwks_uri": f"{base}/tenants/{tenant_id}/jwks.json",
        "token_endpoint": f"{base}/oauth2/token",
        "token_endpoint_auth_methods_supported": authentication,
        "introspection_endpoint": f"{base}/oauth2/introspect",
        "introspection_endpoint_auth_methods_supported": authentication,
        "revocation_endpoint": f"{base}/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": authentication,
        "grant_types_supported": [TOKEN_EXCHANGE],
        "response_types_supported": [],
    }


async def problem(call: Call, slug: str) -> Page:
    """The page that the `type` of a problem opens. Raises the Problem ROUTE_NOT_FOUND."""
    page = problem_page(slug, call.language)
    if page is None:
        raise Problem(problems.ROUTE_NOT_FOUND)
    return Page(page)
