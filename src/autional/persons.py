"""What is held on a user, and how it is forgotten (GDPR articles 15, 17 and 20); how long ended sessions are kept."""

from datetime import datetime, timedelta
from typing import Any

from autional import sessions
from autional.db import Queries

KEEP_ENDED = timedelta(days=90)
SCHEMA_VERSION = 1


async def held(queries: Queries, tenant_id: str, user_id: str) -> dict[str, list[dict[str, Any]]]:
    """Every record about a user, by kind."""
    return {row["kind"]: row["records"] for row in await queries.rows("held_on_user", tenant_id, user_id)}


async def erase(queries: Queries, tenant_id: str, user_id: str, now: datetime | None) -> int:
    """Leave no trace of a user; the numbers of the past stay. Returns how many sessions there were."""
    row = await queries.row("erase_user", tenant_id, user_id, now)
    return int(row["sessions"]) if row else 0


async def retention(queries: Queries, tenant_id: str) -> timedelta:
    """How long a tenant keeps sessions after their end."""
    row = await queries.row("retention", tenant_id)
    return row["keep_ended"] if row else KEEP_ENDED


async def put_retention(queries: Queries, tenant_id: str, keep_ended: timedelta) -> None:
    """Keep ended sessions so long from now on."""
    await queries.rows("put_retention", tenant_id, keep_ended)


async def delete_retention(queries: Queries, tenant_id: str) -> None:
    """Go back to the default."""
    await queries.rows("delete_retention", tenant_id)


async def purge_by_age(queries: Queries, now: datetime) -> int:
    """Remove ended sessions that are older than their tenant keeps them, in small transactions; returns how many."""
    removed = 0
    for row in await queries.rows("sessions_kept_too_long", now, KEEP_ENDED):
        removed += await sessions.purge(queries, row["tenant_id"], row["state"], row["keep_since"])
    return removed
