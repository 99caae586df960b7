"""Tenants, and the API keys by which services call for them."""

import re
from datetime import datetime

from autional import ids, problems
from autional.db import Queries
from autional.problems import Problem, Violation

_TENANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LONGEST_NAME = 200
API_KEY_PREFIX = "key"


async def create_tenant(queries: Queries, tenant_id: str, name: str, now: datetime) -> None:
    """Add a tenant. Raises the Problems INVALID_PARAMETER, TENANT_EXISTS."""
    violations = _name_violations(name)
    if not _TENANT_ID.fullmatch(tenant_id):
        violations.insert(0, Violation("id", "format", "letters, digits, - and _, at most 64, not - or _ first"))
    if violations:
        raise Problem(problems.INVALID_PARAMETER, violations=violations)
    if not await queries.rows("insert_tenant", tenant_id, name, now):
        raise Problem(problems.TENANT_EXISTS)


async def create_api_key(queries: Queries, name: str, tenant_ids: list[str] | None, now: datetime) -> str:
    """Make a key for the named tenants (None: for all) and return it; only its hash is stored.

    Raises the Problems INVALID_PARAMETER, TENANT_NOT_FOUND.
    """
    if violations := _name_violations(name):
        raise Problem(problems.INVALID_PARAMETER, violations=violations)
    secret = ids.new_secret(API_KEY_PREFIX, now)
    scope = sorted(set(tenant_ids)) if tenant_ids is not None else None
    if not await queries.rows("insert_api_key", secret.id, name, secret.digest, scope, now):
        raise Problem(problems.TENANT_NOT_FOUND)
    return secret.text


def _name_violations(name: str) -> list[Violation]:
    if not 1 <= len(name) <= _LONGEST_NAME:
        return [Violation("name", "length", f"1 to {_LONGEST_NAME} characters")]
    return [] if name.isprintable() else [Violation("name", "format", "no control characters")]
