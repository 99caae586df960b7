"""Tenants: create, disable, enable and delete them."""

import hmac
from collections.abc import Awaitable
from datetime import datetime
from typing import NamedTuple

from asyncpg import Record

from autional.core import background, ids, problems
from autional.core.formats import TENANT_ID
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Bounds, Queries, Store, until_done

_LONGEST_NAME = 200
_BATCH = 500
BUCKETS = [1 << bits for bits in range(1, 8)]
"""Into how many a tenant may be split."""
SPLIT_KNOWN_SECONDS = 6
"""A node that has not read for five seconds which tenants are split has no signing keys, and refuses."""


async def create_tenant(
    queries: Queries, tenant_id: str, name: str, at: datetime | None, *, key: bytes, buckets: int | None = None
) -> None:
    """Create a tenant. The id of a deleted one cannot be used again. `key` is that of `delete_tenant`.

    One that will outgrow a machine is split into `buckets` by its users, for good. Call it in a transaction then; it is
    disabled, and is to be enabled when every node has read that it is split (SPLIT_KNOWN_SECONDS after the commit).

    Raises the Problems INVALID_PARAMETER, TENANT_EXISTS.
    """
    violations = name_violations(name)
    if not TENANT_ID.fullmatch(tenant_id):
        violations.insert(
            0, Violation("id", "format", "Must be 1 to 64 letters, digits, - and _, and begin with a letter or digit")
        )
    if buckets is not None and buckets not in BUCKETS:
        violations.append(Violation("buckets", "range", "Must be a power of two from 2 to 128"))
    if violations:
        raise Problem(problems.INVALID_PARAMETER, violations=violations)
    hashed = tenant_id_hash(key, tenant_id)
    if not await queries.rows("insert_tenant", tenant_id, tenant_id, name, at, hashed):
        raise Problem(problems.TENANT_EXISTS)
    if buckets is not None:
        await queries.rows("keep_whole_from_use", tenant_id)
        for bucket in [ids.bucket(tenant_id, number) for number in range(1, buckets + 1)]:
            await queries.rows("insert_tenant", bucket, bucket, name, at, hashed)
            await queries.rows("keep_bucket_from_use", bucket)
        await queries.rows("insert_split_tenant", tenant_id, buckets)


class Tenant(NamedTuple):
    """A tenant as an operator sees it."""

    tenant_id: str
    name: str
    created_at: datetime
    disabled_at: datetime | None


async def list_tenants(queries: Queries) -> list[Tenant]:
    """All tenants that are not deleted, by id."""
    return [Tenant(**row) for row in await queries.rows("tenants")]


async def search_tenants(queries: Queries, beginning: str, bounds: Bounds) -> tuple[list[Tenant], int]:
    """Part of the tenants whose ids begin in some way, newest first, and how many there are."""
    rows = await queries.rows("search_tenants", beginning, *bounds)
    counted = await queries.row("count_tenants", beginning)
    return [Tenant(**row) for row in rows], counted["total"] if counted else 0


async def require_enabled(queries: Queries, tenant_id: str) -> None:
    """Raise the Problem TENANT_NOT_FOUND if a tenant is unknown or disabled."""
    if await queries.row("enabled_tenant", tenant_id) is None:
        raise Problem(problems.TENANT_NOT_FOUND)


async def split_tenants(queries: Queries) -> dict[str, int]:
    """How many buckets each split tenant has."""
    return {row["tenant_id"]: row["buckets"] for row in await queries.rows("split_tenants")}


async def disable_tenant(queries: Queries, tenant_id: str, at: datetime | None) -> None:
    """Reject every call for a tenant from the next request on. Raises the Problem TENANT_NOT_FOUND."""
    await _existing(queries.row("disable_tenant", tenant_id, at))


async def enable_tenant(queries: Queries, tenant_id: str) -> None:
    """Accept calls for a tenant again. Raises the Problem TENANT_NOT_FOUND."""
    await _existing(queries.row("enable_tenant", tenant_id))


async def delete_tenant(store: Store, tenant_id: str, at: datetime | None = None, *, key: bytes) -> None:
    """Reject everything of a tenant from the next request on. Its records are removed later (`purge_deleted`).

    Only a hash of its id, made with `key`, is kept. Raises the Problem TENANT_NOT_FOUND.
    """
    async with store.transaction() as queries:
        row = await queries.row("end_tenant", tenant_id, tenant_id, at)
        if row is None or row["ended_at"] is None:
            raise Problem(problems.TENANT_NOT_FOUND)
        await queries.row("end_whole_tenant", tenant_id, row["ended_at"])  # where it is split
        await queries.rows("delete_split_tenant", tenant_id)
        await queries.rows("use_up_tenant_id", tenant_id, tenant_id_hash(key, tenant_id), row["ended_at"])


async def purge_deleted(queries: Queries) -> None:
    """Remove the records of deleted tenants, in small transactions."""
    deleted = [ids.tenant_or_bucket(row["tenant_id"]) for row in await queries.rows("deleted_tenants")]
    await background.for_each(deleted, lambda tenant_id: until_done(queries, "purge_tenant", tenant_id, _BATCH))


def tenant_id_hash(key: bytes, tenant_id: str) -> bytes:
    """What is kept of the id of a deleted tenant: HMAC-SHA-256."""
    return hmac.digest(key, tenant_id.encode(), "sha256")


async def _existing(changed: Awaitable[Record | None]) -> None:
    row = await changed
    if row is None or row["tenant_id"] is None:
        raise Problem(problems.TENANT_NOT_FOUND)


def name_violations(name: str) -> list[Violation]:
    """What is wrong with the name of a tenant or API key."""
    if not 1 <= len(name) <= _LONGEST_NAME:
        return [Violation("name", "length", "Must be text of 1 to 200 characters")]
    return [] if name.isprintable() else [Violation("name", "format", "Must not contain control characters")]
