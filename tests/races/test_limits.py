"""Many logins of one user at once: never more sessions than the tenant allows."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from autional.core import problems
from autional.core.authority import operator_authority, whole_tenant
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.sessions import limits as session_limits
from autional.sessions import statistics
from autional.sessions.creation import create_session
from autional.sessions.lifecycle import revoke_session, touch_session
from autional.sessions.limits import SessionLimits, put_limits
from autional.sessions.listing import find_session
from autional.sessions.model import Created, IdempotentRequest, Login
from autional.tokens.jwt import Issuer

AT_ONCE = 50
SECOND = timedelta(seconds=1)


async def crowd(
    nodes: tuple[Database, Database], issuer: Issuer, tenant: str, now: datetime, **login: Any
) -> list[Created | BaseException]:
    logins = (
        create_session(
            nodes[n % 2], issuer, operator_authority(tenant), Login("usr_1", **login), now + n * SECOND / 100
        )
        for n in range(AT_ONCE)
    )
    return await asyncio.gather(*logins, return_exceptions=True)


@pytest.mark.parametrize("overflow", ["end_oldest", "end_least_recently_active"])
async def test_fifty_logins_at_once_leave_three(
    nodes: tuple[Database, Database], issuer: Issuer, tenant: str, now: datetime, overflow: session_limits.Overflow
) -> None:
    await put_limits(nodes[0], tenant, SessionLimits(3, on_overflow=overflow))
    made = await crowd(nodes, issuer, tenant, now)
    assert all(isinstance(one, Created) for one in made)
    read = await statistics.read(nodes[1], tenant, now + SECOND)
    assert (read.active, read.revoked) == (3, AT_ONCE - 3)


async def test_fifty_logins_at_once_are_refused_but_three(
    nodes: tuple[Database, Database], issuer: Issuer, tenant: str, now: datetime
) -> None:
    await put_limits(nodes[0], tenant, SessionLimits(3, on_overflow="refuse"))
    made = await crowd(nodes, issuer, tenant, now)
    refused = [one for one in made if isinstance(one, Problem)]
    assert {problem.kind for problem in refused} == {problems.TOO_MANY_SESSIONS}
    assert len(refused) == AT_ONCE - 3
    read = await statistics.read(nodes[1], tenant, now + SECOND)
    assert (read.active, read.total) == (3, 3)


async def test_roles_and_device_types_have_their_own_limits(
    nodes: tuple[Database, Database], issuer: Issuer, tenant: str, now: datetime
) -> None:
    await put_limits(nodes[0], tenant, SessionLimits(20, {"admin": 2}, {"mobile": 4}))
    await crowd(nodes, issuer, tenant, now, device_type="mobile")
    assert (await statistics.read(nodes[0], tenant, now + SECOND)).active == 4
    await crowd(nodes, issuer, tenant, now + SECOND, device_type="desktop")
    assert (await statistics.read(nodes[0], tenant, now + 2 * SECOND)).active == 20
    await crowd(nodes, issuer, tenant, now + 2 * SECOND, device_type="desktop", role="admin")
    assert (await statistics.read(nodes[0], tenant, now + 3 * SECOND)).active == 2


async def test_the_least_recently_active_goes_first(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    await put_limits(database, tenant, SessionLimits(2, on_overflow="end_least_recently_active"))
    one, two = [
        (
            await create_session(database, issuer, operator_authority(tenant), Login("u"), now + n * SECOND)
        ).session.session_id
        for n in range(2)
    ]
    await touch_session(database, operator_authority(tenant), whole_tenant(tenant), one, now + 5 * SECOND)
    await create_session(database, issuer, operator_authority(tenant), Login("u"), now + 6 * SECOND)
    found = {name: await find_session(database, whole_tenant(tenant), name, now + 7 * SECOND) for name in (one, two)}
    assert [found[name].status for name in (one, two)] == ["active", "revoked"]
    assert found[two].revoke_reason == "session_limit"


async def test_sessions_that_are_over_take_no_room(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    await put_limits(database, tenant, SessionLimits(1, on_overflow="refuse"))
    await create_session(database, issuer, operator_authority(tenant), Login("u", amr=["pwd", "otp"]), now)
    with pytest.raises(Problem):
        await create_session(database, issuer, operator_authority(tenant), Login("u"), now + 59 * 60 * SECOND)
    await create_session(database, issuer, operator_authority(tenant), Login("u"), now + 60 * 60 * SECOND)
    await create_session(database, issuer, operator_authority(tenant), Login("other"), now)


async def test_a_retry_takes_no_second_room_and_a_refusal_is_not_remembered(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    await put_limits(database, tenant, SessionLimits(1, on_overflow="refuse"))
    retry, other = IdempotentRequest("one", b"r"), IdempotentRequest("two", b"r")
    made = await create_session(database, issuer, operator_authority(tenant), Login("u"), now, retry)
    again = await create_session(database, issuer, operator_authority(tenant), Login("u"), now + SECOND, retry)
    assert made.session.session_id == again.session.session_id
    with pytest.raises(Problem):
        await create_session(database, issuer, operator_authority(tenant), Login("u"), now + SECOND, other)
    await revoke_session(database, whole_tenant(tenant), made.session.session_id, "logout", now + 2 * SECOND)
    assert (
        await create_session(database, issuer, operator_authority(tenant), Login("u"), now + 3 * SECOND, other)
    ).session
