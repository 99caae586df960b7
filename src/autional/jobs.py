"""Ending as many sessions as a filter names: shown first, then done in batches that survive a crash."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from autional import ids, problems, session_filters, texts
from autional.db import Database, Queries, Row, Transaction
from autional.problems import Problem
from autional.session_filters import Selection, SessionFilter

JOB_PREFIX = "job"
State = Literal["waiting", "running", "done", "cancelled"]

_BATCH = 1000
_LEASE = timedelta(seconds=30)


class Preview(NamedTuple):
    """What a filter names at an instant; of that only what is active can be revoked."""

    sessions: int
    users: int
    by_device_type: dict[str, int]
    by_status: dict[str, int]

    @property
    def revocable(self) -> int:
        """How many a revocation would end."""
        return self.by_status.get("active", 0)


class Job(NamedTuple):
    """A revocation of at most `total` sessions, of which `done` are ended."""

    job_id: str
    state: State
    reason: str
    requested_by: str
    total: int
    done: int
    created_at: datetime
    finished_at: datetime | None


class Order(NamedTuple):
    """What is to be ended: what the filter named at `as_of`, at most `total`, without the kept session."""

    wanted: SessionFilter
    as_of: datetime
    total: int
    kept_session: str | None
    reason: str
    requested_by: str
    request_sha256: bytes


async def preview(
    queries: Transaction, tenant_id: str, wanted: SessionFilter, now: datetime, kept_session: str | None = None
) -> Preview:
    """Count what a filter names, without touching it."""
    chosen = _chosen(tenant_id, wanted, now, kept_session)
    moment = f"${len(chosen.arguments) + 1}"
    text = chosen.statement("selected_breakdown", moment=moment)
    rows = await queries.composed(text, *chosen.arguments, now)
    [users] = await queries.composed(chosen.statement("selected_users"), *chosen.arguments)
    devices: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for row in rows:
        devices[row["device_type"]] += row["sessions"]
        statuses[row["status"]] += row["sessions"]
    return Preview(statuses.total(), users["users"], dict(devices), dict(statuses))


async def start(queries: Queries, tenant_id: str, order: Order, now: datetime) -> Job:
    """Have it done soon, by any process; asked twice with the same hash it is one job."""
    row = await queries.row(
        "insert_job",
        tenant_id,
        ids.new_id(JOB_PREFIX, now),
        order.request_sha256,
        texts.plain(order.wanted),
        order.as_of,
        order.kept_session,
        order.reason,
        order.requested_by,
        order.total,
        now,
    )
    return _job(row)


async def find(queries: Queries, tenant_id: str, job_id: str) -> Job:
    """A job of the tenant. Raises the Problem JOB_NOT_FOUND."""
    return _job(await queries.row("job", tenant_id, job_id))


async def cancel(queries: Queries, tenant_id: str, job_id: str, now: datetime) -> Job:
    """Do no more of it; what is done stays done. Raises the Problem JOB_NOT_FOUND."""
    return _job(await queries.row("cancel_job", tenant_id, job_id, now))


async def run_next(database: Database, clock: Callable[[], datetime]) -> bool:
    """Take a job that nobody works on and go on with it to its end; False when there is none."""
    row = await database.row("claim_job", clock(), clock() + _LEASE)
    if row is None:
        return False
    position = row["position"]
    with suppress(_OvertakenError):
        while position is not None:
            position = await _batch(database, row, position, clock())
    return True


async def _batch(database: Database, job: Row, position: str, now: datetime) -> str | None:
    """End the next sessions of a job, in one transaction; where it goes on, None when it does not."""
    wanted = session_filters.read(job["filter"])
    chosen = _chosen(job["tenant_id"], wanted, job["as_of"], job["kept_session"])
    chosen = chosen.and_also("going on").and_also("after id", position)
    async with database.transaction() as queries:
        current = await queries.row("job", job["tenant_id"], job["job_id"])
        size = min(_BATCH, current["total"] - current["done"]) if current else 0
        rows = await queries.composed(chosen.statement("selected_ids", limit=str(size)), *chosen.arguments)
        named = [row["session_id"] for row in rows]
        ended = await queries.row("end_sessions", job["tenant_id"], named, job["reason"], now)
        revoked, last = ended["revoked"] if ended else 0, named[-1] if named else position
        over = len(named) < _BATCH
        place = (job["tenant_id"], job["job_id"], position, last, revoked)
        if not await queries.rows("advance_job", *place, now + _LEASE, over, now):
            raise _OvertakenError
    return None if over else last


class _OvertakenError(Exception):
    """Somebody cancelled the job, or another process goes on with it: this batch did not happen."""


def _chosen(tenant_id: str, wanted: SessionFilter, as_of: datetime, kept_session: str | None) -> Selection:
    chosen = session_filters.selection(tenant_id, wanted, as_of).and_also("created until", as_of)
    return chosen.and_also("not id", kept_session) if kept_session else chosen


def _job(row: Row | None) -> Job:
    if row is None:
        raise Problem(problems.JOB_NOT_FOUND)
    return Job(*(row[name] for name in Job._fields))
