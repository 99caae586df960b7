"""Sessions against a model in plain Python: after any steps, at any instant, the statistics are the model's."""

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.conftest import database_at

from autional.core.authority import operator_authority, whole_tenant
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.risk.device import DeviceType
from autional.runtime import maintenance
from autional.sessions import statistics
from autional.sessions.creation import create_session
from autional.sessions.expiry import purge_expired_sessions
from autional.sessions.lifecycle import revoke_session, revoke_sessions, touch_session
from autional.sessions.model import Login
from autional.sessions.policy import DEFAULT_TIMEOUTS, Timeouts
from autional.sessions.sign_out import sign_out_user
from autional.sessions.statistics import Statistics
from autional.tenancy import tenants
from autional.tokens.jwt import Issuer

Answer = TypeVar("Answer")
AMR = {1: ["pwd"], 2: ["pwd", "otp"], 3: ["hwk", "pin"]}
_numbers = itertools.count()


@dataclass
class Model:
    """What a session is in the model."""

    session_id: str
    user_id: str
    device_type: str
    limits: Timeouts
    expires_at: datetime
    idle_expires_at: datetime
    revoked: bool = False

    def status(self, now: datetime) -> str:
        return "revoked" if self.revoked else "active" if now < self.idle_expires_at else "expired"


class Sessions(RuleBasedStateMachine):
    """Steps in one tenant, which every other time is split; time only goes forward."""

    database: Database
    issuer: Issuer
    loop: asyncio.Runner
    start: datetime

    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        number = next(_numbers)
        self.tenant = f"t{number}"
        self.now = self.start
        self.model: dict[str, Model] = {}
        self.purged = 0
        buckets = 4 if number % 2 else None
        self.run(tenants.create_tenant(self.database, self.tenant, "T", self.now, key=b"t" * 32, buckets=buckets))
        if buckets:
            self.database.buckets.renew(self.run(tenants.split_tenants(self.database)))
            self.run(tenants.enable_tenant(self.database, self.tenant))

    def run(self, work: Awaitable[Answer]) -> Answer:
        async def awaited() -> Answer:
            return await work

        return self.loop.run(awaited())

    @rule(
        target=made,
        user=st.sampled_from("abc"),
        aal=st.sampled_from([1, 2, 3]),
        device_type=st.sampled_from(get_args(DeviceType)),
    )
    def create(self, user: str, aal: int, device_type: DeviceType) -> str:
        login = Login(user, amr=AMR[aal], device_type=device_type)
        made = self.run(
            create_session(self.database, self.issuer, operator_authority(self.tenant), login, self.now)
        ).session
        limits = DEFAULT_TIMEOUTS[aal]
        expires_at = self.now + limits.absolute
        idle = min(expires_at, self.now + (limits.idle or limits.absolute))
        assert (made.expires_at, made.idle_expires_at) == (expires_at, idle)
        self.model[made.session_id] = Model(made.session_id, user, device_type, limits, expires_at, idle)
        return made.session_id

    @rule(minutes=st.sampled_from([0, 1, 14, 15, 16, 59, 60, 61, 12 * 60, 24 * 60, 30 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(session_id=made)
    def touch(self, session_id: str) -> None:
        session = self.model.get(session_id)
        goes_on = session is not None and session.status(self.now) == "active"
        assert (
            self.succeeds(
                touch_session(
                    self.database, operator_authority(self.tenant), whole_tenant(self.tenant), session_id, self.now
                )
            )
            is goes_on
        )
        if session is not None and goes_on and session.limits.idle is not None:
            session.idle_expires_at = min(session.expires_at, self.now + session.limits.idle)

    @rule(session_id=made)
    def end(self, session_id: str) -> None:
        known = session_id in self.model
        assert (
            self.succeeds(revoke_session(self.database, whole_tenant(self.tenant), session_id, "why", self.now))
            is known
        )
        self.end_in_model([session_id])

    @rule(ids=st.lists(made, max_size=5))
    def end_named(self, ids: list[str]) -> None:
        known = self.run(revoke_sessions(self.database, self.tenant, ids, "why", self.now))
        assert known == {name for name in ids if name in self.model}
        self.end_in_model(ids)

    @rule(user=st.sampled_from("abc"))
    def end_of_user(self, user: str) -> None:
        ids = [name for name, session in self.model.items() if session.user_id == user]
        active = sum(self.model[name].status(self.now) == "active" for name in ids)
        assert self.run(sign_out_user(self.database, self.tenant, user, "why", self.now)) == active
        self.end_in_model(ids)

    @rule()
    def sweep(self) -> None:
        self.run(maintenance.mark_overdue_sessions(self.database, self.now))

    @rule()
    def purge(self) -> None:
        gone = [name for name, session in self.model.items() if session.status(self.now) == "expired"]
        assert self.run(purge_expired_sessions(self.database, self.tenant, self.now)) == len(gone)
        for name in gone:
            del self.model[name]

    @invariant()
    def numbers_are_those_of_the_model(self) -> None:
        for user in (None, "a"):
            chosen = [session for session in self.model.values() if user in {None, session.user_id}]
            states = Counter(session.status(self.now) for session in chosen)
            expected = Statistics(
                states["active"],
                states["expired"],
                states["revoked"],
                dict(Counter(session.device_type for session in chosen)),
                self.now,
            )
            assert self.run(statistics.read(self.database, self.tenant, self.now, user)) == expected

    def end_in_model(self, ids: list[str]) -> None:
        for session in (self.model[name] for name in ids if name in self.model):
            session.revoked = session.revoked or session.status(self.now) == "active"

    def succeeds(self, work: Awaitable[object]) -> bool:
        try:
            self.run(work)
        except Problem:
            return False
        return True


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_any_series_of_steps_counts_as_the_model_does(
    url: str, issuer: Issuer, now: datetime, runner: asyncio.Runner
) -> None:
    database = database_at(url, connections=1)
    Sessions.database, Sessions.issuer, Sessions.loop, Sessions.start = database, issuer, runner, now
    examples = int(os.environ.get("STATE_MACHINE_EXAMPLES", "40"))
    checks = settings(
        max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Sessions, settings=checks)
    runner.run(database.close())
