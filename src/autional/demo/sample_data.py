"""Sample sessions: realistic devices, working hours, countries and factors.

Pure functions except for the data of fake-useragent; the same `chance` gives the same sessions.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import NamedTuple

from autional.core.formats import IpAddress, UserAgent
from autional.risk.scoring import Fact, Location
from autional.sessions.model import Actor, Login

_HOURS = 30 * 24
_USERS_PER_SESSION = 0.25
_USER_AGENTS = 400
_PLACES = {
    "81.2.69": Location("GB", "London", 51.51, -0.09),
    "89.160.20": Location("SE", "Linköping", 58.42, 15.62),
    "175.16.199": Location("CN", "Changchun", 43.88, 125.32),
    "202.196.224": Location("PH", "Manila", 14.6, 120.98),
    "216.160.83": Location("US", "Milton", 47.25, -122.31),
    "2.125.160": Location("GB", "Boxford", 51.75, -1.25),
}
_NETWORKS = tuple(_PLACES)
_FROM_ELSEWHERE: set[Fact] = {"unusual_location", "impossible_travel"}
_AGENTS = ("assistant", "inbox-agent", "planner")
_EVERY_BY_AGENT = 31
_APPS = ("web", "mobile", "backoffice")
_FACTORS = (("pwd",), ("pwd", "otp"), ("pwd", "push"), ("hwk", "user"))
_FACTOR_WEIGHTS = (60, 88, 96, 100)  # cumulative
_USUAL_ADDRESSES = 750
_HOUR_WEIGHTS = (1, 1, 1, 1, 2, 3, 6, 12, 20, 22, 20, 18, 16, 20, 20, 18, 15, 12, 9, 8, 7, 5, 3, 2)
_WEEKEND = 0.4
_REASONS = ("logout", "logout", "logout", "password_reset", "administrator")
_REVOKED = 0.12
_FACTS: dict[Fact, float] = {
    "new_device": 0.06,
    "unusual_location": 0.015,
    "impossible_travel": 0.004,
    "new_network": 0.08,
    "unusual_hour": 0.02,
}


class SampleSession(NamedTuple):
    """A login, the activity after it, and when and why it was revoked, if it was."""

    login: Login
    started_at: datetime
    last_active_at: datetime
    ended_at: datetime | None
    reason: str | None
    facts: Mapping[Fact, float]

    @property
    def location(self) -> Location:
        """Where the login came from."""
        return _PLACES[str(self.login.ip).rpartition(".")[0]]


def sample_sessions(count: int, now: datetime, chance: Random) -> Iterator[SampleSession]:
    """Sample sessions of the last 30 days, oldest first, none after `now`."""
    users = max(1, int(count * _USERS_PER_SESSION))
    for moment in _moments(count, now, chance):
        yield sample_session(moment, now, users, chance)


def sample_session(started_at: datetime, now: datetime, users: int, chance: Random) -> SampleSession:
    """A sample session of one of so many users; few of them sign in often."""
    user = int(users * (chance.random() if chance.random() < 0.7 else chance.random() ** 4))
    facts: dict[Fact, float] = {fact: 1.0 for fact, frequency in _FACTS.items() if chance.random() < frequency}
    elsewhere = int(bool(facts.keys() & _FROM_ELSEWHERE))
    second = int(started_at.timestamp())
    agent = _AGENTS[second % len(_AGENTS)] if second % _EVERY_BY_AGENT == 0 else None
    login = Login(
        user_id=f"usr_{user:06}",
        act=Actor(agent) if agent else None,
        amr=list(chance.choices(_FACTORS, cum_weights=_FACTOR_WEIGHTS)[0]),
        app_id=chance.choice(_APPS),
        user_agent=chance.choice(_user_agents()),
        ip=_addresses()[(user + elsewhere) % _USUAL_ADDRESSES],
    )
    last_active_at = min(now, started_at + timedelta(minutes=chance.expovariate(1 / 40)))
    if chance.random() < _REVOKED and last_active_at < now:
        return SampleSession(login, started_at, last_active_at, last_active_at, chance.choice(_REASONS), facts)
    return SampleSession(login, started_at, last_active_at, None, None, facts)


def _moments(count: int, now: datetime, chance: Random) -> Iterator[datetime]:
    last = now.replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=back) for back in range(_HOURS, -1, -1)]
    weights = [_HOUR_WEIGHTS[hour.hour] * (_WEEKEND if hour.weekday() >= 5 else 1) for hour in hours]
    given, weighed, whole = 0, 0.0, sum(weights)
    for hour, weight in zip(hours, weights, strict=True):
        weighed += weight
        count_now = round(count * weighed / whole) - given
        seconds = min(3600.0, (now - hour).total_seconds())
        yield from (hour + timedelta(seconds=at) for at in sorted(chance.uniform(0, seconds) for _ in range(count_now)))
        given += count_now


@cache
def _addresses() -> list[IpAddress]:
    return [IpAddress(f"{_NETWORKS[user % len(_NETWORKS)]}.{user % 250 + 1}") for user in range(_USUAL_ADDRESSES)]


@cache
def _user_agents() -> list[UserAgent]:
    """User agents of real browsers, as often as they occur in the wild."""
    lines = (files("fake_useragent") / "data" / "browsers.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    chance = Random(20260415)  # noqa: S311 - only which browsers a demo shows
    often = chance.choices([row["useragent"] for row in rows], [row["percent"] for row in rows], k=_USER_AGENTS)
    return [UserAgent(text) for text in often]
