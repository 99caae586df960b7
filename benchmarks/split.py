"""One very large tenant: split, of ten million sessions, beside a small one (`make bench-split`).

SPLIT_DATABASE_URL names a database to be filled, of a Citus coordinator for example; otherwise it is an embedded one.
"""

import asyncio
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

import httpx
import uvloop
from tests.served import Served

from autional.core import ids
from autional.postgres import citus
from autional.postgres.connection import connect
from benchmarks.report import write_section

SEED = 10_000
DOUBLINGS = int(os.environ.get("SPLIT_DOUBLINGS", "10"))
BUCKETS = 64
READINGS = 200
SECONDS = 8.0
_NEW_ID = "(left(replace({0}::text, '-', ''), 15) || left(md5({0}::text || '{1}'), 16) || '{2}')::uuid"
_WAITING = """
select array[count(*) filter (where wait_event_type = 'Lock'), count(*)] from pg_stat_activity
where state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()
"""
_ON_ALL = """
select array[sum((result::bigint[])[1]), sum((result::bigint[])[2])] from run_command_on_all_nodes($1) where success
"""


async def main() -> None:
    """Fill a small tenant and a large one, then measure both in turn."""
    given = os.environ.get("SPLIT_DATABASE_URL")
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder), database_url=given)
        for tenant in ("small", "large"):
            served.autional("tenant", "create", tenant, "--name", tenant, "--buckets", str(BUCKETS))
            served.autional("load", "--tenant", tenant, "--sessions", str(SEED), timeout=600)
        key = served.autional("apikey", "create", "--name", "split", "--all-tenants", "--role", "admin")
        served.start()
        try:
            seconds = await doubled(given or served.database_url)
            lines = await measured(served, key, given or served.database_url)
        finally:
            served.stop()
    where = "on Citus" if given and await citus.is_spread_at(given) else "in one database"
    total = SEED << DOUBLINGS
    head = (
        f"`make bench-split`, {datetime.now(UTC):%Y-%m-%d}, {where}: {BUCKETS} buckets, {SEED:,} and {total:,} sessions"
    )
    head += f" (made in {seconds:.0f} s)."
    write_section("split", ["", head, "", *lines, ""])


async def doubled(url: str) -> float:
    """Double the sessions of the large tenant, bucket by bucket, and return how long it took."""
    begun = time.monotonic()
    connection = await connect(url)
    first = ids.home("large") + 1
    of_tenant = f"home between {first} and {first + BUCKETS - 1}"
    try:
        for number in range(DOUBLINGS):
            session = _NEW_ID.format("session_id", number, "0")
            for table, changed in (
                ("sessions", {"session_id": session}),
                ("token_pairs", {"session_id": session, "refresh_id": _NEW_ID.format("refresh_id", number, "7")}),
            ):
                columns = await connection.fetch(
                    "select attname from pg_attribute where attrelid = $1::text::regclass and attnum > 0"
                    " and not attisdropped and attgenerated = ''",
                    table,
                )
                names = [row["attname"] for row in columns]
                chosen = ", ".join(changed.get(name, name) for name in names)
                text = f"insert into {table} ({', '.join(names)}) select {chosen} from {table} where {of_tenant}"
                await connection.execute(text, timeout=3600)
            doubled_counters = "live = 2 * live, revoked = 2 * revoked, expired = 2 * expired"
            await connection.execute(f"update session_counters set {doubled_counters} where {of_tenant}")
        await connection.execute("vacuum analyze sessions, token_pairs", timeout=3600)
    finally:
        await connection.close()
    return time.monotonic() - begun


async def measured(served: Served, key: str, url: str) -> list[str]:
    """The lines of the report."""
    async with httpx.AsyncClient(base_url=served.address, trust_env=False, timeout=60) as http:
        lines = ["| median / p99 ms | small | large | large / small |", "| --- | --- | --- | --- |"]
        for name, path, times_of in (
            ("statistics", "/admin/sessions/stats", READINGS),
            ("sessions, first page", "/admin/sessions", READINGS // 10),
        ):
            taken: dict[str, list[float]] = {"small": [], "large": []}
            for _ in range(times_of):
                for tenant, times in taken.items():
                    begun = time.perf_counter()
                    answer = await http.get(path, headers={"X-API-Key": key, "X-Tenant-ID": tenant})
                    times.append((time.perf_counter() - begun) * 1e3)
                    assert answer.status_code == 200, answer.text
            middle = {tenant: median(times) for tenant, times in taken.items()}
            last = {tenant: quantiles(times, n=100)[98] for tenant, times in taken.items()}
            cells = " | ".join(f"{middle[tenant]:.1f} / {last[tenant]:.1f}" for tenant in taken)
            lines.append(f"| {name} | {cells} | {middle['large'] / middle['small']:.2f} |")
        lines += [
            "",
            "| writers of the large tenant | sessions begun a second | busy connections that wait for a lock |",
        ]
        lines.append("| --- | --- | --- |")
        for writers in (1, 8, 16):
            lines.append(await written(http, key, url, writers))
        headers = {"X-API-Key": key, "X-Tenant-ID": "large"}
        stats = (await http.get("/admin/sessions/stats", headers=headers)).json()
    difference = served.autional("stats", "verify", "--tenant", "large", timeout=600)
    return [*lines, "", f"Afterwards the statistics count {stats['total_sessions']:,}; a recount: {difference}"]


async def written(http: httpx.AsyncClient, key: str, url: str, writers: int) -> str:
    """How many sessions so many callers begin, and which share of the busy connections waits for a lock meanwhile."""
    made, waiting, busy = 0, 0, 0
    until = time.monotonic() + SECONDS

    async def write(number: int) -> None:
        nonlocal made
        while time.monotonic() < until:
            body = {"auth_user_id": f"writer_{number}_{made}", "device_type": "mobile"}
            headers = {"X-API-Key": key, "X-Tenant-ID": "large"}
            answer = await http.post("/internal/session/create", headers=headers, json=body)
            assert answer.status_code == 201, answer.text
            made += 1

    async def watch() -> None:
        nonlocal waiting, busy
        connection = await connect(url)
        asked = (_ON_ALL, _WAITING) if await citus.is_spread(connection) else (_WAITING,)
        while time.monotonic() < until:
            found = await connection.fetchval(*asked)
            waiting, busy = waiting + int(found[0]), busy + int(found[1])
            await asyncio.sleep(0.1)
        await connection.close()

    await asyncio.gather(watch(), *(write(number) for number in range(writers)))
    return f"| {writers} | {made / SECONDS:.0f} | {waiting / max(busy, 1):.1%} of {busy} samples |"


if __name__ == "__main__":
    uvloop.run(main())
