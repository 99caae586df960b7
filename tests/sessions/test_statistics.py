import asyncio
import os
from datetime import datetime, timedelta

import pytest
from tests.crowd import Crowd

from autional.core import problems
from autional.core.authority import operator_authority, whole_tenant
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.sessions import statistics
from autional.sessions.creation import create_session
from autional.sessions.lifecycle import revoke_session
from autional.sessions.model import Login
from autional.sessions.statistics import Statistics
from autional.tenancy import tenants
from autional.tokens.jwt import Issuer

OPERATIONS = int(os.environ.get("RANDOM_OPERATIONS", "2000"))
CLIENTS = 16
MICROSECOND = timedelta(microseconds=1)


async def test_a_tenant_without_sessions_has_zeros(database: Database, tenant: str, now: datetime) -> None:
    assert await statistics.read(database, tenant, now) == Statistics(0, 0, 0, {}, now)


async def test_an_unknown_tenant_has_no_statistics(database: Database, now: datetime) -> None:
    for user_id in (None, "usr_1"):
        with pytest.raises(Problem) as raised:
            await statistics.read(database, "nobody", now, user_id)
        assert raised.value.kind is problems.TENANT_NOT_FOUND


async def test_a_session_expires_in_the_statistics_at_its_very_deadline(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    created = await create_session(
        database, issuer, operator_authority(tenant), Login("usr_1", amr=["pwd", "otp"]), now
    )
    deadline = created.session.idle_expires_at
    for user_id in (None, "usr_1"):
        before = await statistics.read(database, tenant, deadline - MICROSECOND, user_id)
        after = await statistics.read(database, tenant, deadline, user_id)
        assert (before.active, before.expired, before.total) == (1, 0, 1)
        assert (after.active, after.expired, after.total) == (0, 1, 1)


async def test_an_overdue_session_that_is_revoked_stays_expired(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    created = await create_session(
        database, issuer, operator_authority(tenant), Login("usr_1", amr=["pwd", "otp"]), now
    )
    deadline = created.session.idle_expires_at
    await revoke_session(database, whole_tenant(tenant), created.session.session_id, "late", deadline)
    assert (await statistics.read(database, tenant, deadline))[:3] == (0, 1, 0)


async def test_a_revoked_session_is_revoked_once_and_for_ever(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    created = await create_session(database, issuer, operator_authority(tenant), Login("usr_1"), now)
    await asyncio.gather(
        *(
            revoke_session(database, whole_tenant(tenant), created.session.session_id, "again", now + MICROSECOND)
            for _ in range(8)
        )
    )
    assert (await statistics.read(database, tenant, now + timedelta(days=365)))[:3] == (0, 0, 1)


async def test_one_user_is_counted_alone_and_tenants_apart(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    await tenants.create_tenant(database, "other", "Other", now, key=b"t" * 32)
    for owner, user_id in ((tenant, "usr_1"), (tenant, "usr_2"), ("other", "usr_1")):
        await create_session(database, issuer, operator_authority(owner), Login(user_id, device_type="mobile"), now)
    assert await statistics.read(database, tenant, now, "usr_1") == Statistics(1, 0, 0, {"mobile": 1}, now)
    assert await statistics.read(database, tenant, now, "nobody") == Statistics(0, 0, 0, {}, now)
    assert await statistics.read(database, tenant, now) == Statistics(2, 0, 0, {"mobile": 2}, now)


async def test_random_concurrent_operations_count_as_brute_force_does(
    database: Database, issuer: Issuer, now: datetime
) -> None:
    owners = ("one", "two", "three")
    for owner in owners:
        await tenants.create_tenant(database, owner, owner, now, key=b"t" * 32)
    crowd = Crowd(database, issuer, owners, now)
    await asyncio.gather(*(crowd.client(number, OPERATIONS // CLIENTS) for number in range(CLIENTS)))
    for owner in owners:
        for minutes in range(0, 25 * 60, 7):
            moment = now + timedelta(minutes=minutes)
            assert await statistics.read(database, owner, moment) == await statistics.recount(database, owner, moment)
