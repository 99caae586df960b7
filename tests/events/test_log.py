import asyncio
import random

import asyncpg
import pytest

from autional.core import ids
from autional.events import log
from autional.events.log import Event
from autional.postgres.database import Database

HOME = ids.home("acme")
INSERT = (
    "insert into autional.revocations (home, at, kind, user_id, reason)"
    " values ($1, clock_timestamp(), 'user', $2, 'signed_out')"
)


async def told(database: Database, after: int = 0) -> list[Event]:
    return await log.events_after(database, {HOME: after}, 10_000)


async def write(url: str, number: int, rollbacks: float, answered: list[str]) -> None:
    """Twenty transactions that take their time, some of which are rolled back."""
    chance = random.Random(number)
    connection = await asyncpg.connect(url)
    try:
        for turn in range(20):
            name = f"{number}-{turn}"
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(INSERT, HOME, name)
            await asyncio.sleep(chance.random() * 0.02)
            if chance.random() < rollbacks:
                await transaction.rollback()
            else:
                await transaction.commit()
                answered.append(name)
    finally:
        await connection.close()


async def test_what_commits_late_is_placed_late_and_nothing_overtakes_it(
    database: Database, url: str, tenant: str
) -> None:
    early, late = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        open_one = early.transaction()
        await open_one.start()
        await early.execute(INSERT, HOME, "first")
        await late.execute(INSERT, HOME, "second")
        await log.place_revocations(database)
        assert await told(database) == []  # the first may still come before it
        assert await log.warn_of_delay(database) > 0
        await open_one.commit()
        await log.place_revocations(database)
        assert [(event.position, event.user_id) for event in await told(database)] == [(1, "first"), (2, "second")]
        assert await log.warn_of_delay(database) == 0
    finally:
        await early.close()
        await late.close()


@pytest.mark.parametrize("rollbacks", [0.0, 0.3])
async def test_positions_are_dense_and_a_reader_sees_each_row_once(
    database: Database, url: str, tenant: str, rollbacks: float
) -> None:
    """Ten writers whose transactions overlap at random, two processes that place, and a reader that only goes on."""
    answered: list[str] = []
    done = asyncio.Event()
    seen: list[Event] = []

    async def place() -> None:
        while not done.is_set():
            await log.place_revocations(database)
            await asyncio.sleep(0.002)

    async def read() -> None:
        while not done.is_set():
            seen.extend(await told(database, seen[-1].position if seen else 0))
            await asyncio.sleep(0.001)

    others = [asyncio.create_task(one) for one in (place(), place(), read())]
    await asyncio.gather(*(write(url, number, rollbacks, answered) for number in range(10)))
    done.set()
    await asyncio.gather(*others)
    await log.place_revocations(database)
    seen.extend(await told(database, seen[-1].position if seen else 0))
    assert [event.position for event in seen] == list(range(1, len(answered) + 1))
    places = {event.user_id: event.position for event in seen}
    assert places.keys() == set(answered)
    for number in range(10):  # what was answered before another began stands before it
        own = [places[name] for name in answered if name.startswith(f"{number}-")]
        assert own == sorted(own)


async def test_a_head_says_how_far_a_log_goes_and_what_is_gone(database: Database, url: str, tenant: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for name in "abc":
            await connection.execute(INSERT, HOME, name)
        await log.place_revocations(database)
        assert await log.head(database, tenant) == (3, 0)
        await connection.execute(
            "set search_path = autional; select prune_revocations(" + str(HOME) + ", clock_timestamp(), 2)"
        )
        assert await log.head(database, tenant) == (3, 2)
        assert [event.user_id for event in await told(database)] == ["c"]
    finally:
        await connection.close()
