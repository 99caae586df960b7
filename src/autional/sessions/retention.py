"""Retention: how long ended sessions are kept."""

from datetime import datetime, timedelta

from asyncpg import Record

from autional.core import background, ids
from autional.postgres.queries import Queries, in_batches
from autional.sessions.expiry import purge_sessions

KEEP_ENDED = timedelta(days=90)
_PRUNED_AT_ONCE = 2000


async def read_retention(queries: Queries, tenant_id: str) -> timedelta:
    """How long a tenant keeps ended sessions."""
    row = await queries.row("retention", tenant_id)
    return row["keep_ended"] if row else KEEP_ENDED


async def put_retention(queries: Queries, tenant_id: str, keep_ended: timedelta) -> None:
    """Set how long ended sessions are kept."""
    await queries.rows("put_retention", tenant_id, keep_ended)


async def delete_retention(queries: Queries, tenant_id: str) -> None:
    """Reset how long ended sessions are kept."""
    await queries.rows("delete_retention", tenant_id)


async def purge_by_retention(queries: Queries, now: datetime) -> int:
    """Remove sessions that ended longer ago than their tenant keeps them, in small transactions; returns how many."""
    removed = 0

    async def purge(row: Record) -> None:
        nonlocal removed
        removed += await purge_sessions(
            queries, ids.tenant_or_bucket(row["tenant_id"]), row["state"], row["keep_since"]
        )

    async def prune(row: Record) -> None:
        tenant = ids.tenant_or_bucket(row["tenant_id"])
        await in_batches(queries, "prune_revocations", tenant, row["keep_since"], size=_PRUNED_AT_ONCE)

    await background.for_each(await queries.rows("sessions_kept_too_long", now, KEEP_ENDED), purge)
    await background.for_each(await queries.rows("revocations_kept_too_long", now, KEEP_ENDED), prune)
    return removed
