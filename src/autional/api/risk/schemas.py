"""What goes over the wire about risk and fingerprints, by the names of the contract."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from autional.api.schemas import Answered, Sent, SessionId
from autional.risk.scoring import Action, Fact, Level
from autional.risk.user_agents import DeviceType

Weight = Annotated[int, Meta(ge=0, le=100)]


class SessionQuery(Sent):
    """Which session is meant; without one, the caller's own."""

    session_id: SessionId | None = None


class RiskFactor(Answered, omit_defaults=False):
    """A fact that counts: how much it adds to the score, of how much at most, in words."""

    type: Fact
    score: int
    weight: int
    description: str


class RiskScoreResponse(Answered, omit_defaults=False):
    """How risky a session is, from 0 to 100, and why."""

    session_id: str
    risk_score: int
    risk_level: Level
    recommended_action: Action
    factors: list[RiskFactor]
    evaluated_at: datetime


class DeviceRiskResponse(Answered, omit_defaults=False):
    """How risky a device is, by the sessions on it."""

    device_id: str
    risk_score: int
    risk_level: Level
    risk_factors: list[Fact]
    total_sessions: int
    active_sessions: int
    revoked_sessions: int
    audit_failure_count: int
    evaluated_at: datetime


class RiskWeightsRequest(Sent):
    """What facts weigh; those that are not named weigh the default."""

    weights: dict[Fact, Weight]


class RiskWeightsResponse(Answered, omit_defaults=False):
    """What each fact weighs."""

    weights: dict[Fact, int]


class DeviceFingerprintResponse(Answered):
    """The device of a session; of its fingerprint only the hash is known."""

    device_type: DeviceType
    first_seen_at: datetime
    last_seen_at: datetime
    is_trusted: bool
    browser: str | None = None
    device_hash: str | None = None
    device_model: str | None = None
    fingerprint_id: str | None = None
    ip: str | None = None
    location: str | None = None
    os: str | None = None
