"""The record of what was ended before its time: what, when, why and by whom."""

from datetime import datetime
from typing import NamedTuple

from autional.postgres.queries import MOST_COUNTED, Bounds, Queries, Row, Size


class RevocationFilter(NamedTuple):
    """Which revocations: from an instant and before another one, and (None: any) by whom or of whom."""

    start: datetime
    end: datetime
    request_id: str | None = None
    job_id: str | None = None
    user_id: str | None = None


class Revocation(NamedTuple):
    """Something that was ended: a session, a token, all of a user, or all of the tenant."""

    revocation_id: int
    at: datetime
    kind: str
    subject_id: str | None
    user_id: str | None
    reason: str
    by_user: str | None
    by_tenant: str | None
    by_key: str | None
    job_id: str | None
    request_id: str | None


async def list_revocations(
    queries: Queries, tenant_id: str, only: RevocationFilter, bounds: Bounds
) -> tuple[list[Revocation], Size]:
    """Part of the record, newest first, and its size."""
    after_at, after_id, count, skip = bounds
    rows = await queries.rows("revocations", tenant_id, *only, after_at, after_id, count + skip, 0)
    found = sorted(map(revocation_of, rows), key=lambda one: (one.at, one.revocation_id), reverse=True)
    counted = await queries.row("count_revocations", tenant_id, *only, MOST_COUNTED + 1)
    return found[skip : skip + count], Size.up_to_bound(counted["total"] if counted else 0)


def revocation_of(row: Row) -> Revocation:
    """The revocation in a row."""
    return Revocation(*(row[name] for name in Revocation._fields))
