"""Expiry: mark sessions whose deadline has passed, and remove ended ones."""

from datetime import datetime
from typing import Literal

from autional.postgres.queries import Queries

_BATCH = 500


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
