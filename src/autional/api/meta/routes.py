"""What is there for machines and people around the service: health, public keys, pages on problems."""

from math import inf
from typing import Any

from autional.api.model import Call, Page, may_raise
from autional.api.problem_body import problem_page
from autional.api.tokens.schemas import TOKEN_EXCHANGE
from autional.core import background, problems
from autional.core.problems import Problem
from autional.postgres import migrations
from autional.runtime import maintenance
from autional.tenancy import tenants

_OLDEST_KEYS = 15.0
_RETRY_READY = 5
_LATE = 5
_LATE_HERE = 180.0


async def alive(_: Call) -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@may_raise(problems.NOT_READY)
async def ready(call: Call) -> dict[str, Any]:
    """Whether this node can answer, and how fresh is what it works with, in seconds: over all nodes, and its own tasks.

    Late housekeeping is told and refuses nothing, since no answer depends on it.
    """
    row = await call.database.row("readiness")
    missing = sorted(migrations.step_names() - set(row["steps"] or ()) if row else ())
    age = call.service.issuer.ring_age
    if missing or age > _OLDEST_KEYS:
        raise Problem(problems.NOT_READY, retry_after=_RETRY_READY, reason=", ".join(missing) or "signing keys")
    ages: dict[str, float] = row["ages"] if row else {}
    late = {
        name for name, (every, _) in maintenance.STEPS.items() if ages.get(name, inf) > _LATE * every.total_seconds()
    }
    own = background.ages()
    late |= {name for name, seconds in own.items() if seconds > _LATE_HERE}
    return {
        "status": "degraded" if late else "ok",
        "late": sorted(late),
        "ages": {"reading of signing keys": age} | ages,
        "ages_here": own,
    }


async def jwks(call: Call) -> dict[str, Any]:
    """The public keys of the access tokens (RFC 7517 §5)."""
    return call.service.issuer.ring.jwks


@may_raise(problems.TENANT_NOT_FOUND)
async def tenant_jwks(call: Call, tenant_id: str) -> dict[str, Any]:
    """The public keys of a tenant's access tokens."""
    await tenants.must_be_enabled(call.database, tenant_id)
    return call.service.issuer.ring.jwks


@may_raise(problems.TENANT_NOT_FOUND)
async def metadata(call: Call, tenant_id: str) -> dict[str, Any]:
    """What a client must know of a tenant's token endpoints (RFC 8414 §2)."""
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


@may_raise(problems.ROUTE_NOT_FOUND)
async def problem(call: Call, slug: str) -> Page:
    """The page that the `type` of a problem opens."""
    page = problem_page(slug, call.language)
    if page is None:
        raise Problem(problems.ROUTE_NOT_FOUND)
    return Page(page)
