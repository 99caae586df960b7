"""What is held on a user, and how it is forgotten (GDPR articles 15, 17 and 20); how long ended sessions are kept."""

from datetime import datetime, timedelta
from typing import Any

from asyncpg import Record

from autional import personal, sessions, tasks
from autional.db import Queries

KEEP_ENDED = timedelta(days=90)
SCHEMA_VERSION = 2
MOST_RECORDS = 10_000
_BATCH = 2000
_LEASE = timedelta(seconds=60)


async def held(queries: Queries, tenant_id: str, user_id: str) -> dict[str, list[dict[str, Any]]]:
    """The records about a user, by kind, of each the newest `MOST_RECORDS`."""
    rows = await queries.rows("held_on_user", tenant_id, user_id, MOST_RECORDS)
    return {row["kind"]: row["records"] for row in rows}


async def begin_erasure(
    queries: Queries, key: bytes, tenant_id: str, user_id: str, request_id: str, now: datetime | None
) -> int:
    """Sign a user out for good, and have all of it forgotten soon (`erase_next`); the numbers of the past stay.

    Returns how many sessions there are. `key` makes the hash by which the log knows the person afterwards.
    """
    subject = personal.subject_of(key, tenant_id, user_id)
    row = await queries.row("begin_erasure", tenant_id, user_id, subject, request_id, now)
    return int(row["sessions"]) if row else 0


async def erase_next(queries: Queries) -> bool:
    """Forget one user who is to be forgotten, in small transactions; False when there is none to work on."""
    row = await queries.row("claim_erasure", _LEASE)
    if row is None:
        return False
    while step := await queries.row("advance_erasure", row["tenant_id"], row["user_id"], _BATCH, _LEASE):
        if not step["goes_on"]:
            break
    return True


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

    async def purge(row: Record) -> None:
        nonlocal removed
        removed += await sessions.purge(queries, row["tenant_id"], row["state"], row["keep_since"])

    async def prune(row: Record) -> None:
        while gone := await queries.row("prune_revocations", row["tenant_id"], row["keep_since"], _BATCH):
            if gone["removed"] < _BATCH:
                break

    await tasks.each(await queries.rows("sessions_kept_too_long", now, KEEP_ENDED), purge)
    await tasks.each(await queries.rows("revocations_kept_too_long", now, KEEP_ENDED), prune)
    return removed
