"""What a session may: its assurance level and its deadlines. Pure (NIST SP 800-63B-4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

# Methods of RFC 8176 and the words that clients commonly send for them, by the kind of factor they prove.
_METHODS = {
    "know": ("kba", "password", "pin", "pwd"),
    "have": ("email", "hwk", "otp", "passkey", "pop", "push", "sc", "sms", "swk", "tel", "totp", "webauthn"),
    "are": ("bio", "face", "fpt", "iris", "retina", "vbm"),
}
_KIND_OF = {method: kind for kind, methods in _METHODS.items() for method in methods}
_PRESENCE = {"user", "pin"}


class Limits(NamedTuple):
    """How long a session lasts; without an idle timeout only the absolute one ends it."""

    absolute: timedelta
    idle: timedelta | None


class Deadlines(NamedTuple):
    """The instants at which a session is over; the idle one is never past the absolute one."""

    expires_at: datetime
    idle_expires_at: datetime


DEFAULTS: dict[int, Limits] = {
    1: Limits(timedelta(days=30), None),  # NIST SP 800-63B-4 §2.1.3
    2: Limits(timedelta(hours=24), timedelta(hours=1)),  # §2.2.3
    3: Limits(timedelta(hours=12), timedelta(minutes=15)),  # §2.3.3
}


def assurance_level(amr: Sequence[str]) -> int:
    """The authenticator assurance level (1 to 3) that these methods reach.

    A hardware-bound key with proof of presence reaches 3, two factors of different kinds 2. A method that is not known
    counts for nothing.
    """
    methods = {method.lower() for method in amr}
    if "hwk" in methods and methods & _PRESENCE:
        return 3
    return 2 if len({_KIND_OF[method] for method in methods & _KIND_OF.keys()}) >= 2 else 1


def deadlines(limits: Limits, started_at: datetime) -> Deadlines:
    """When a session that starts now is over if nothing moves it."""
    expires_at = started_at + limits.absolute
    idle_expires_at = min(expires_at, started_at + limits.idle) if limits.idle is not None else expires_at
    return Deadlines(expires_at, idle_expires_at)
