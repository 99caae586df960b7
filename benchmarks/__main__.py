"""Measure the service against itself, as ratios of one run, and write docs/benchmarks.md."""

import asyncio
import json
import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

import httpx
import uvloop
from asyncpg import Connection, Record
from tests.served import Served

from autional.postgres import pool, queries
from benchmarks import bulk, write_cost
from benchmarks.http_load import Load, load, request

SESSIONS = int(os.environ.get("BENCH_SESSIONS", "1000000"))
SMALL = 10_000
SECONDS = 4.0
ROUNDS = 5
READS = 300
REFRESHED = 6000
FORM = "application/x-www-form-urlencoded"
PAGE = "/admin/sessions/stats"
NAIVE = "select device_type, state, count(*) from sessions where tenant_id = $1 group by device_type, state"
LOGIN = {"auth_user_id": "usr_0", "amr": ["pwd"], "device_type": "mobile", "browser": "Safari 18", "os": "iOS 18"}


async def main() -> None:
    """Set up two tenants, a small and a large one, and measure."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder) / "data")
        for tenant, size in (("small", SMALL), ("large", SESSIONS)):
            print(f"loading {size:,} sessions")
            served.autional("tenant", "create", tenant, "--name", tenant)
            served.autional("load", "--tenant", tenant, "--sessions", str(size))
        key = served.autional("apikey", "create", "--name", "bench", "--all-tenants")
        bearers = {tenant: bearer(served, tenant) for tenant in ("small", "large")}
        served.start()
        try:
            lines = [*(await over_http(served, bearers, key)), *(await in_the_database(served))]
            lines += ["", *(await bulk.measured(served, bearers["large"], SESSIONS))]
        finally:
            served.stop()
    write(lines)


def bearer(served: Served, tenant: str) -> dict[str, str]:
    """A header with an administrator's token."""
    token = served.autional("token", "mint", "--tenant", tenant, "--user", "bench")
    return {"Authorization": f"Bearer {token}"}


async def over_http(served: Served, bearers: dict[str, dict[str, str]], key: str) -> list[str]:
    """Requests a second, and the reading of a small tenant against that of a large one, turn by turn."""
    empty, small, large = (
        request("GET", "/healthz", {}),
        request("GET", PAGE, bearers["small"]),
        request("GET", PAGE, bearers["large"]),
    )
    service = {"X-API-Key": key, "X-Tenant-ID": "large"}
    logins = (
        request("POST", "/internal/session/create", service, json.dumps(LOGIN | {"auth_user_id": f"new_{n}"}).encode())
        for n in count()
    )
    await load(served.address, lambda: small, 8, SECONDS)
    rounds = [(await one(served, small), await one(served, large)) for _ in range(ROUNDS)]
    ratio = median(of_large.median_ms / of_small.median_ms for of_small, of_large in rounds)
    lines = [
        "| over HTTP, one worker | callers | requests/s | median ms | p99 ms |",
        "| --- | --- | --- | --- | --- |",
        row(f"statistics at {SMALL:,} sessions", rounds[-1][0]),
        row(f"statistics at {SESSIONS:,} sessions", rounds[-1][1]),
    ]
    for callers in (8, 32):
        answered = await load(served.address, lambda: empty, callers, SECONDS)
        read = await load(served.address, lambda: large, callers, SECONDS)
        created = await load(served.address, lambda: next(logins), callers, SECONDS, 201)
        lines += [row("empty answer", answered), row("statistics", read), row("create session and tokens", created)]
        lines.append(f"| statistics / empty | {callers} | {read.rate / answered.rate:.2f} | | |")
    lines += await of_tokens(served, key)
    return [*lines, "", f"Median of {SESSIONS:,} / median of {SMALL:,}, one caller: **{ratio:.2f}** (goal: 1.2)", ""]


async def of_tokens(served: Served, key: str) -> list[str]:
    """Refresh, introspection and validation of tokens of sessions that were made for it."""
    service = {"X-API-Key": key, "X-Tenant-ID": "large"}
    async with httpx.AsyncClient(base_url=served.address, trust_env=False) as http:

        async def login() -> dict[str, str]:
            answer = await http.post("/internal/session/create", headers=service, json=LOGIN)
            made: dict[str, str] = answer.json()["data"]["tokens"]
            return made

        made = [pair for _ in range(REFRESHED // 50) for pair in await asyncio.gather(*(login() for _ in range(50)))]
    refreshes = iter(
        request("POST", "/sessions/refresh", {}, json.dumps({"refresh_token": pair["refresh_token"]}).encode())
        for pair in made
    )
    access = made[0]["access_token"]
    validate = request(
        "POST", "/internal/session/validate-token", service, json.dumps({"access_token": access}).encode()
    )
    introspect = request("POST", "/oauth2/introspect", service, f"token={access}".encode(), FORM)
    return [
        row("refresh, with rotation", await load(served.address, lambda: next(refreshes), 8, 1.0)),
        row("introspect (RFC 7662)", await load(served.address, lambda: introspect, 8, SECONDS)),
        row("validate a token", await load(served.address, lambda: validate, 8, SECONDS)),
    ]


async def one(served: Served, sent: bytes) -> Load:
    """One caller for a moment."""
    return await load(served.address, lambda: sent, 1, SECONDS / 4)


def row(name: str, measured: Load) -> str:
    """A line of the table."""
    return f"| {name} | {measured.callers} | {measured.rate:,.0f} | {measured.median_ms:.2f} | {measured.p99_ms:.2f} |"


async def in_the_database(served: Served) -> list[str]:
    """The reading against the query that a user would write."""
    socket = str(served.data_dir / "socket").replace("/", "%2F")
    url = f"postgresql://autional@/postgres?host={socket}"
    connection = await pool.connect(url)
    try:
        moment = datetime.now(UTC)
        exact = await timed(connection, queries.named_queries()["session_statistics"].text, READS, "large", moment)
        naive = await timed(connection, NAIVE, 5, "large")
    finally:
        await connection.close()
    return [
        f"In the database at {SESSIONS:,} sessions: {exact:.3f} ms; `count(*) … group by` {naive:.1f} ms,"
        f" **{naive / exact:,.0f} times** as long.",
        *(await write_cost.measured(url)),
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


def write(lines: list[str]) -> None:
    """Keep the last figures."""
    head = [
        "# Benchmarks",
        "",
        f"The last run of `make bench`: {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()},"
        f" {os.cpu_count()} cores shared by the callers, the service and PostgreSQL (fsync on).",
        "Figures of different runs do not compare; ratios within one do.",
        "",
    ]
    Path("docs/benchmarks.md").write_text("\n".join([*head, *lines, ""]))
    print("\n".join(lines))


if __name__ == "__main__":
    uvloop.run(main())
