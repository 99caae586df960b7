"""Health, public keys, metadata, and pages about Problems."""

from math import inf
from typing import Any

from autional.api.model import Call, Page, may_raise
from autional.api.problem_body import problem_page
from autional.api.tokens.schemas import TOKEN_EXCHANGE
from autional.core import background, draining, problems
from autional.core.problems import Problem
from autional.postgres import migrations
from autional.runtime import maintenance
from autional.tenancy import tenants
from autional.tokens.jwt import OLDEST_RING

_RETRY_READY = 5
_LATE = 5
_LATE_HERE = 180.0


async def alive(_: Call) -> dict[str, str]:
    """Check that the process answers."""
    return {"status": "ok"}


@may_raise(problems.NOT_READY)
async def ready(call: Call) -> dict[str, Any]:
    """Check that this node can serve requests.

    Tells how old its signing keys are and how long ago each background task succeeded, in seconds, over all nodes
    and on this one. Late maintenance is reported as `degraded`, which refuses nothing.
    """
    if draining.is_on():
        raise Problem(problems.NOT_READY, retry_after=_RETRY_READY, reason="this node is about to stop")
    row = await call.database.row("readiness")
    missing = sorted(migrations.step_names() - set(row["steps"] or ()) if row else ())
    age = call.service.issuer.ring_age
    if missing or age > OLDEST_RING:
        raise Problem(problems.NOT_READY, retry_after=_RETRY_READY, reason=", ".join(missing) or "signing keys")
    ages: dict[str, float] = row["ages"] if row else {}
    late = {
        name
        for name, (every, _) in maintenance.tasks_of(call.service).items()
        if ages.get(name, inf) > _LATE * every.total_seconds()
    }
    own = background.task_ages()
    late |= {name for name, seconds in own.items() if seconds > _LATE_HERE}
    return {
        "status": "degraded" if late else "ok",
        "late": sorted(late),
        "ages": {"reading of signing keys": age} | ages,
        "ages_here": own,
    }


async def jwks(call: Call) -> dict[str, Any]:
    """Get the public keys of access tokens.

    A JSON Web Key Set (RFC 7517 §5). A new key is published for longer than this answer may be cached before it
    signs.
    """
    return call.service.issuer.ring.jwks


@may_raise(problems.TENANT_NOT_FOUND)
async def tenant_jwks(call: Call, tenant_id: str) -> dict[str, Any]:
    """Get the public keys of a tenant's access tokens."""
    await tenants.require_enabled(call.database, tenant_id)
    return call.service.issuer.ring.jwks


@may_raise(problems.TENANT_NOT_FOUND)
async def metadata(call: Call, tenant_id: str) -> dict[str, Any]:
    """Get the OAuth metadata of a tenant.

    The authorization server metadata of RFC 8414: its issuer, keys and endpoints.
    """
    await tenants.require_enabled(call.database, tenant_id)
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
        "global_token_revocation_endpoint": f"{base}/global-token-revocation",
        "grant_types_supported": [TOKEN_EXCHANGE],
        "response_types_supported": [],
    }


@may_raise(problems.ROUTE_NOT_FOUND)
async def problem(call: Call, slug: str) -> Page:
    """Open the page about a kind of Problem.

    The `type` of every Problem leads here: what it means, and what to do.
    """
    page = problem_page(slug, call.request.language)
    if page is None:
        raise Problem(problems.ROUTE_NOT_FOUND)
    return Page(page)
