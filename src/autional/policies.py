"""What a session may: its assurance level and its deadlines. Pure (NIST SP 800-63B-4)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
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


DEFAULTS: dict[int, Limits] = {
    1: Limits(timedelta(days=30), None),  # NIST SP 800-63B-4 §2.1.3
    2: Limits(timedelta(hours=24), timedelta(hours=1)),  # §2.2.3
    3: Limits(timedelta(hours=12), timedelta(minutes=15)),  # §2.3.3
}


class Policy(NamedTuple):
    """What a tenant asks for: caps over every level, and limits of single levels (1 to 3); None leaves the default."""

    absolute: timedelta | None = None
    idle: timedelta | None = None
    levels: Mapping[int, "LevelPolicy"] = MappingProxyType({})


class LevelPolicy(NamedTuple):
    """Limits of one level as a tenant asks for them."""

    absolute: timedelta | None = None
    idle: timedelta | None = None


def effective(policy: Policy) -> dict[int, Limits]:
    """The limits of every level under a policy."""
    return {level: _effective(policy, level) for level in DEFAULTS}


def _effective(policy: Policy, level: int) -> Limits:
    asked = policy.levels.get(level, LevelPolicy())
    absolute = asked.absolute or DEFAULTS[level].absolute
    idles = [idle for idle in (asked.idle or DEFAULTS[level].idle, policy.idle) if idle is not None]
    return Limits(min(absolute, policy.absolute or absolute), min(idles, default=None))


def assurance_level(amr: Sequence[str]) -> int:
    """The authenticator assurance level (1 to 3) that these methods reach.

    A hardware-bound key with proof of presence reaches 3; two factors of different kinds reach 2, and so does the bare
    word of the caller that there were several (`mfa` of RFC 8176). A method that is not known counts for nothing.
    """
    methods = {method.lower() for method in amr}
    if "hwk" in methods and methods & _PRESENCE:
        return 3
    if "mfa" in methods:
        return 2
    return 2 if len({_KIND_OF[method] for method in methods & _KIND_OF.keys()}) >= 2 else 1
