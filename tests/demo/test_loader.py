from datetime import datetime

import asyncpg

from autional.demo import loader
from autional.postgres.database import Database
from autional.sessions import statistics

COUNT = 12_000


async def test_loaded_sessions_look_real_and_are_counted_exactly(
    database: Database, url: str, tenant: str, now: datetime
) -> None:
    added: list[int] = []
    await loader.load_sessions(database, tenant, COUNT, now, added.append)
    assert sum(added) == COUNT
    read = await statistics.read(database, tenant, now)
    assert read == await statistics.recount(database, tenant, now)
    assert read.total == COUNT
    assert min(read.active, read.expired, read.revoked) > COUNT / 20
    assert {"desktop", "mobile", "tablet"} <= read.device_breakdown.keys()
    connection = await asyncpg.connect(url)
    seen = await connection.fetchrow("""
        select count(distinct user_id) as users, count(distinct ip) as addresses, count(distinct amr) as factors,
            max(created_at) as newest, max(created_at) - min(created_at) as span,
            count(*) filter (where last_active_at > idle_expires_at or ended_at > idle_expires_at) as impossible
        from autional.sessions
    """)
    await connection.close()
    assert seen is not None
    assert seen["users"] > COUNT / 5
    assert seen["addresses"] > 100
    assert seen["factors"] == 4
    assert seen["newest"] <= now
    assert seen["span"].days >= 29
    assert seen["impossible"] == 0
