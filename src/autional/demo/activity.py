"""The demo tenant, and simulated users who keep signing in and out."""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import datetime
from random import Random

from autional.core.authority import operator_authority, whole_tenant
from autional.core.errors import DatabaseUnavailableError
from autional.core.problems import Problem
from autional.demo.sample_data import sample_session
from autional.postgres.queries import database_time
from autional.runtime.service import Service
from autional.sessions.creation import create_session
from autional.sessions.lifecycle import revoke_session, touch_session

TENANT_ID = "demo"
_PAUSE_SECONDS = 0.5
_REMEMBERED = 200


class SimulatedUsers:
    """Users who sign in, stay and sign out, through the functions that serve everybody."""

    def __init__(self, opened: Service, users: int) -> None:
        self._opened = opened
        self._users = users
        self._chance = Random()  # noqa: S311 - invented people need no secrets
        self._present: deque[str] = deque(maxlen=_REMEMBERED)

    async def step(self) -> None:
        """Let one of them do something, after a while."""
        await asyncio.sleep(self._chance.expovariate(1 / _PAUSE_SECONDS))
        with suppress(DatabaseUnavailableError, Problem):
            now = await database_time(self._opened.database, None)
            await _step(self._opened, self._users, self._present, self._chance, now)


async def _step(opened: Service, users: int, present: deque[str], chance: Random, now: datetime) -> None:
    dice = chance.random()
    if not present or dice < 0.6:
        sample = sample_session(now, now, users, chance)
        created = await create_session(
            opened.database,
            opened.issuer,
            operator_authority(TENANT_ID),
            sample.login,
            None,
            location=sample.location,
        )
        present.append(created.session.session_id)
    elif dice < 0.8:
        await touch_session(
            opened.database, operator_authority(TENANT_ID), whole_tenant(TENANT_ID), chance.choice(present), None
        )
    else:
        await revoke_session(opened.database, whole_tenant(TENANT_ID), chance.choice(present), "logout", None)
