"""What is stored about a user, and its erasure (GDPR articles 15, 17 and 20)."""

from datetime import datetime, timedelta
from typing import Any

from autional.audit import personal_values
from autional.core import ids
from autional.postgres.queries import Queries, rows_of_reachable, until_done

SCHEMA_VERSION = 3
MOST_RECORDS = 10_000
_BATCH = 2000
_STORED_IDS = {"session_id", "token_id", "refresh_id", "successor_id", "subject_id", "ancestors"}
_LEASE = timedelta(seconds=60)


async def stored_about(queries: Queries, tenant_id: str, user_id: str) -> dict[str, list[dict[str, Any]]]:
    """The records about a user, by kind, of each the newest `MOST_RECORDS`."""
    rows = await queries.rows("stored_about_user", tenant_id, user_id, MOST_RECORDS)
    return {row["kind"]: [_as_shown(record, tenant_id) for record in row["records"]] for row in rows}


def _as_shown(record: dict[str, Any], tenant_id: str) -> dict[str, Any]:
    """A row as JSON, with ids as the API writes them."""
    if record.pop("home", None) is not None:
        record["tenant_id"] = tenant_id
    named = {name: record[name] for name in _STORED_IDS & record.keys() if record[name]}
    shown = record | {
        name: [ids.from_uuid(one) for one in value] if isinstance(value, list) else ids.from_uuid(value)
        for name, value in named.items()
    }
    if "refresh_id" in shown:
        shown["access_id"] = ids.sibling(shown["refresh_id"])
    return shown


async def begin_erasure(
    queries: Queries, key: bytes, tenant_id: str, user_id: str, request_id: str, at: datetime | None
) -> int:
    """Sign a user out for good and have everything about the user erased soon (`run_next_erasure`).

    Returns the number of the user's sessions; past statistics stay. `key` makes the hash by which the audit log
    knows the user afterwards.
    """
    subject = personal_values.person_hash(key, tenant_id, user_id)
    row = await queries.row("begin_erasure", tenant_id, user_id, subject, request_id, at)
    return int(row["sessions"]) if row else 0


async def run_next_erasure(queries: Queries) -> bool:
    """Erase one user whose erasure has begun, in small transactions; False if there is none."""
    for row in await rows_of_reachable(queries, "erasures_to_claim"):
        if await queries.row("claim_erasure", row["home"], row["user_id"], _LEASE):
            await _erase(queries, row["home"], row["user_id"])
            return True
    return False


async def _erase(queries: Queries, home: int, user_id: str) -> None:
    await until_done(queries, "advance_erasure", home, user_id, _BATCH, _LEASE)
    erasure = await queries.row("erasure_to_finish", home, user_id)
    if erasure is None:  # it has been asked for again, or somebody else was faster
        return
    for row in await queries.rows("homes_with_foreign_user", erasure["tenant_id"], user_id):
        await queries.rows("forget_foreign_user", row["home"], *erasure.values())
    await queries.rows("finish_erasure", home, user_id, erasure["requested_at"])
