"""Bulk revocation: preview what a filter selects, then revoke it as a job in batches that survive a crash."""

from collections import Counter
from collections.abc import Sequence
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
    job_id = ids.new_id(JOB_PREFIX, now)
    await queries.rows(
        "create_preview", tenant_id, job_id, formats.to_builtins(session_filter), now, kept_session, requested_by
    )
    devices: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    users = 0
    for bucket in queries.buckets_of(tenant_id):
        rows = await _keep_chosen(queries, bucket, session_filter, now, kept_session, job_id)
        for row in rows:
            devices[row["device_type"]] += row["sessions"]
            statuses[row["status"]] += row["sessions"]
        users += rows[0]["users"] if rows else 0
        revocable = sum(row["sessions"] for row in rows if row["status"] == "active")
        await queries.rows("store_preview_size", bucket, job_id, revocable)
    return Preview(statuses.total(), users, dict(devices), dict(statuses)), job_id


async def _keep_chosen(
    queries: Transaction,
    tenant_id: str,
    session_filter: SessionFilter,
    now: datetime,
    kept_session: str | None,
    job_id: str,
) -> Sequence[Row]:
    """Keep for a job what a filter selects; how many sessions of each status and device type that is."""
    chosen = filters.selection(filters.of_tenant(tenant_id), session_filter, now)
    chosen = chosen.and_also("not id", kept_session) if kept_session else chosen
    place = len(chosen.arguments) + 1
    text = chosen.statement("preview_sessions", moment=f"${place}", job=f"${place + 1}")
    return await queries.composed(text, *chosen.arguments, now, job_id)


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
    rows = await queries.rows("confirm_job", *named, at, PREVIEW_LIFETIME, reason)
    rows = rows or await queries.rows("confirmed_job", *named)
    return _job(rows) if rows else None


async def find_job(queries: Queries, tenant_id: str, job_id: str) -> Job:
    """A job of the tenant. Raises the Problem JOB_NOT_FOUND."""
    return _job(await queries.rows("job", tenant_id, job_id))


async def list_jobs(queries: Queries, tenant_id: str, bounds: Bounds) -> tuple[list[Job], int]:
    """Part of the tenant's jobs, newest first, and how many there are."""
    rows = await queries.rows("jobs", tenant_id, *bounds)
    counted = await queries.row("count_jobs", tenant_id)
    jobs: dict[str, list[Row]] = {}
    for row in rows:
        jobs.setdefault(row["job_id"], []).append(row)
    return [_job(parts) for parts in jobs.values()], counted["total"] if counted else 0


async def cancel_job(queries: Queries, tenant_id: str, job_id: str, at: datetime | None) -> Job:
    """Cancel a job; what is done stays done. Raises the Problem JOB_NOT_FOUND."""
    return _job(await queries.rows("cancel_job", tenant_id, job_id, at))


async def run_next_job(queries: Queries, at: datetime | None = None, job_id: str | None = None) -> bool:
    """Run a job that no process works on, the oldest unless one is named; False if there is none."""
    for row in await rows_of_reachable(queries, "jobs_to_claim", at, job_id):
        claimed = await queries.row("claim_job", row["home"], row["job_id"], at, _LEASE)
        if claimed and claimed["is_ours"]:
            await until_done(queries, "advance_job", row["home"], row["job_id"], _BATCH, _LEASE, at)
            return True
    return False


def _job(rows: Sequence[Row]) -> Job:
    """The job of a row; of a split tenant each bucket has one."""
    if not rows:
        raise Problem(problems.JOB_NOT_FOUND)
    jobs = [Job(*(row[name] for name in Job._fields)) for row in rows]
    ends = [job.finished_at for job in jobs if job.finished_at is not None]
    return jobs[0]._replace(
        state=_state({job.state for job in jobs}),
        total=sum(job.total for job in jobs),
        done=sum(job.done for job in jobs),
        already_ended=sum(job.already_ended for job in jobs),
        finished_at=max(ends) if len(ends) == len(jobs) else None,
    )


def _state(states: set[State]) -> State:
    if "cancelled" in states:
        return "cancelled"
    return states.pop() if len(states) == 1 else "running"
