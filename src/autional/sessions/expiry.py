"""Expiry: mark sessions whose deadline has passed, and remove ended ones."""

from datetime import datetime
from typing import Literal

from autional.postgres.queries import Queries, in_batches

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
    return await in_batches(queries, "purge_ended", tenant_id, state, before, size=_BATCH)


async def mark_expired_sessions(queries: Queries, tenant_id: str, before: datetime) -> int:
    """Mark sessions whose deadline passed before an instant, in small transactions; returns how many."""
    return await in_batches(queries, "sweep_expired", tenant_id, before, size=_BATCH)
