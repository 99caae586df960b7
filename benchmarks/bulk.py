"""Lists and revocations over a large tenant: how long an administrator waits."""

import time
from statistics import median
from typing import Any

import httpx
from tests.served import Served

TIMES = 20
DEEP = 9_999
FILTERS: dict[str, dict[str, Any]] = {
    "of one user": {"user_id": "usr_000100"},
    "whose user begins so": {"search": "usr_0001"},
    "of one address": {"ip": "81.2.69.7"},
    "of a network": {"ip": "81.2.69.0/28"},
    "by risk, highest first": {"sort": "-risk_score"},
    "on tablets, of one app": {"device_type": "tablet", "app_id": "web"},
    "that nothing is like": {"country": "FJ"},
}


async def measured(served: Served, bearer: dict[str, str], sessions: int) -> list[str]:
    """The lines of the report."""
    async with httpx.AsyncClient(
        base_url=served.address, headers=bearer, trust_env=False, timeout=600, limits=httpx.Limits(max_connections=1)
    ) as http:
        return [*await of_lists(http, sessions), *await of_revocation(http, sessions)]


async def of_lists(http: httpx.AsyncClient, sessions: int) -> list[str]:
    """The first page against one that is far down, and what filters cost."""
    first: dict[str, Any] = {"status": "all", "page_size": 20}
    jumped = (await http.get("/admin/sessions", params=first | {"page": min(DEEP, sessions // 20 - 2)})).json()
    deep = {"status": "all", "page_size": 20, "cursor": jumped["pagination"]["next_cursor"]}
    shallow_ms, deep_ms = await timed(http, first), await timed(http, deep)
    lines = [
        f"| list at {sessions:,} sessions, one caller | median ms |",
        "| --- | --- |",
        f"| first page | {shallow_ms:.1f} |",
        f"| page 10,000 by cursor | {deep_ms:.1f} |",
    ]
    for name, asked in FILTERS.items():
        lines.append(f"| {name} | {await timed(http, {'status': 'all'} | asked, 5):.1f} |")
    return [*lines, "", f"Page 10,000 / page 1: **{deep_ms / shallow_ms:.2f}**", ""]


async def of_revocation(http: httpx.AsyncClient, sessions: int) -> list[str]:
    """Everything that goes on is shown and ended."""
    begun = time.perf_counter()
    wanted = {"filter": {"status": "active"}}
    shown = (await http.post("/admin/sessions/revoke", json=wanted | {"dry_run": True})).json()["preview"]
    shown_after = time.perf_counter() - begun
    run = wanted | {"dry_run_token": shown["dry_run_token"], "reason": "bench"}
    job = (await http.post("/admin/sessions/revoke", json=run)).json()["job"]
    begun, slowest = time.perf_counter(), 0.0
    while job["state"] not in {"done", "cancelled"}:
        asked = time.perf_counter()
        await http.get("/admin/sessions/stats")
        slowest = max(slowest, time.perf_counter() - asked)
        job = (await http.get(f"/admin/jobs/{job['id']}")).json()
    seconds = time.perf_counter() - begun
    return [
        f"Revoke by filter at {sessions:,} sessions: {shown['revocable']:,} are shown in {shown_after:.1f} s and"
        f" ended in {seconds:.0f} s, **{job['done'] / seconds:,.0f} a second**; meanwhile the slowest reading of the"
        f" statistics took {slowest * 1e3:.0f} ms.",
        "",
    ]


async def timed(http: httpx.AsyncClient, asked: dict[str, Any], times: int = TIMES) -> float:
    """Median milliseconds of a list."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        answer = await http.get("/admin/sessions", params=asked)
        taken.append((time.perf_counter() - begun) * 1e3)
        answer.raise_for_status()
    return median(taken)
