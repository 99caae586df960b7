"""Clients that do at random whatever can be done to sessions, at random moments, all at once."""

import random
from contextlib import suppress
from datetime import datetime, timedelta
from typing import get_args

from autional.core.authority import operator_authority, whole_tenant
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.risk.device import DeviceType
from autional.sessions.creation import create_session
from autional.sessions.lifecycle import revoke_session, revoke_sessions, touch_session
from autional.sessions.model import Login
from autional.sessions.sign_out import sign_out_user
from autional.tokens.jwt import Issuer

USERS = 50
HOURS = 3


class Crowd:
    """Sessions of a few tenants under random change; every moment lies within three hours of `start`."""

    def __init__(self, database: Database, issuer: Issuer, owners: tuple[str, ...], start: datetime) -> None:
        self.database = database
        self.issuer = issuer
        self.owners = owners
        self.start = start
        self.made: list[tuple[str, str]] = []

    async def client(self, seed: int, operations: int) -> None:
        chance = random.Random(seed)
        steps = (self.create, self.end, self.touch, self.end_many, self.end_user, self.sweep, self.purge)
        for step in chance.choices(steps, (50, 20, 20, 4, 3, 2, 1), k=operations):
            moment = self.start + timedelta(seconds=chance.uniform(0, HOURS * 3600))
            with suppress(Problem):
                await step(chance, moment)

    async def create(self, chance: random.Random, moment: datetime) -> None:
        login = Login(
            f"usr_{chance.randrange(USERS)}",
            amr=chance.choice([["pwd"], ["pwd", "otp"], ["hwk", "pin"]]),
            device_type=chance.choice(get_args(DeviceType)),
        )
        owner = chance.choice(self.owners)
        created = await create_session(self.database, self.issuer, operator_authority(owner), login, moment)
        self.made.append((owner, created.session.session_id))

    async def end(self, chance: random.Random, moment: datetime) -> None:
        if self.made:
            owner, name = chance.choice(self.made)
            await revoke_session(self.database, whole_tenant(owner), name, "random", moment)

    async def touch(self, chance: random.Random, moment: datetime) -> None:
        if self.made:
            owner, name = chance.choice(self.made)
            await touch_session(self.database, operator_authority(owner), whole_tenant(owner), name, moment)

    async def end_many(self, chance: random.Random, moment: datetime) -> None:
        names = [name for _, name in self.made[-9:]]
        await revoke_sessions(self.database, chance.choice(self.owners), names, "random", moment)

    async def end_user(self, chance: random.Random, moment: datetime) -> None:
        user_id = f"usr_{chance.randrange(USERS)}"
        await sign_out_user(self.database, chance.choice(self.owners), user_id, "random", moment)

    async def sweep(self, chance: random.Random, moment: datetime) -> None:
        await self.database.row("sweep_expired", chance.choice(self.owners), moment - timedelta(minutes=90), 20)

    async def purge(self, chance: random.Random, moment: datetime) -> None:
        await self.database.row(
            "purge_ended",
            chance.choice(self.owners),
            chance.choice(("expired", "revoked")),
            moment,
            chance.randrange(1, 5),
        )
