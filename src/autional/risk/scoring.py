"""Risk scores: facts about a login, weighed and explained factor by factor. Pure functions.

Distances are in kilometres, speeds in kilometres per hour, scores and weights from 0 to 100.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import Literal, NamedTuple, get_args

Fact = Literal[
    "new_device",
    "unusual_location",
    "impossible_travel",
    "new_network",
    "user_agent_changed",
    "many_revocations",
    "unusual_hour",
    "token_reuse",
    "bot_user_agent",
    "concurrency",
]
Level = Literal["low", "medium", "high"]
Recommendation = Literal["allow", "step_up", "revoke"]

FACTS: tuple[Fact, ...] = get_args(Fact)
DEFAULT_WEIGHTS: dict[Fact, int] = {
    "new_device": 15,
    "unusual_location": 30,
    "impossible_travel": 50,
    "new_network": 10,
    "user_agent_changed": 40,
    "many_revocations": 20,
    "unusual_hour": 10,
    "token_reuse": 70,
    "bot_user_agent": 40,
    "concurrency": 15,
}
HIGHEST = 100
MEDIUM, HIGH = 40, 70
"""Where the levels begin."""
_ACTIONS: dict[Level, Recommendation] = {"low": "allow", "medium": "step_up", "high": "revoke"}

_EARTH_RADIUS = 6371.0
_FASTEST = 1000.0
_NEAR = 100.0
_HABIT = 10
_HOURS_AROUND = 2
_FEW_REVOCATIONS = 5
_SESSIONS_AT_ONCE = (5, 15)


class Location(NamedTuple):
    """Where an address is, as far as it is known: ISO 3166 country, city in English, degrees."""

    country: str | None
    city: str | None
    latitude: float | None
    longitude: float | None


UNKNOWN_LOCATION = Location(None, None, None, None)


class History(NamedTuple):
    """What is known of a user's latest sessions at the time of a login."""

    sessions: int
    device_known: bool
    country_known: bool
    countries: int
    network_known: bool
    networks: int
    active_sessions: int
    revoked_lately: int
    token_reused: bool
    hours: Sequence[int]
    last_latitude: float | None
    last_longitude: float | None
    last_placed_at: datetime | None


class Factor(NamedTuple):
    """A fact that adds to the score: by how much, and by how much at most."""

    fact: Fact
    score: int
    weight: int


class Assessment(NamedTuple):
    """A score and what it consists of; the values of `facts` are strengths above 0 and up to 1."""

    score: int
    level: Level
    action: Recommendation
    factors: Sequence[Factor]
    facts: Mapping[Fact, float]


def login_facts(history: History, location: Location, device_type: str, now: datetime) -> dict[Fact, float]:
    """The facts about a login. Nothing is new for a user without a history."""
    found: dict[Fact, float] = {
        "new_device": history.sessions > 0 and not history.device_known,
        "unusual_location": bool(location.country and history.countries and not history.country_known),
        "impossible_travel": _travelled_too_fast(history, location, now),
        "new_network": history.networks > 0 and not history.network_known,
        "many_revocations": min(1.0, history.revoked_lately / _FEW_REVOCATIONS),
        "unusual_hour": _is_unusual_hour(history.hours, now.hour),
        "token_reuse": history.token_reused,
        "bot_user_agent": device_type == "bot",
        "concurrency": _crowd(history.active_sessions),
    }
    return {fact: round(float(strength), 2) for fact, strength in found.items() if strength}


def assess(facts: Mapping[Fact, float], weights: Mapping[Fact, int]) -> Assessment:
    """Weigh the facts; facts without a given weight have their default weight."""
    factors = []
    for fact in FACTS:
        weight = weights.get(fact, DEFAULT_WEIGHTS[fact])
        score = round(weight * facts.get(fact, 0.0))
        if score:
            factors.append(Factor(fact, score, weight))
    total = min(HIGHEST, sum(factor.score for factor in factors))
    level = level_of(total)
    return Assessment(total, level, _ACTIONS[level], factors, facts)


def level_of(score: int) -> Level:
    """The level of a score."""
    return "high" if score >= HIGH else "medium" if score >= MEDIUM else "low"


def distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance in kilometres between two points in degrees (haversine)."""
    north, other_north = radians(latitude), radians(other_latitude)
    half_north = sin((other_north - north) / 2) ** 2
    half_east = sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * _EARTH_RADIUS * asin(sqrt(min(1.0, half_north + cos(north) * cos(other_north) * half_east)))


def _travelled_too_fast(history: History, location: Location, now: datetime) -> bool:
    if location.latitude is None or location.longitude is None:
        return False
    if history.last_latitude is None or history.last_longitude is None or history.last_placed_at is None:
        return False
    far = distance(history.last_latitude, history.last_longitude, location.latitude, location.longitude)
    hours = max(0.0, (now - history.last_placed_at).total_seconds() / 3600)
    return far > _NEAR and far > _FASTEST * hours


def _is_unusual_hour(hours: Sequence[int], hour: int) -> bool:
    apart = [min((hour - other) % 24, (other - hour) % 24) for other in hours]
    return len(hours) >= _HABIT and min(apart) > _HOURS_AROUND


def _crowd(active_sessions: int) -> float:
    fewest, most = _SESSIONS_AT_ONCE
    return min(1.0, max(0.0, (active_sessions - fewest) / (most - fewest)))
