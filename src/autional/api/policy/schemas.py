"""Requests and responses about session policy and session limits."""

from typing import Annotated

import msgspec
from msgspec import Meta

from autional.api.schemas import RequestModel, ResponseModel
from autional.core.authority import Role
from autional.core.formats import Duration
from autional.risk.device import DeviceType
from autional.sessions.limits import Overflow

SessionCount = Annotated[int, Meta(ge=1, le=10_000)]


class LevelPolicyBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Session lifetimes of one assurance level."""

    absolute_timeout: Duration | None = None
    idle_timeout: Duration | None = None


class LevelsBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Session lifetimes by assurance level."""

    aal1: LevelPolicyBody = msgspec.field(default_factory=LevelPolicyBody)
    aal2: LevelPolicyBody = msgspec.field(default_factory=LevelPolicyBody)
    aal3: LevelPolicyBody = msgspec.field(default_factory=LevelPolicyBody)


class PolicyRequest(RequestModel):
    """A session policy; the timeouts at the top cap those of every level."""

    absolute_timeout: Duration | None = None
    idle_timeout: Duration | None = None
    levels: LevelsBody = msgspec.field(default_factory=LevelsBody)
    apply_to_existing: bool = False


class LevelPolicyResponse(ResponseModel):
    """The session lifetimes in force for one assurance level."""

    absolute_timeout: str
    idle_timeout: str | None = None


class PolicyResponse(ResponseModel):
    """The caps that the tenant set, and the lifetimes in force for every level."""

    levels: dict[str, LevelPolicyResponse]
    absolute_timeout: str | None = None
    idle_timeout: str | None = None


class PolicyPreviewResponse(ResponseModel, omit_defaults=False):
    """What a policy would do to active sessions: shorten some, and of those end some at once."""

    active: int
    shortened: int
    ended: int


class LimitsPreviewResponse(ResponseModel, omit_defaults=False):
    """How many users have more sessions now than a limit allows, and how many too many."""

    users: int
    sessions: int


class RetentionPreviewResponse(ResponseModel, omit_defaults=False):
    """How many ended sessions a retention would remove now."""

    sessions: int


class SessionLimitsBody(RequestModel):
    """How many sessions a user may have at once.

    The limit of a role wins over `max_sessions`; the limit of a device type applies in addition. Sessions of agents
    that act for the user count in `max_sessions_per_agent` alone.
    """

    max_sessions: SessionCount | None = None
    by_role: dict[Role, SessionCount] = msgspec.field(default_factory=dict)
    by_device_type: dict[DeviceType, SessionCount] = msgspec.field(default_factory=dict)
    on_overflow: Overflow = "end_oldest"
    max_sessions_per_agent: SessionCount | None = None
