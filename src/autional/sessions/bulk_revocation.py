"""Bulk revocation: preview what a filter selects, then revoke it as a job in batches that survive a crash."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from autional.core import formats, ids, problems
from autional.core.problems import Problem
from autional.postgres.queries import Bounds, Queries, Row, Transaction, rows_of_reachable, until_done
from autional.sessions import filters
from autional.sessions.filters import SessionFilter

JOB_PREFIX = "job"
State = Literal["waiting", "running", "done", "cancelled"]

_BATCH = 1000
_LEASE = timedelta(seconds=30)
PREVIEW_LIFETIME = timedelta(minutes=15)


class Preview(NamedTuple):
    """What a filter selects at an instant; only active sessions can be revoked."""

    sessions: int
    users: int
    by_device_type: dict[str, int]
    by_status: dict[str, int]

    @property
    def revocable(self) -> int:
        """How many sessions a revocation would end."""
        return self.by_status.get("active", 0)


class Job(NamedTuple):
    """A revocation of `total` sessions: `done` ended by it, `already_ended` by something else before their turn."""

    job_id: str
    state: State
    reason: str
    requested_by: str
    filter: dict[str, Any]
    total: int
    done: int
    already_ended: int
    created_at: datetime
    finished_at: datetime | None


async def preview_revocation(
    queries: Transaction,
    tenant_id: str,
    session_filter: SessionFilter,
    now: datetime,
    *,
    kept_session: str | None,
    requested_by: str,
) -> tuple[Preview, str]:
    """What a filter selects, except for `kept_session`, and the job that would revoke what is active."""
    chosen = filters.selection(filters.of_tenant(tenant_id), session_filter, now)
    chosen = chosen.and_also("not id", kept_session) if kept_session else chosen
    job_id = ids.new_id(JOB_PREFIX, now)
    await queries.rows(
        "create_preview", tenant_id, job_id, formats.to_builtins(session_filter), now, kept_session, requested_by
    )
    place = len(chosen.arguments) + 1
    text = chosen.statement("preview_sessions", moment=f"${place}", job=f"${place + 1}")
    devices: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    users = 0
    for row in await queries.composed(text, *chosen.arguments, now, job_id):
        devices[row["device_type"]] += row["sessions"]
        statuses[row["status"]] += row["sessions"]
        users = row["users"]
    preview = Preview(statuses.total(), users, dict(devices), dict(statuses))
    await queries.rows("store_preview_size", tenant_id, job_id, preview.revocable)
    return preview, job_id


async def confirm_revocation(
    queries: Queries,
    tenant_id: str,
    job_id: str,
    session_filter: SessionFilter,
    at: datetime | None,
    *,
    kept_session: str | None,
    reason: str,
) -> Job | None:
    """Start the job of a preview of this filter; confirmed twice it is one job.

    None if there was no such preview within the last 15 minutes.
    """
    named = (tenant_id, job_id, formats.to_builtins(session_filter), kept_session)
    row = await queries.row("confirm_job", *named, at, PREVIEW_LIFETIME, reason)
    if row is None:
        row = await queries.row("confirmed_job", *named)
    return _job(row) if row else None


async def find_job(queries: Queries, tenant_id: str, job_id: str) -> Job:
    """A job of the tenant. Raises the Problem JOB_NOT_FOUND."""
    return _job(await queries.row("job", tenant_id, job_id))


async def list_jobs(queries: Queries, tenant_id: str, bounds: Bounds) -> tuple[list[Job], int]:
    """Part of the tenant's jobs, newest first, and how many there are."""
    rows = await queries.rows("jobs", tenant_id, *bounds)
    counted = await queries.row("count_jobs", tenant_id)
    return [_job(row) for row in rows], counted["total"] if counted else 0


async def cancel_job(queries: Queries, tenant_id: str, job_id: str, at: datetime | None) -> Job:
    """Cancel a job; what is done stays done. Raises the Problem JOB_NOT_FOUND."""
    return _job(await queries.row("cancel_job", tenant_id, job_id, at))


async def run_next_job(queries: Queries, at: datetime | None = None, job_id: str | None = None) -> bool:
    """Run a job that no process works on, the oldest unless one is named; False if there is none."""
    for row in await rows_of_reachable(queries, "jobs_to_claim", at, job_id):
        claimed = await queries.row("claim_job", row["home"], row["job_id"], at, _LEASE)
        if claimed and claimed["is_ours"]:
            await until_done(queries, "advance_job", row["home"], row["job_id"], _BATCH, _LEASE, at)
            return True
    return False


def _job(row: Row | None) -> Job:
    if row is None:
        raise Problem(problems.JOB_NOT_FOUND)
    return Job(*(row[name] for name in Job._fields))
