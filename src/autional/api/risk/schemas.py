"""Requests and responses about risk and fingerprints."""

from typing import Annotated

from msgspec import Meta

from autional.api.schemas import Instant, RequestModel, ResponseModel, SessionId
from autional.risk.device import DeviceType
from autional.risk.scoring import Fact, Level, Recommendation

Weight = Annotated[int, Meta(ge=0, le=100)]


class SessionQuery(RequestModel):
    """The session; without an id the caller's own."""

    session_id: SessionId | None = None


class RiskFactor(ResponseModel, omit_defaults=False):
    """A fact that adds to a risk score."""

    type: Fact
    score: int
    weight: int
    description: str


class RiskScoreResponse(ResponseModel, omit_defaults=False):
    """The risk of a session, and why."""

    session_id: str
    risk_score: int
    risk_level: Level
    recommended_action: Recommendation
    factors: list[RiskFactor]
    evaluated_at: Instant


class DeviceRiskResponse(ResponseModel, omit_defaults=False):
    """The risk of a device, and why."""

    device_id: str
    risk_score: int
    risk_level: Level
    risk_factors: list[Fact]
    total_sessions: int
    active_sessions: int
    revoked_sessions: int
    audit_failure_count: int
    evaluated_at: Instant


class RiskWeightsRequest(RequestModel):
    """Risk weights; facts that are not named have their default weight."""

    weights: dict[Fact, Weight]


class RiskWeightsResponse(ResponseModel, omit_defaults=False):
    """Risk weights of all facts."""

    weights: dict[Fact, int]


class DeviceFingerprintResponse(ResponseModel):
    """The device of a session. Its fingerprint is a keyed hash."""

    device_type: DeviceType
    first_seen_at: Instant
    last_seen_at: Instant
    is_trusted: bool
    browser: str | None = None
    device_hash: str | None = None
    device_model: str | None = None
    fingerprint_id: str | None = None
    ip: str | None = None
    location: str | None = None
    os: str | None = None
