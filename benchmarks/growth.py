"""What grows with the number of sessions or tenants, and what does not (`make bench-growth`)."""

import itertools
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import uvloop
from tests.served import Served

from autional.core import ids
from autional.postgres.connection import connect
from benchmarks.http_load import cpu_ticks
from benchmarks.report import write_section

SIZES = [int(size) for size in os.environ.get("GROWTH_SIZES", "10000,1000000").split(",")]
TENANTS = int(os.environ.get("GROWTH_TENANTS", "100000"))
ROUNDS = 5
TIMES = 40
DEEP = 9_999
PAGE_SIZE = 20
IDLE_SECONDS = 120
_TICKS = os.sysconf("SC_CLK_TCK")
_CREATE = "/internal/session/create"

Ask = Callable[[], httpx.Response]


async def main() -> None:
    """Load tenants of all sizes, measure them in turn, then add many that are idle."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder) / "data")
        loaded = {size: _loaded(served, size) for size in SIZES}
        lines = [f"Loading {size:,} sessions with their tokens: {seconds:.0f} s." for size, seconds in loaded.items()]
        lines += ["", *(await _bytes_per_session(served, max(SIZES)))]
        served.start()
        try:
            lines += ["", *_over_http(served)]
            assert served.process is not None
            lines.append(f"\nMemory of the worker afterwards: {_resident_mb(served.process.pid):.0f} MB.")
            await _add_idle_tenants(served)
            lines.append(await _idle(served))
        finally:
            served.stop()
    written = f"`make bench-growth`, {datetime.now(UTC):%Y-%m-%d}, one caller, tenants of each size in one database."
    write_section("growth", ["", written, "", *lines, ""])


def _tenant(size: int) -> str:
    return f"of-{size}"


def _loaded(served: Served, size: int) -> float:
    served.autional("tenant", "create", _tenant(size), "--name", "x")
    begun = time.monotonic()
    served.autional("load", "--tenant", _tenant(size), "--sessions", str(size), timeout=3600)
    return time.monotonic() - begun


async def _bytes_per_session(served: Served, size: int) -> list[str]:
    """Bytes of tables and indexes after a vacuum, per session of all tenants together."""
    served.start()
    connection = await connect(served.database_url)
    try:
        await connection.execute("vacuum analyze")
        tables = ("sessions", "token_pairs", "user_agents")
        measured = {name: await connection.fetchval(f"select pg_total_relation_size('{name}')") for name in tables}
        live = await connection.fetchval("select count(*) from sessions where state = 'live'")
    finally:
        await connection.close()
        served.stop()
    total = sum(SIZES)
    session = (measured["sessions"] + measured["user_agents"]) / total
    pair = measured["token_pairs"] / live
    return [
        f"Database after a vacuum, at {size:,}: {session:.0f} bytes a session with its indexes and the user agents,"
        f" {pair:.0f} a pair of tokens: {session:.0f} ended (goal: 450), {session + pair:.0f} live (goal: 900)."
    ]


def _over_http(served: Served) -> list[str]:
    """Each operation for the tenants of all sizes, turn by turn: medians, and their ratio."""
    key = served.autional("apikey", "create", "--name", "growth", "--all-tenants")
    with httpx.Client(base_url=served.address, trust_env=False, timeout=60) as http:
        asked = {size: _operations(served, http, key, _tenant(size)) for size in SIZES}
        lines = [
            "| median ms | " + " | ".join(f"{size:,}" for size in SIZES) + " | largest / smallest |",
            "| --- |" + " --- |" * (len(SIZES) + 1),
        ]
        for name in next(iter(asked.values())):
            rounds = [{size: _median_ms(asked[size][name]) for size in SIZES} for _ in range(ROUNDS)]
            medians = [median(each[size] for each in rounds) for size in SIZES]
            ratio = median(each[max(SIZES)] / each[min(SIZES)] for each in rounds)
            lines.append(f"| {name} | " + " | ".join(f"{ms:.2f}" for ms in medians) + f" | {ratio:.2f} |")
    return lines


def _operations(served: Served, http: httpx.Client, key: str, tenant: str) -> Mapping[str, Ask]:
    token = served.autional("token", "mint", "--tenant", tenant, "--user", "growth")
    admin, service = {"Authorization": f"Bearer {token}"}, {"X-API-Key": key, "X-Tenant-ID": tenant}
    users = itertools.count()
    sessions, tokens, page = "/admin/sessions", "/admin/tokens", {"page_size": PAGE_SIZE}

    def create() -> httpx.Response:
        login = {"auth_user_id": f"new_{next(users)}", "device_type": "mobile", "browser": "Safari", "os": "iOS"}
        return http.post(_CREATE, headers=service, json=login)

    made = [create().json()["data"]["tokens"] for _ in range(ROUNDS * TIMES)]
    refreshed = iter(made)

    def deep() -> dict[str, Any]:
        every: dict[str, Any] = {"page_size": PAGE_SIZE, "status": "all"}
        pages = http.get(sessions, headers=admin, params=every).json()["pagination"]["total_pages"]
        jumped = http.get(sessions, headers=admin, params=every | {"page": min(DEEP, pages - 2)}).json()
        return every | {"cursor": jumped["pagination"]["next_cursor"]}

    def listed(path: str, params: dict[str, Any]) -> Ask:
        return lambda: http.get(path, headers=admin, params=params)

    return {
        "create": create,
        "refresh": lambda: http.post("/sessions/refresh", json={"refresh_token": next(refreshed)["refresh_token"]}),
        "introspect": lambda: http.post(
            "/oauth2/introspect", headers={"X-API-Key": key}, data={"token": made[0]["access_token"]}
        ),
        "statistics": listed("/admin/sessions/stats", {}),
        "sessions, first page": listed(sessions, page),
        "sessions, page 10,000 or the last": listed(sessions, deep()),
        "sessions that nothing is like": listed(sessions, page | {"country": "FJ"}),
        "tokens, first page": listed(tokens, page),
        "tokens, of a status": listed(tokens, page | {"status": "revoked"}),
    }


def _median_ms(ask: Ask) -> float:
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        answer = ask()
        taken.append((time.perf_counter() - begun) * 1e3)
        answer.raise_for_status()
    return median(taken)


async def _add_idle_tenants(served: Served) -> None:
    """Tenants with ten sessions each, which end in a week."""
    names = [f"idle-{number}" for number in range(TENANTS)]
    connection = await connect(served.database_url)
    try:
        await connection.execute(
            "insert into tenants (home, tenant_id, name, created_at)"
            " select home, name, name, now() from unnest($1::bigint[], $2::text[]) as idle (home, name)",
            [ids.home(name) for name in names],
            names,
        )
        await connection.execute(
            "insert into sessions (home, session_id, user_id, role, aal, amr, device_type, created_at, last_active_at,"
            " expires_at, idle_expires_at, expiry_minute)"
            " select home, (left(md5(home::text || n), 31) || '4')::uuid, 'u' || n, 'user', 1, 'pwd', 'desktop',"
            " now(), now(), until, until, minute_of(until)"
            " from tenants, generate_series(1, 10) as n, lateral (select now() + interval '7 days' as until) as ends"
            " where tenant_id like 'idle-%'"
        )
        await connection.execute(
            "insert into session_counters (home, slot, device_type, live, revoked, expired, changed_minute)"
            " select home, n, 'desktop', 1, 0, 0, 0 from tenants, generate_series(1, 10) as n"
            " where tenant_id like 'idle-%'"
        )
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def _idle(served: Served) -> str:
    assert served.process is not None
    before = cpu_ticks([served.process.pid])
    time.sleep(IDLE_SECONDS)
    spent = cpu_ticks([served.process.pid]) - before
    node, database = (spent[name] / _TICKS / IDLE_SECONDS for name in ("service", "postgres"))
    return (
        f"Idle with {TENANTS:,} tenants of ten sessions each: {node:.2%} of a core for the node and {database:.2%} for"
        " PostgreSQL (goal: 2% together)."
    )


def _resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    uvloop.run(main())
