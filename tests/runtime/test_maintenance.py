import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg

from autional.core import clock
from autional.core.authority import operator_authority
from autional.postgres.database import Database
from autional.runtime import maintenance
from autional.sessions import statistics
from autional.sessions.creation import create_session
from autional.sessions.expiry import purge_expired_sessions
from autional.sessions.model import Login
from autional.sessions.statistics import Statistics
from autional.tokens.jwt import Issuer

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def test_sweeping_changes_no_number_and_no_session_that_is_barely_over(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    for minutes in range(5):
        await create_session(
            database, issuer, operator_authority(tenant), Login("u", amr=["pwd", "otp"]), now + minutes * MINUTE
        )
    moment = now + HOUR + 3 * MINUTE
    before = await statistics.read(database, tenant, moment)
    moved = await asyncio.gather(*(maintenance.mark_overdue_sessions(database, moment) for _ in range(3)))
    assert sum(moved) == 3
    assert await statistics.read(database, tenant, moment) == before == Statistics(1, 4, 0, {"other": 5}, moment)
    assert await statistics.recount(database, tenant, moment) == before


async def test_the_past_can_be_read_after_records_are_gone(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    await create_session(
        database, issuer, operator_authority(tenant), Login("u", amr=["pwd", "otp"], device_type="tv"), now
    )
    await maintenance.sample_statistics(database, now)
    await maintenance.sample_statistics(database, now + MINUTE)
    await purge_expired_sessions(database, tenant, now + 2 * HOUR)
    await maintenance.sample_statistics(database, now + 2 * HOUR)
    last = (await statistics.history(database, tenant, now, now + DAY, HOUR, now + DAY))[-1]
    assert last.statistics == Statistics(0, 0, 0, {}, now + 2 * HOUR)
    assert (last.purged_expired, last.purged_revoked) == (1, 0)
    minutes = await statistics.history(database, tenant, now, now + HOUR, MINUTE, now + DAY)
    assert [sample.statistics for sample in minutes] == [
        Statistics(1, 0, 0, {"tv": 1}, now),
        Statistics(1, 0, 0, {"tv": 1}, now + MINUTE),
    ]


async def test_samples_grow_coarser_with_age_and_stay_bounded(
    database: Database, url: str, tenant: str, now: datetime
) -> None:
    for day in range(40):
        await maintenance.sample_statistics(database, now + day * DAY)
        await maintenance.sample_statistics(database, now + day * DAY + MINUTE)
        await maintenance.prune(database, "prune_samples", now + day * DAY + MINUTE)
    end = now + 39 * DAY + MINUTE
    connection = await asyncpg.connect(url)
    kept = await connection.fetch("select resolution, count(*) from autional.sampling_rounds group by 1 order by 1")
    await connection.close()
    assert [tuple(row) for row in kept] == [("day", 40), ("hour", 31), ("minute", 3)]
    assert len(await statistics.history(database, tenant, now, end, DAY, end)) == 40
    assert len(await statistics.history(database, tenant, end - 20 * DAY, end, HOUR, end)) == 20
    assert len(await statistics.history(database, tenant, end - HOUR, end, MINUTE, end)) == 2


async def test_numbers_that_do_not_change_are_written_once_and_read_at_every_minute(
    database: Database, issuer: Issuer, tenant: str
) -> None:
    start = clock.now().replace(second=30, microsecond=0)
    login = Login("u", amr=["pwd", "otp"], device_type="tv")
    await create_session(database, issuer, operator_authority(tenant), login, None)
    for minute in range(1, 11):
        await maintenance.sample_statistics(database, start + minute * MINUTE)
    # a day and an hour, two of each where they end meanwhile, and the minutes in which a write may be under way
    assert 1 <= await samples(database) <= 7
    minutes = await statistics.history(database, tenant, start, start + HOUR, MINUTE, start + HOUR)
    assert [one.statistics[:3] for one in minutes] == [(1, 0, 0)] * 10
    before = await samples(database)
    await maintenance.sample_statistics(database, start + 2 * DAY)
    await maintenance.sample_statistics(database, start + 2 * DAY + MINUTE)
    ended = (await statistics.history(database, tenant, start, start + 3 * DAY, HOUR, start + 3 * DAY))[-1]
    assert ended.statistics[:3] == (0, 1, 0)  # by its deadline alone
    assert await samples(database) > before


async def samples(database: Database) -> int:
    async with database.transaction() as queries:
        rows = await queries.composed("select count(*) as samples from statistics_samples")
    return int(rows[0]["samples"])


async def test_what_is_pruned_leaves_what_the_readings_that_are_kept_have_seen(database: Database, tenant: str) -> None:
    start = datetime(2026, 4, 15, 10, tzinfo=UTC)

    async def sample(moment: datetime, changed: int) -> None:
        async with database.transaction() as queries:
            await queries.composed("update session_counters set changed_minute = minute_of($1)", moment)
            if changed:
                await queries.rows("add_to_counters", tenant, "tv", changed, 0, 0)
                await queries.composed("update session_counters set changed_minute = minute_of($1)", moment)
            elif moment > start:
                await queries.composed("update session_counters set changed_minute = 0")
        await maintenance.sample_statistics(database, moment)

    for minute in range(70):
        await sample(start + minute * MINUTE, 5 if minute == 30 else 0)
    for hour in range(2, 48):
        await sample(start + hour * HOUR, 0)
    for now, step in ((start + DAY + 41 * MINUTE, MINUTE), (start + 31 * DAY + HOUR, HOUR)):
        asked = (database, tenant, start + 41 * MINUTE, start + 2 * DAY, step, now)
        before = [(one.statistics.active, one.statistics.updated_at) for one in await statistics.history(*asked)]
        assert {active for active, _ in before} == {5}
        await maintenance.prune(database, "prune_samples", now)
        left = [(one.statistics.active, one.statistics.updated_at) for one in await statistics.history(*asked)]
        assert left == [(active, at) for active, at in before if at >= now - (DAY if step == MINUTE else 31 * DAY)]
        assert left
