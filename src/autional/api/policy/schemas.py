"""What goes over the wire about a tenant's rules for its sessions."""

from typing import Annotated

import msgspec
from msgspec import Meta

from autional.api.schemas import Answered, Sent
from autional.core.authority import Role
from autional.core.formats import Duration
from autional.risk.user_agents import DeviceType
from autional.sessions.limits import Overflow

SessionCount = Annotated[int, Meta(ge=1, le=10_000)]


class LevelPolicyBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Limits of one assurance level."""

    absolute_timeout: Duration | None = None
    idle_timeout: Duration | None = None


class LevelsBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Limits by assurance level."""

    aal1: LevelPolicyBody = msgspec.field(default_factory=LevelPolicyBody)
    aal2: LevelPolicyBody = msgspec.field(default_factory=LevelPolicyBody)
    aal3: LevelPolicyBody = msgspec.field(default_factory=LevelPolicyBody)


class PolicyRequest(Sent):
    """A session policy; a value at the top caps every level."""

    absolute_timeout: Duration | None = None
    idle_timeout: Duration | None = None
    levels: LevelsBody = msgspec.field(default_factory=LevelsBody)
    apply_to_existing: bool = False


class LevelPolicyResponse(Answered):
    """Limits of one assurance level that are in force; without an idle timeout only the absolute one counts."""

    absolute_timeout: str
    idle_timeout: str | None = None


class PolicyResponse(Answered):
    """The caps that the tenant set, and the limits of every level that are in force."""

    levels: dict[str, LevelPolicyResponse]
    absolute_timeout: str | None = None
    idle_timeout: str | None = None


class SessionLimitsBody(Sent):
    """How many sessions a user may have at once, and what happens beyond; null: no limit.

    The limit of a role wins over `max_sessions`; that of a device type holds beside it.
    """

    max_sessions: SessionCount | None = None
    by_role: dict[Role, SessionCount] = msgspec.field(default_factory=dict)
    by_device_type: dict[DeviceType, SessionCount] = msgspec.field(default_factory=dict)
    on_overflow: Overflow = "end_oldest"
