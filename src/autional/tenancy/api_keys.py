"""API keys, with which services act for tenants."""

from datetime import datetime
from typing import NamedTuple

from autional.core import ids, problems
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Bounds, Queries
from autional.tenancy.tenants import name_violations

API_KEY_PREFIX = "key"


class ApiKey(NamedTuple):
    """An API key without its secret; valid for every tenant if `tenant_ids` is None."""

    api_key_id: str
    name: str
    role: str
    tenant_ids: list[str] | None
    created_at: datetime
    revoked_at: datetime | None
    closed_at: datetime | None = None
    """When a restoration closed it; it is refused until it is enabled."""


async def list_api_keys(queries: Queries) -> list[ApiKey]:
    """All API keys, oldest first."""
    return [ApiKey(**row) for row in await queries.rows("api_keys")]


async def page_of_keys(queries: Queries, bounds: Bounds) -> tuple[list[ApiKey], int]:
    """Part of the API keys, newest first, and how many there are."""
    rows = await queries.rows("page_of_api_keys", *bounds)
    counted = await queries.row("count_api_keys")
    return [ApiKey(**row) for row in rows], counted["total"] if counted else 0


async def revoke_api_key(queries: Queries, api_key_id: str, at: datetime | None) -> list[str] | None:
    """Reject a key from the next request on; the first revocation counts. Returns the tenants it was valid for.

    Raises the Problem API_KEY_NOT_FOUND.
    """
    row = await queries.row("revoke_api_key", api_key_id, at)
    if row is None:
        raise Problem(problems.API_KEY_NOT_FOUND)
    scope: list[str] | None = row["tenant_ids"]
    return scope


async def enable_api_key(queries: Queries, api_key_id: str) -> list[str] | None:
    """Accept a key again that a restoration closed. Returns the tenants that it is valid for.

    Raises the Problem API_KEY_NOT_FOUND, for a key that was revoked too.
    """
    row = await queries.row("enable_api_key", api_key_id)
    if row is None:
        raise Problem(problems.API_KEY_NOT_FOUND)
    scope: list[str] | None = row["tenant_ids"]
    return scope


async def create_api_key(
    queries: Queries, name: str, tenant_ids: list[str] | None, at: datetime | None, role: str = "service"
) -> str:
    """Create a key of a role for the given tenants (None: all) and return it; only its hash is stored.

    Raises the Problems INVALID_PARAMETER, TENANT_NOT_FOUND.
    """
    violations = name_violations(name)
    if role == "platform_admin" and tenant_ids is not None:
        violations.append(Violation("role", "value", "Is only for a key of all tenants (--all-tenants)"))
    if violations:
        raise Problem(problems.INVALID_PARAMETER, violations=violations)
    secret = ids.new_secret(API_KEY_PREFIX, at)
    scope = sorted(set(tenant_ids)) if tenant_ids is not None else None
    homes = [ids.home(tenant_id) for tenant_id in scope or ()]
    if not await queries.rows("insert_api_key", secret.id, name, secret.digest, scope, at, role, homes):
        raise Problem(problems.TENANT_NOT_FOUND)
    return secret.text
