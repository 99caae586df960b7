"""Retention: mark sessions as expired, and remove those that ended long ago."""

from datetime import datetime, timedelta
from typing import Literal

from asyncpg import Record

from autional.core import background
from autional.postgres.queries import Queries

KEEP_ENDED = timedelta(days=90)
_BATCH = 500
_PRUNED_AT_ONCE = 2000


async def purge_expired_sessions(queries: Queries, tenant_id: str, now: datetime) -> int:
    """Remove the records of all expired sessions, in small transactions; returns how many.

    They leave the statistics and are added to the lifetime totals.
    """
    await mark_expired_sessions(queries, tenant_id, now)
    return await purge_sessions(queries, tenant_id, "expired", now)


async def purge_sessions(
    queries: Queries, tenant_id: str, state: Literal["expired", "revoked"], before: datetime
) -> int:
    """Remove sessions that are marked as expired or revoked before an instant; returns how many."""
    removed = 0
    while row := await queries.row("purge_ended", tenant_id, state, before, _BATCH):
        removed += row["removed"]
        if row["removed"] < _BATCH:
            break
    return removed


async def mark_expired_sessions(queries: Queries, tenant_id: str, before: datetime) -> int:
    """Mark sessions whose deadline passed before an instant, in small transactions; returns how many."""
    moved = 0
    while row := await queries.row("sweep_expired", tenant_id, before, _BATCH):
        moved += row["moved"]
        if row["moved"] < _BATCH:
            break
    return moved


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
        removed += await purge_sessions(queries, row["tenant_id"], row["state"], row["keep_since"])

    async def prune(row: Record) -> None:
        while gone := await queries.row("prune_revocations", row["tenant_id"], row["keep_since"], _PRUNED_AT_ONCE):
            if gone["removed"] < _PRUNED_AT_ONCE:
                break

    await background.for_each(await queries.rows("sessions_kept_too_long", now, KEEP_ENDED), purge)
    await background.for_each(await queries.rows("revocations_kept_too_long", now, KEEP_ENDED), prune)
    return removed
