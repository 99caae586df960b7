"""On paper: what 10, 100 and 1,000 million daily users need, from what was measured (`make scaling`).

It adds up what the busiest hour of a day costs, says which part is at its limit first, and simulates how long requests
then wait. What it reckons with stands at the top; change it and run it again.
"""

import math
import random
from pathlib import Path

from benchmarks.report import write_section

USERS = (10_000_000, 100_000_000, 1_000_000_000)
DAY = 86_400
# of each daily user, a day
LOGINS = 0.3
VISITS = 4
MINUTES_OF_A_VISIT = 12
CHECKS_OF_A_VISIT = 20
# of the service
ACCESS_MINUTES = 15
DEVICES = 2.2
DAYS_KEPT = 90
OFFLINE = 0.9
"""Share of the checks that verifiers make by themselves, with the revocation log."""
BUSIEST = 2.4
"""The busiest hour over the mean of the day."""
AT_MOST = 0.6
"""Share of a core or of a link that may be used in the busiest hour."""
# measured (docs/benchmarks.md, docs/production.md): microseconds of CPU a request, and bytes
WORK = {
    "sign in": (290, 90, 2_600),
    "refresh": (230, 120, 1_500),
    "check": (110, 30, 0),
}
"""By kind: the service's CPU, PostgreSQL's CPU, and bytes of WAL, full-page images left out."""
LIVE_BYTES, ENDED_BYTES = 893, 564
WORKER_CORES, NODE_WORKERS = 1, 4
DATABASE_CORES = 32
DATABASE_WRITES = 40_000
"""Commits a second that one primary with a synchronous standby is trusted with, on local disks."""
DATABASE_BYTES = 4 * 2**40
ON_CITUS = 2.5
"""What a statement costs on a worker over a single server, in CPU (plans made anew, calls one by one)."""
SIMULATED, ROUND_TRIP = 200_000, 1.0
"""Requests of the simulation, and milliseconds to PostgreSQL and back."""
# prices of a month, in dollars, of a large cloud without discounts
CORE, MEMORY_GIB, DISK_GIB, TRAFFIC_GIB = 25.0, 3.0, 0.12, 0.01

COLUMNS = (
    "daily users",
    "sign-ins / refreshes / checks a second",
    "live / ended sessions",
    "service",
    "database",
    "disk",
    "WAL",
    "first at its limit",
    "a month",
)


def busiest(users: int) -> dict[str, float]:
    """Requests a second in the busiest hour, by kind."""
    mean = {
        "sign in": users * LOGINS / DAY,
        "refresh": users * VISITS * max(1, MINUTES_OF_A_VISIT / ACCESS_MINUTES) / DAY,
        "check": users * VISITS * CHECKS_OF_A_VISIT * (1 - OFFLINE) / DAY,
    }
    return {kind: rate * BUSIEST for kind, rate in mean.items()}


def sessions(users: int) -> tuple[float, float]:
    """Live sessions, and ended ones that are still on record, after as many days as both are kept."""
    live = users * DEVICES
    ended = users * LOGINS * DAYS_KEPT
    return live, ended


def row_of(users: int) -> list[str]:
    """What so many users need."""
    rates = busiest(users)
    live, ended = sessions(users)
    service = sum(rate * WORK[kind][0] for kind, rate in rates.items()) / 1e6
    database = sum(rate * WORK[kind][1] for kind, rate in rates.items()) / 1e6
    writes = rates["sign in"] + rates["refresh"]
    disk = live * LIVE_BYTES + ended * ENDED_BYTES
    wal = sum(rate * WORK[kind][2] for kind, rate in rates.items())
    workers = max(2, math.ceil(service / AT_MOST / WORKER_CORES))
    needs = {
        "CPU": database / AT_MOST / DATABASE_CORES,
        "commits": writes / DATABASE_WRITES,
        "disk": disk / DATABASE_BYTES,
    }
    first = max(needs, key=lambda name: needs[name])
    shards = 1
    if needs[first] > 1:
        needs["CPU"] *= ON_CITUS
        first = max(needs, key=lambda name: needs[name])
        shards = math.ceil(needs[first])
    cores = workers * WORKER_CORES + 2 * shards * DATABASE_CORES
    memory = workers * 0.25 + 2 * shards * DATABASE_CORES * 4
    copies = 2 * 1.5 * disk  # with a standby, and room to grow
    dollars = cores * CORE + memory * MEMORY_GIB + (copies * DISK_GIB + wal * DAY * 30 * TRAFFIC_GIB) / 2**30
    return [
        f"{users / 1e6:,.0f} M",
        f"{rates['sign in']:,.0f} / {rates['refresh']:,.0f} / {rates['check']:,.0f}",
        f"{live / 1e6:,.0f} M / {ended / 1e6:,.0f} M",
        f"{workers} workers, {NODE_WORKERS} a node",
        "one primary, one standby" if shards == 1 else f"{shards} workers of Citus, each with a standby",
        f"{disk / 2**40:,.2f} TiB",
        f"{wal / 2**20:,.1f} MiB/s",
        f"{first} ({needs[first] / shards:.0%})",
        f"${dollars:,.0f}",
    ]


def waits(share: float, seed: int = 1) -> list[float]:
    """Milliseconds that requests of the busiest hour take at a worker of which this share is used, shortest first.

    They come by chance, one worker has one queue, and PostgreSQL answers while the worker goes on.
    """
    chance = random.Random(seed)
    rates = busiest(USERS[0])
    kinds, weights = list(rates), list(rates.values())
    mean = sum(rates[kind] * WORK[kind][0] for kind in kinds) / sum(weights) / 1000
    now = free = 0.0
    found = []
    for _ in range(SIMULATED):
        now += chance.expovariate(share / mean)
        [kind] = chance.choices(kinds, weights)
        free = max(now, free) + chance.gammavariate(4, WORK[kind][0] / 4000)
        found.append(free - now + ROUND_TRIP)
    return sorted(found)


def main() -> None:
    """Write the tables."""
    lines = [f"| {' | '.join(COLUMNS)} |", "| --- " * len(COLUMNS) + "|"]
    lines += [f"| {' | '.join(row_of(users))} |" for users in USERS]
    lines += ["", "| share of a worker that is used | median, ms | p99, ms | p99.9, ms |", "| --- | --- | --- | --- |"]
    for share in (0.3, AT_MOST, 0.8, 0.9, 0.95):
        taken = waits(share)
        at = [taken[int(place * (SIMULATED - 1))] for place in (0.5, 0.99, 0.999)]
        lines.append(f"| {share:.0%} | {' | '.join(f'{one:.1f}' for one in at)} |")
    write_section("scaling", lines, Path("docs/scaling.md"))


if __name__ == "__main__":
    main()
