"""Measure the service against itself, as ratios of one run, and write docs/benchmarks.md."""

import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import uvloop
from asyncpg import Connection, Record
from tests.served import Served

from autional.postgres import queries
from autional.postgres.connection import connect
from benchmarks import bulk, write_cost
from benchmarks.hot_operations import HotOperations, Prepared, prepared
from benchmarks.http_load import Load, load, must_have_wrk, request
from benchmarks.report import write_section

SESSIONS = int(os.environ.get("BENCH_SESSIONS", "1000000"))
SMALL = 10_000
SECONDS = 4.0
ROUNDS = 5
READS = 300
PAGE = "/admin/sessions/stats"
NAIVE = "select device_type, state, count(*) from sessions where home = $1 group by device_type, state"


async def main() -> None:
    """Set up two tenants, a small and a large one, and measure."""
    must_have_wrk()
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder) / "data")
        for tenant, size in (("small", SMALL), ("large", SESSIONS)):
            print(f"loading {size:,} sessions")
            served.autional("tenant", "create", tenant, "--name", tenant)
            served.autional("load", "--tenant", tenant, "--sessions", str(size))
        bearers = {tenant: bearer(served, tenant) for tenant in ("small", "large")}
        served.start()
        try:
            lines = [*over_http(await prepared(served, "large"), bearers), *(await in_the_database(served))]
            lines += ["", *(await bulk.measured(served, bearers["large"], SESSIONS))]
        finally:
            served.stop()
    write_section("service", [*head(), *lines])


def bearer(served: Served, tenant: str) -> dict[str, str]:
    """A header with an administrator's token."""
    token = served.autional("token", "mint", "--tenant", tenant, "--user", "bench")
    return {"Authorization": f"Bearer {token}"}


def over_http(on: Prepared, bearers: dict[str, dict[str, str]]) -> list[str]:
    """Each hot operation, and the reading of a small tenant against that of a large one, turn by turn."""
    operations = HotOperations(on)
    operations.statistics(8, SECONDS)  # the plans and caches of a service that has run for a while
    read = {tenant: [request("GET", PAGE, bearer)] for tenant, bearer in bearers.items()}
    rounds = [
        {tenant: load(on.address, sent, 1, SECONDS / 4, [on.pid]) for tenant, sent in read.items()}
        for _ in range(ROUNDS)
    ]
    ratio = median(pair["large"].median_ms / pair["small"].median_ms for pair in rounds)
    lines = [
        "| over HTTP, one worker | callers | requests/s | median ms | p99 ms | service us | PostgreSQL us |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        row(f"statistics at {SMALL:,} sessions", rounds[-1]["small"]),
        row(f"statistics at {SESSIONS:,} sessions", rounds[-1]["large"]),
    ]
    for callers in (8, 32):
        measured = [(name, measure(callers, SECONDS)) for name, measure in operations.by_name().items()]
        rates = {name: one.rate for name, one in measured}
        lines += [row(name, one) for name, one in measured]
        lines.append(f"| statistics / empty | {callers} | {rates['statistics'] / rates['empty']:.2f} | | | | |")
    return [*lines, "", f"Median of {SESSIONS:,} / median of {SMALL:,}, one caller: **{ratio:.2f}** (goal: 1.2)", ""]


def row(name: str, measured: Load) -> str:
    """A line of the table."""
    return (
        f"| {name} | {measured.callers} | {measured.rate:,.0f} | {measured.median_ms:.2f} | {measured.p99_ms:.2f} |"
        f" {measured.service_us:.0f} | {measured.postgres_us:.0f} |"
    )


async def in_the_database(served: Served) -> list[str]:
    """The reading against the query that a user would write."""
    connection = await connect(served.database_url)
    try:
        moment = datetime.now(UTC)
        exact = await timed(connection, queries.named_queries()["session_statistics"].text, READS, ["large"], [moment])
        naive = await timed(connection, NAIVE, 5, "large")
    finally:
        await connection.close()
    return [
        f"In the database at {SESSIONS:,} sessions: {exact:.3f} ms; `count(*) … group by` {naive:.1f} ms,"
        f" **{naive / exact:,.0f} times** as long.",
        *(await write_cost.measured(served.database_url)),
    ]


async def timed(connection: "Connection[Record]", query: str, times: int, *arguments: object) -> float:
    """Median milliseconds of a prepared query."""
    statement = await connection.prepare(query)
    taken: list[float] = []
    for _ in range(times):
        begun = time.perf_counter()
        await statement.fetch(*arguments)
        taken.append((time.perf_counter() - begun) * 1e3)
    return median(taken)


def head() -> list[str]:
    """What the figures are of."""
    return [
        "",
        f"`make bench`, {datetime.now(UTC):%Y-%m-%d}: Python {platform.python_version()}, one worker, {os.cpu_count()}"
        " cores shared by callers (wrk), service and PostgreSQL (fsync on). CPU is in microseconds per answer.",
        "",
    ]


if __name__ == "__main__":
    uvloop.run(main())
