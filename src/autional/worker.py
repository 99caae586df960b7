"""Housekeeping: writes down what time has ended and samples the statistics. No answer depends on it."""

import asyncio
from datetime import datetime, timedelta

import structlog

from autional import jobs, persons, revocations, service, sessions, tenants
from autional.db import DatabaseUnavailableError, Queries, instant
from autional.service import Service

_EVERY = 5.0
_LOOK_FOR_JOBS_EVERY = 0.5
# Readings compare deadlines with their own instant: only sessions that were over well before may change their row.
_SETTLED = timedelta(seconds=60)

log = structlog.get_logger()


async def keep_house(opened: Service) -> None:
    """Work until cancelled; several processes may do so at once."""
    database, sampled = opened.database, None
    while True:
        try:
            now = await instant(database, opened.at())
            await finish_sign_outs(database)
            await sweep(database, now)
            if sampled is None or now.replace(second=0, microsecond=0) > sampled:
                await sample(database, await instant(database, None))
                await database.rows("prune_blacklist", None)
                await database.rows("prune_access_tokens", None)
                await database.rows("prune_idempotency_keys", now)
                await database.rows("prune_jobs", now)
                await persons.purge_by_age(database, now)
                await tenants.purge(database)
                await service.look_after_keys(opened, now)
                sampled = now.replace(second=0, microsecond=0)
        except DatabaseUnavailableError:
            pass  # the next round finds it again
        except Exception:
            log.exception("housekeeping failed")
        await asyncio.sleep(_EVERY)


async def do_jobs(opened: Service) -> None:
    """Do what administrators asked for in bulk, until cancelled; several processes may do so at once."""
    while True:
        try:
            if await jobs.run_next(opened.database, opened.at()):
                continue
        except DatabaseUnavailableError:
            pass  # the lease runs out, and the next round goes on
        except Exception:
            log.exception("a job failed")
        await asyncio.sleep(_LOOK_FOR_JOBS_EVERY)


async def finish_sign_outs(queries: Queries) -> None:
    """Go on where a sign-out of everybody was interrupted."""
    for tenant in await queries.rows("tenants_signing_out"):
        await revocations.end_signed_out(queries, tenant["tenant_id"], None)


async def sweep(queries: Queries, now: datetime) -> int:
    """Mark the sessions that have been over for a minute as expired; returns how many."""
    moved = 0
    before = now - _SETTLED
    for tenant in await queries.rows("tenants_with_overdue_sessions", before):
        moved += await sessions.mark_expired(queries, tenant["tenant_id"], before)
    return moved


async def backlog(queries: Queries, now: datetime) -> int:
    """How many sessions have been over for a minute and are not yet marked."""
    row = await queries.row("overdue_sessions", now - _SETTLED)
    return int(row["sessions"]) if row else 0


async def sample(queries: Queries, now: datetime) -> None:
    """Write down every tenant's numbers of this moment, and drop samples that are finer than their age deserves."""
    await queries.rows("sample_statistics", now)
    await queries.rows("prune_samples", now)
