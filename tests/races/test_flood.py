"""One tenant floods; another hardly notices. In `make test` by what is answered and held, in `make soak` by p99."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx
import pytest
from tests.conftest import People

from autional.postgres.database import Database
from autional.tenancy import tenants

SECONDS = float(os.environ.get("FLOOD_SECONDS", "1"))
MEASURED = SECONDS >= 10
FEWEST = 5
Call = Callable[[], Awaitable[httpx.Response]]


async def quiet_and_flooded(modest: Call, flood: list[Call]) -> tuple[list[float], list[float], list[int]]:
    """The seconds of calls without and beside a flood, and the statuses of those beside it."""

    async def timed(enough: Callable[[], bool]) -> tuple[list[float], list[int]]:
        took: list[float] = []
        statuses: list[int] = []
        until = time.monotonic() + SECONDS
        while time.monotonic() < until or len(took) < FEWEST or not enough():
            began = time.monotonic()
            statuses.append((await modest()).status_code)
            took.append(time.monotonic() - began)
            await asyncio.sleep(0.01)
        return took, statuses

    flooded: Counter[int] = Counter()

    over = asyncio.Event()

    async def again(call: Call) -> None:
        while not over.is_set():
            flooded[(await call()).status_code] += 1

    quiet, _ = await timed(lambda: True)
    flooding = [asyncio.create_task(again(call)) for call in flood]
    beside, statuses = await timed(lambda: flooded.total() > len(flood))  # it goes on all the while
    over.set()
    await asyncio.gather(*flooding)
    assert not [status for status in flooded if status >= 500 and status != 503], flooded
    return quiet, beside, statuses


def p99(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99)]


@pytest.mark.parametrize("kind", ["lists", "acts", "refreshes", "exports", "user statistics", "dates", "headers"])
async def test_a_tenant_that_floods_leaves_the_others_their_answers(
    http: httpx.AsyncClient, people: People, database: Database, kind: str
) -> None:
    await tenants.create_tenant(database, "modest", "Modest", None, key=b"t" * 32)
    greedy, modest = await people.api_key(role="admin"), await people.api_key("modest", role="admin")
    tokens = [
        (await http.post("/internal/session/create", headers=greedy, json={"auth_user_id": "u"})).json()["data"][
            "tokens"
        ]
        for _ in range(16)
    ]

    def asked(method: str, path: str, **sent: object) -> Call:
        return lambda: http.request(method, path, headers=greedy, **sent)  # type: ignore[arg-type]

    calls: dict[str, list[Call]] = {
        "lists": [asked("GET", "/admin/tokens"), asked("GET", "/admin/sessions?search=u")] * 8,
        "acts": [asked("PUT", "/admin/sessions/policy", json={"idle_timeout": "30m"})] * 16,
        "refreshes": [
            asked("POST", "/sessions/refresh", json={"refresh_token": one["refresh_token"]}) for one in tokens
        ],
        "exports": [asked("POST", "/admin/users/export", json={"user_id": "u"})] * 8,
        "user statistics": [asked("GET", "/admin/sessions/stats?user_id=u")] * 16,
        "dates": [asked("GET", "/admin/audit?from=0001-01-01T00:00:00%2B23:59")] * 16,
        "headers": [lambda: http.get("/healthz", headers={"X": "x" * 20_000})] * 16,
    }
    quiet, beside, statuses = await quiet_and_flooded(
        lambda: http.get("/admin/sessions/stats", headers=modest), calls[kind]
    )
    assert set(statuses) == {200}
    if MEASURED:
        assert p99(beside) <= 2 * p99(quiet) + 0.1, (kind, p99(quiet), p99(beside))


async def test_reads_of_a_tenant_whose_share_is_used_up_do_not_hold_up_batches(database: Database, tenant: str) -> None:
    leave = asyncio.Event()

    async def hold() -> None:
        async with database.share("hot", tenant).transaction():
            await leave.wait()

    holding = [asyncio.create_task(hold()) for _ in range(database.sizes["hot"])]
    await asyncio.sleep(0.1)
    try:
        async with asyncio.timeout(2):  # its share is held for as long as the test likes
            for _ in range(3):
                await database.share("hot", tenant).row("session_statistics", tenant, None)
    finally:
        leave.set()
        await asyncio.gather(*holding)


async def test_no_tenant_holds_more_than_half_of_the_connections(database: Database) -> None:
    """The same in what is held: exactly, and without a clock."""
    for work, size in database.sizes.items():
        inside, most, leave = 0, 0, asyncio.Event()

        async def hold(work: object = work, leave: asyncio.Event = leave) -> None:
            nonlocal inside, most
            async with database.share(work, "greedy").transaction():  # type: ignore[arg-type]
                inside += 1
                most = max(most, inside)
                await leave.wait()
                inside -= 1

        holding = [asyncio.create_task(hold()) for _ in range(size * 3)]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(2):
            await database.share(work, "modest").rows("one")
        assert most == max(1, size // 2) < size
        leave.set()
        await asyncio.gather(*holding)
