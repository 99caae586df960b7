"""A demo tenant as real ones look: devices by their real frequencies, working days, several countries and factors."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from random import Random
from typing import NamedTuple

from autional import sessions
from autional.db import Queries
from autional.jose import Issuer
from autional.sessions import Login

TENANT_ID = "demo"
_DAYS = 30
_USERS_PER_SESSION = 0.2
_USER_AGENTS = 400
_CONCURRENT = 10
_NETWORKS = ("81.2.69", "89.160.20", "175.16.199", "202.196.224", "216.160.83", "2.125.160")  # of several countries
_APPS = ("web", "mobile", "backoffice")
_FACTORS = (("pwd",), ("pwd", "otp"), ("pwd", "push"), ("hwk", "user"))
_FACTOR_WEIGHTS = (70, 20, 6, 4)
_HOUR_WEIGHTS = (1, 1, 1, 1, 2, 3, 6, 12, 20, 22, 20, 18, 16, 20, 20, 18, 15, 12, 9, 8, 7, 5, 3, 2)
_REVOKED = 0.12


class Visit(NamedTuple):
    """A login, when it happened and, if somebody ended it, when."""

    login: Login
    started_at: datetime
    ended_at: datetime | None


def visits(count: int, now: datetime, chance: Random) -> Iterator[Visit]:
    """That many visits over the last 30 days, never after `now`."""
    agents = _user_agents(chance)
    users = max(1, int(count * _USERS_PER_SESSION))
    for _ in range(count):
        started_at = _working_moment(now, chance)
        user = int(users * chance.random() ** 2)  # few people sign in often
        login = Login(
            user_id=f"usr_{user:06}",
            amr=chance.choices(_FACTORS, _FACTOR_WEIGHTS)[0],
            app_id=chance.choice(_APPS),
            user_agent=chance.choice(agents),
            ip=f"{_NETWORKS[user % len(_NETWORKS)]}.{user % 250 + 1}",
        )
        lasted = timedelta(minutes=chance.expovariate(1 / 240))
        ended = chance.random() < _REVOKED and started_at + lasted < now
        yield Visit(login, started_at, started_at + lasted if ended else None)


async def fill(
    queries: Queries, issuer: Issuer, count: int, now: datetime, done: Callable[[], None] = lambda: None
) -> None:
    """Make that many sessions in the demo tenant; `done` is called after each.

    Raises the Problem TENANT_NOT_FOUND.
    """
    waiting = visits(count, now, Random(20260415))  # noqa: S311 - a demo is the same each time

    async def worker() -> None:
        for visit in waiting:
            created = await sessions.create(queries, issuer, TENANT_ID, visit.login, visit.started_at)
            if visit.ended_at is not None:
                await sessions.end(queries, TENANT_ID, created.session.session_id, "logout", visit.ended_at)
            done()

    await asyncio.gather(*(worker() for _ in range(_CONCURRENT)))


def _user_agents(chance: Random) -> list[str]:
    """User agents of real browsers, each as often as it is seen in the wild (data of fake-useragent)."""
    lines = (files("fake_useragent") / "data" / "browsers.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return chance.choices([row["useragent"] for row in rows], [row["percent"] for row in rows], k=_USER_AGENTS)


def _working_moment(now: datetime, chance: Random) -> datetime:
    while True:
        day = now - timedelta(days=chance.randrange(_DAYS))
        hour = chance.choices(range(24), _HOUR_WEIGHTS)[0]
        moment = day.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60))
        rests = moment.weekday() >= 5 and chance.random() < 0.6
        if moment <= now and not rests:
            return moment
