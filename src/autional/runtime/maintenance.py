"""Maintenance: marks expired sessions, removes what is no longer needed and samples the statistics.

No answer depends on it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from autional.core import background, ids
from autional.events import log, receipts
from autional.events.alerts import evaluate_alerts
from autional.events.log import Sequencer
from autional.postgres.queries import Queries, database_time, in_batches
from autional.runtime import forgotten, service
from autional.runtime.service import Service
from autional.sessions.breakdowns import count_breakdowns
from autional.sessions.bulk_revocation import run_next_job
from autional.sessions.expiry import mark_expired_sessions
from autional.sessions.privacy import run_next_erasure
from autional.sessions.retention import purge_by_retention
from autional.sessions.sign_out import end_signed_out_sessions
from autional.tenancy import tenants
from autional.tokens import status_lists

_LOOK_EVERY = 5.0
_LIST_EVERY = 1.0
_LOOK_FOR_JOBS_EVERY = 0.5
_PLACE_EVERY = 0.025
_PLACE_ON_CITUS_EVERY = 0.25  # every shard is asked
_PUBLISH_EVERY = 0.3
_MINUTE = timedelta(minutes=1)
_SHORT = timedelta(seconds=5)
_TEN_MINUTES = timedelta(minutes=10)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_BATCH = 1000
# Readings compare deadlines with their own instant: only sessions that were over well before may change their row.
_SETTLED = timedelta(seconds=60)


class WorkAhead(NamedTuple):
    """What waits to be done over all nodes, and how many seconds ago what is done regularly was done."""

    overdue: int
    jobs: int
    erasures: int
    key_age: float
    """For how many seconds the present key signs."""
    ages: Mapping[str, float]


Step = Callable[[Service, datetime], Awaitable[object]]
Task = TypeVar("Task")


async def mark_overdue_sessions(queries: Queries, now: datetime) -> int:
    """Mark sessions whose deadline passed a minute ago as expired; returns how many."""
    moved = 0
    before = now - _SETTLED

    async def mark(tenant_id: str) -> None:
        nonlocal moved
        moved += await mark_expired_sessions(queries, tenant_id, before)

    await background.for_each(
        [ids.tenant_or_bucket(row["tenant_id"]) for row in await queries.rows("tenants_with_overdue_sessions", before)],
        mark,
    )
    return moved


async def overdue_sessions(queries: Queries, now: datetime) -> int:
    """How many sessions passed their deadline a minute ago and are not marked."""
    row = await queries.row("overdue_sessions", now - _SETTLED)
    return int(row["sessions"]) if row else 0


async def work_ahead(queries: Queries) -> WorkAhead:
    """What waits to be done over all nodes."""
    row = await queries.row("work_ahead")
    overdue = await overdue_sessions(queries, await database_time(queries, None))
    if row is None:
        return WorkAhead(overdue, 0, 0, 0, {})
    return WorkAhead(overdue, row["jobs"], row["erasures"], float(row["key_age"] or 0), row["ages"] or {})


async def sample_statistics(queries: Queries, now: datetime) -> None:
    """Store the statistics of tenants in which something changed."""
    await queries.rows("sample_statistics", now)


async def finish_sign_outs(queries: Queries, _: datetime) -> None:
    """Continue sign-outs of whole tenants that were interrupted."""
    signing_out = [ids.tenant_or_bucket(row["tenant_id"]) for row in await queries.rows("tenants_signing_out")]
    await background.for_each(signing_out, lambda tenant_id: end_signed_out_sessions(queries, tenant_id, None))


async def prune(queries: Queries, query: str, now: datetime) -> int:
    """Remove what is no longer needed at an instant, in small transactions; returns how much."""
    return await in_batches(queries, query, now, size=_BATCH)


async def prune_ended_tokens(queries: Queries, now: datetime) -> None:
    """Remove the tokens of sessions that ended a day ago."""

    found = [
        ids.tenant_or_bucket(row["tenant_id"]) for row in await queries.rows("tenants_with_ended_tokens", now - _DAY)
    ]
    await background.for_each(
        found, lambda tenant_id: in_batches(queries, "prune_ended_tokens", tenant_id, now - _DAY, size=_BATCH)
    )


async def prune_user_agents(queries: Queries) -> None:
    """Forget the user agents that no session has any more."""
    found = [ids.tenant_or_bucket(row["tenant_id"]) for row in await queries.rows("tenants_with_unused_user_agents")]
    await background.for_each(found, lambda tenant_id: in_batches(queries, "prune_user_agents", tenant_id, size=_BATCH))


async def give_up_late_deliveries(queries: Queries, now: datetime) -> None:
    """Give up what receivers could not be told within its time."""
    homes = [row["home"] for row in await queries.rows("tenants_with_late_deliveries", now)]
    await background.for_each(homes, lambda home: in_batches(queries, "give_up_deliveries", home, now, size=_BATCH))


def _pruning(query: str) -> Step:
    return lambda opened, now: prune(opened.database, query, now)


TASKS: Mapping[str, tuple[timedelta, Step]] = {
    "sign-outs": (_SHORT, lambda opened, now: finish_sign_outs(opened.database, now)),
    "sweep": (_SHORT, lambda opened, now: mark_overdue_sessions(opened.database, now)),
    "sample": (_MINUTE, lambda opened, now: sample_statistics(opened.database, now)),
    "old samples": (_HOUR, _pruning("prune_samples")),
    "blacklist": (_MINUTE, _pruning("prune_blacklist")),
    "access tokens": (_MINUTE, _pruning("prune_access_tokens")),
    "tokens of ended sessions": (_HOUR, lambda opened, now: prune_ended_tokens(opened.database, now)),
    "idempotency keys": (_MINUTE, _pruning("prune_idempotency_keys")),
    "trusted devices": (_HOUR, _pruning("prune_trusted_devices")),
    "given up deliveries": (_MINUTE, lambda opened, now: give_up_late_deliveries(opened.database, now)),
    "old deliveries": (_HOUR, _pruning("prune_deliveries")),
    "listed tokens": (_MINUTE, _pruning("prune_listed_tokens")),
    "status lists": (_HOUR, _pruning("retire_status_lists")),
    "jobs": (_MINUTE, _pruning("prune_jobs")),
    "breakdowns": (_SHORT, lambda opened, now: count_breakdowns(opened.database, now)),
    "old breakdowns": (_HOUR, _pruning("prune_breakdowns")),
    "console links": (_MINUTE, _pruning("prune_console_links")),
    "console sessions": (_MINUTE, _pruning("prune_console_sessions")),
    "retention": (_TEN_MINUTES, lambda opened, now: purge_by_retention(opened.database, now)),
    "user agents": (_DAY, lambda opened, _: prune_user_agents(opened.database)),
    "deleted tenants": (_MINUTE, lambda opened, _: tenants.purge_deleted(opened.database)),
    "signing keys": (_MINUTE, service.rotate_keys_by_age),
    "delay of the revocation log": (_SHORT, lambda opened, _: log.warn_of_delay(opened.database)),
    "receivers behind": (_MINUTE, lambda opened, _: receipts.warn_of_receivers_behind(opened.database)),
    "alerts": (_MINUTE, lambda opened, now: evaluate_alerts(opened.database, now)),
    "old alerts": (_HOUR, _pruning("prune_alerts")),
    "readings": (_HOUR, _pruning("prune_readings")),
}
"""What is done, and how often over all nodes. Each is a task of its own: one that fails or waits stops no other."""


_NOT_ON_CITUS = {"listed tokens", "status lists", "publication of statuses"}
"""What serves status lists, which are not available there."""


def tasks_of(opened: Service) -> Mapping[str, tuple[timedelta, Step]]:
    """Those of TASKS that there are for the database of a service."""
    return _available(opened, TASKS)


def _available(opened: Service, tasks: Mapping[str, Task]) -> dict[str, Task]:
    left_out = _NOT_ON_CITUS if opened.database.on_citus else set()
    return {name: task for name, task in tasks.items() if name not in left_out}


def background_tasks(opened: Service) -> dict[str, tuple[float, background.Round]]:
    """The background tasks of a node."""
    lists = opened.database.share("lists", None)
    on_citus = opened.database.on_citus
    sequencer = Sequencer(lists, on_citus=on_citus)
    path = forgotten.file_of(opened.settings)
    apart = forgotten.ForgottenFile(path, opened.tenant_key) if path else None
    steps = {name: (_LOOK_EVERY, _round(opened, name, *step)) for name, step in TASKS.items()}
    listing: dict[str, tuple[float, background.Round]] = (
        {"list of what was forgotten": (_LIST_EVERY, lambda: apart.keep(lists))} if apart else {}
    )
    tasks: dict[str, tuple[float, background.Round]] = (
        steps
        | listing
        | {
            "work on jobs": (_LOOK_FOR_JOBS_EVERY, lambda: run_next_job(opened.database, opened.at())),
            "revocation log": (_PLACE_ON_CITUS_EVERY if on_citus else _PLACE_EVERY, sequencer.place),
            "what receivers are told": (_PLACE_EVERY, sequencer.tell),
            "what receivers were not told": (_LOOK_EVERY, sequencer.look_for_more),
            "publication of statuses": (_PUBLISH_EVERY, lambda: status_lists.publish(lists)),
            "erasures": (_LOOK_FOR_JOBS_EVERY, lambda: run_next_erasure(opened.database)),
        }
    )
    return _available(opened, tasks)


def _round(opened: Service, name: str, every: timedelta, step: Step) -> background.Round:
    async def work() -> None:
        hot = opened.database.share("hot", None)  # not behind what takes long
        if await hot.rows("begin_task", name, every):
            await step(opened, await database_time(hot, opened.at()))
            await hot.rows("finish_task", name)

    return work
