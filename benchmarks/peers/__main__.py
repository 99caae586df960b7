"""Measure the service in turn with its peers, and write their section of docs/benchmarks.md."""

import asyncio
import os
import platform
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import asyncpg
from tests.served import Served

from autional.postgres.embedded import server as embedded
from benchmarks.hot_operations import HotOperations, prepared
from benchmarks.http_load import Load, load, must_have_wrk, request
from benchmarks.peers import drawing, keycloak
from benchmarks.peers.hydra import hydra
from benchmarks.peers.peer import NotMeasuredError, Peer
from benchmarks.report import write_section

ROUNDS = 3
SECONDS = 4.0
SIZES = (10_000, int(os.environ.get("BENCH_SESSIONS", "1000000")))
DATABASE_HOST = "127.0.0.54"
"""An address of this machine of its own, so that the default port is free."""
WORK = ("create", "refresh", "introspect")
GOALS = {"create": (15, 25), "refresh": (15, 50), "introspect": (3, 12)}
"""How many times as many requests a second as Keycloak, and as Hydra."""
GOAL = " (goals: 10,000, 2,000)"
Measured = dict[tuple[str, int, str], list[Load]]
"""Loads of each round, by work, callers and system."""


async def main() -> None:
    """Start everything on one PostgreSQL, warm it up, and measure in turn."""
    must_have_wrk()
    settings = {"listen_addresses": DATABASE_HOST, "max_connections": "300"}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        async with embedded.running(root / "postgres", settings=settings), AsyncExitStack() as running:
            url = f"postgresql://autional@{DATABASE_HOST}"
            await _make_databases(f"{url}/postgres")
            served, ours = await running.enter_async_context(_ours(root, f"{url}/autional"))
            peers, missing = [ours], []
            for name, start in (("keycloak", keycloak.keycloak), ("hydra", hydra)):
                print(f"starting {name}", flush=True)
                (root / name).mkdir()
                try:
                    peers.append(running.enter_context(start(root / name, DATABASE_HOST)))
                except NotMeasuredError as error:
                    missing.append(f"{name} was not measured: {error}")
            measured = _in_turn(peers)
            statistics = [line for size in SIZES for line in await _statistics(peers, served, f"{url}/keycloak", size)]
    write_section("peers", [*_head(peers, missing), *_table(peers, measured), *statistics])
    drawing.write(Path("docs/images/peers.svg"), [_bars(work, peers, measured) for work in WORK])


async def _make_databases(url: str) -> None:
    connection = await asyncpg.connect(url)
    for name in ("autional", "keycloak", "hydra"):
        await connection.execute(f"create database {name}")
    await connection.close()


@asynccontextmanager
async def _ours(root: Path, url: str) -> AsyncIterator[tuple[Served, Peer]]:
    os.environ["AUTIONAL_MASTER_KEY"] = "A" * 43
    served = Served(root, database_url=url)
    served.autional("migrate")
    for tenant in ("small", "large"):
        served.autional("tenant", "create", tenant, "--name", tenant)
    served.start()
    try:
        operations = HotOperations(await prepared(served, "small"))
        loads = {
            "create": operations.create_for_new_users,
            "refresh": operations.refresh,
            "introspect": operations.introspect,
        }
        yield served, Peer("Autional", loads)
    finally:
        served.stop()


def _in_turn(peers: Sequence[Peer]) -> Measured:
    """Each work of each system in turn, after one round that does not count."""
    measured: Measured = {}
    for turn in range(ROUNDS + 1):
        for work in WORK:
            for callers in (8, 32) if turn else (8,):
                for peer in (peer for peer in peers if work in peer.operations):
                    print(f"round {turn}: {work}, {callers} callers, {peer.name}", flush=True)
                    found = peer.operations[work](callers, SECONDS)
                    if turn:
                        measured.setdefault((work, callers, peer.name), []).append(found)
    return measured


async def _statistics(peers: Sequence[Peer], served: Served, keycloak_url: str, sessions: int) -> list[str]:
    """One caller and eight, over as many sessions in our tenant `large` as in Keycloak's realm."""
    assert served.process is not None
    served.autional("load", "--tenant", "large", "--sessions", str(sessions))
    bearer = {"Authorization": f"Bearer {served.autional('token', 'mint', '--tenant', 'large', '--user', 'bench')}"}
    sent, pids = [request("GET", "/admin/sessions/stats", bearer)], [served.process.pid]
    others = [peer for peer in peers if "statistics" in peer.operations]
    if others:
        await keycloak.fill(keycloak_url, sessions)
    lines = []
    for callers in (1, 8):
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(load(served.address, sent, callers, SECONDS, pids))
            theirs += [peer.operations["statistics"](callers, 4 * SECONDS) for peer in others]
        goal = GOAL if sessions == SIZES[-1] else ""
        cells = f"{_cell(ours)} | {_cell(theirs)} | | {_faster(ours, theirs)}{goal}"
        lines.append(f"| statistics at {sessions:,} | {callers} | {cells} |")
    return lines


def _faster(ours: Sequence[Load], theirs: Sequence[Load]) -> str:
    if not theirs:
        return "not measured"
    medians = median(one.median_ms for one in theirs) / median(one.median_ms for one in ours)
    return f"**{_rate(ours) / _rate(theirs):,.0f}** in requests/s, **{medians:,.0f}** in the median"


def _head(peers: Sequence[Peer], missing: Sequence[str]) -> list[str]:
    return [
        "",
        f"`make bench-peers`, {datetime.now(UTC):%Y-%m-%d}: {', '.join(peer.name for peer in peers)}, one worker of"
        f" ours, on one PostgreSQL (fsync on), Python {platform.python_version()}, {os.cpu_count()} cores shared by"
        f" callers, services and database. {ROUNDS} rounds in turn after a warm-up.",
        "",
        "Each cell has requests a second and, in milliseconds, median and 99th percentile. A login of Keycloak is the"
        " password grant with one iteration of the hash, one of Hydra the client credentials grant.",
        "",
        *missing,
        "![Requests a second, in turn with the peers](images/peers.svg)",
        "",
    ]


def _table(peers: Sequence[Peer], measured: Measured) -> list[str]:
    names = [peer.name for peer in peers]
    lines = [
        f"| work | callers | {' | '.join(names)} | times as many (goal) |",
        f"| --- | --- |{' --- |' * (len(names) + 1)}",
    ]
    for work in WORK:
        for callers in (8, 32):
            found = [measured.get((work, callers, name), []) for name in names]
            ratios = [
                f"**{_rate(found[0]) / _rate(theirs):.1f}** ({goal}) of {name}"
                for name, theirs, goal in zip(names[1:], found[1:], GOALS[work], strict=False)
                if theirs
            ]
            lines.append(f"| {work} | {callers} | {' | '.join(map(_cell, found))} | {', '.join(ratios)} |")
    return lines


def _cell(found: Sequence[Load]) -> str:
    if not found:
        return "-"
    middle, worst = median(one.median_ms for one in found), median(one.p99_ms for one in found)
    return (
        f"{_rate(found):,.0f} ({middle:.1f} / {worst:.1f})"
        if _rate(found) >= 10
        else f"{_rate(found):.2f} ({middle:,.0f} / {worst:,.0f})"
    )


def _rate(found: Sequence[Load]) -> float:
    return median(one.rate for one in found)


def _bars(work: str, peers: Sequence[Peer], measured: Measured) -> tuple[str, list[tuple[str, float]]]:
    rates = [(peer.name, _rate(found)) for peer in peers if (found := measured.get((work, 32, peer.name)))]
    return f"{work}, 32 callers", rates


if __name__ == "__main__":
    asyncio.run(main())
