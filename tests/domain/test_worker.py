import asyncio
from datetime import datetime, timedelta

import asyncpg

from autional import sessions, stats, worker
from autional.authority import of_operator
from autional.db import Database
from autional.jose import Issuer
from autional.sessions import Login

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def test_sweeping_changes_no_number_and_no_session_that_is_barely_over(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    for minutes in range(5):
        await sessions.create(
            database, issuer, of_operator(tenant), Login("u", amr=["pwd", "otp"]), now + minutes * MINUTE
        )
    moment = now + HOUR + 3 * MINUTE
    before = await stats.read(database, tenant, moment)
    moved = await asyncio.gather(*(worker.sweep(database, moment) for _ in range(3)))
    assert sum(moved) == 3
    assert await stats.read(database, tenant, moment) == before == (1, 4, 0, {"other": 5}, moment)
    assert await stats.recount(database, tenant, moment) == before


async def test_the_past_can_be_read_after_records_are_gone(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    await sessions.create(database, issuer, of_operator(tenant), Login("u", amr=["pwd", "otp"], device_type="tv"), now)
    await worker.sample(database, now)
    await worker.sample(database, now + MINUTE)
    await sessions.purge_expired(database, tenant, now + 2 * HOUR)
    await worker.sample(database, now + 2 * HOUR)
    last = (await stats.history(database, tenant, now, now + DAY, HOUR, now + DAY))[-1]
    assert last.statistics == (0, 0, 0, {}, now + 2 * HOUR)
    assert (last.purged_expired, last.purged_revoked) == (1, 0)
    minutes = await stats.history(database, tenant, now, now + HOUR, MINUTE, now + DAY)
    assert [sample.statistics for sample in minutes] == [
        (1, 0, 0, {"tv": 1}, now),
        (1, 0, 0, {"tv": 1}, now + MINUTE),
    ]


async def test_samples_grow_coarser_with_age_and_stay_bounded(
    database: Database, url: str, tenant: str, now: datetime
) -> None:
    for day in range(40):
        await worker.sample(database, now + day * DAY)
        await worker.sample(database, now + day * DAY + MINUTE)
    end = now + 39 * DAY + MINUTE
    connection = await asyncpg.connect(url)
    kept = await connection.fetch("select resolution, count(*) from autional.statistics_samples group by 1 order by 1")
    await connection.close()
    assert [tuple(row) for row in kept] == [("day", 40), ("hour", 31), ("minute", 3)]
    assert len(await stats.history(database, tenant, now, end, DAY, end)) == 40
    assert len(await stats.history(database, tenant, end - 20 * DAY, end, HOUR, end)) == 20
    assert len(await stats.history(database, tenant, end - HOUR, end, MINUTE, end)) == 2
