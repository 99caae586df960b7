import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from asyncpg import Record
from tests.conftest import not_on_citus

from autional.core.authority import operator_authority
from autional.core.problems import Problem
from autional.postgres import batching, prepared
from autional.postgres.batching import Batcher
from autional.postgres.database import Database
from autional.sessions import model, statistics
from autional.sessions.creation import create_session
from autional.sessions.model import Login
from autional.tenancy import tenants
from autional.tokens.jwt import Issuer


async def test_calls_at_once_get_each_its_own_row(database: Database, issuer: Issuer, now: datetime) -> None:
    for number in range(20):
        await tenants.create_tenant(database, f"t{number}", "T", now, key=b"t" * 32)
        for _ in range(number):
            login = Login("u", amr=["pwd", "otp"], device_type="tv")
            await create_session(database, issuer, operator_authority(f"t{number}"), login, now)
    moments = [now + timedelta(minutes=59), now + timedelta(minutes=60)]
    calls = [(f"t{number}", moment) for number in range(20) for moment in moments] * 5
    read = await asyncio.gather(*(statistics.read(database, *call) for call in calls))
    for (tenant_id, moment), found in zip(calls, read, strict=True):
        size = int(tenant_id[1:])
        expected = (size, 0) if moment == moments[0] else (0, size)
        assert (found.active, found.expired) == expected
        assert found.device_breakdown == ({"tv": size} if size else {})


async def test_an_unknown_tenant_fails_alone(database: Database, tenant: str, now: datetime) -> None:
    answers = await asyncio.gather(
        *(statistics.read(database, name, now) for name in [tenant, "nobody"] * 10), return_exceptions=True
    )
    assert [isinstance(answer, Problem) for answer in answers] == [False, True] * 10


async def test_an_argument_that_fails_the_group_fails_its_caller_only(
    database: Database, tenant: str, now: datetime
) -> None:
    names = [tenant, "a\0b"] * 10
    answers = await asyncio.gather(*(statistics.read(database, name, now) for name in names), return_exceptions=True)
    assert [isinstance(answer, Exception) for answer in answers] == [False, True] * 10


async def test_a_caller_that_goes_away_leaves_the_others_alone(database: Database, tenant: str, now: datetime) -> None:
    calls = [asyncio.create_task(statistics.read(database, tenant, now)) for _ in range(200)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[::2])
    assert not any(isinstance(answer, BaseException) for answer in answers[1::2])


async def test_no_more_than_two_are_under_way_and_none_is_larger_than_sixty_four() -> None:
    sizes: list[int] = []
    under_way: list[int] = [0, 0]

    async def together(calls: object) -> list[None]:
        assert isinstance(calls, list)
        sizes.append(len(calls))
        under_way[0] += 1
        under_way[1] = max(under_way)
        await asyncio.sleep(0.01)
        under_way[0] -= 1
        return [None] * len(calls)

    async def alone(_: tuple[object, ...]) -> None:
        await asyncio.sleep(0.01)

    group = Batcher(together, alone, LookupError)  # type: ignore[arg-type]
    await asyncio.gather(*(group.call((number,)) for number in range(300)))
    assert max(sizes) <= batching.LARGEST_BATCH
    assert under_way[1] <= batching.MOST_BATCHES


def test_the_parameters_of_the_second_of_a_pair_follow_those_of_the_first() -> None:
    paired = prepared.paired_text("select $1 + $10, '$'", "select $2", [["turn"], ["turn"]], 10)
    assert "select $1 + $10, '$'" in paired
    assert "select $12" in paired


async def test_writes_at_once_take_effect_each_for_itself(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    names = [tenant, "nobody", "a\0b"] * 10
    made = await asyncio.gather(
        *(
            create_session(database, issuer, operator_authority(name), Login(f"u{n}"), now)
            for n, name in enumerate(names)
        ),
        return_exceptions=True,
    )
    kinds = ["made" if isinstance(one, model.Created) else type(one).__name__ for one in made]
    assert [kind == "made" for kind in kinds] == [True, False, False] * 10
    assert kinds[1::3] == ["Problem"] * 10
    assert {one.session.user_id for one in made[::3] if isinstance(one, model.Created)} == {
        f"u{n}" for n in range(0, 30, 3)
    }
    assert (await statistics.read(database, tenant, now)).active == 10


async def test_a_lost_connection_repeats_nothing() -> None:
    alone = 0

    async def together(_: object) -> list[Record | None]:
        raise LookupError

    async def one(_: object) -> None:
        nonlocal alone
        alone += 1

    group = Batcher(together, one, LookupError)
    answers = await asyncio.gather(*(group.call((n,)) for n in range(9)), return_exceptions=True)
    lost = sum(isinstance(answer, LookupError) for answer in answers)
    assert (alone, lost) == (0, 9)


@not_on_citus
async def test_writes_at_once_share_statements_for_each_tenant(
    database: Database, issuer: Issuer, tenant: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[tuple[int, int]] = []
    each = prepared.PreparedConnection.rows

    async def rows(self: Any, query: str, *arguments: Any) -> Any:
        found = await each(self, query, *arguments)
        if query == "create_sessions":
            batches.append((len(arguments[1]), len(found)))
        return found

    monkeypatch.setattr(prepared.PreparedConnection, "rows", rows)
    await tenants.create_tenant(database, "other", "O", now, key=b"t" * 32)
    logins = [
        create_session(database, issuer, operator_authority(name), Login(f"u{number % 7}"), now)
        for number in range(40)
        for name in (tenant, "other")
    ]
    made = await asyncio.gather(*logins)
    assert len({one.session.session_id for one in made}) == 80
    assert max(size for size, _ in batches) > 5
    assert all(size == answered for size, answered in batches)
    assert (await statistics.read(database, tenant, now)).active == 40
    assert database._batchers._by_tenant == {}  # nothing is kept of tenants that are idle


@not_on_citus
async def test_a_login_whose_gate_is_shut_waits_alone(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    async with database.transaction() as holding:
        await holding.composed("select take_gate(user_gate($1, 'held'), true)", tenant)
        waiting = asyncio.create_task(create_session(database, issuer, operator_authority(tenant), Login("held"), now))
        others = (create_session(database, issuer, operator_authority(tenant), Login(f"u{n}"), now) for n in range(9))
        await asyncio.gather(*others)
        assert not waiting.done()
    assert (await waiting).session.user_id == "held"
