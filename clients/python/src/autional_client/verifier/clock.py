"""Time as the issuer says it, so that a host with a wrong clock neither refuses everybody nor accepts what is over."""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_HALF_A_SECOND = 0.5
"""What `Date` leaves out on average."""


def ticks() -> float:
    """Seconds that go on by themselves, also while the machine sleeps where it can say so."""
    return time.clock_gettime(_CLOCK)


class Clock:
    """The issuer's time: this host's until the issuer said it, by the `Date` of its answers (RFC 9110 §6.6.1)."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    def set_by(self, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer that was just received, a cached one included (RFC 9111 §5.1)."""
        try:
            said = parsedate_to_datetime(headers.get("date", "")).timestamp()
            age = int(headers.get("age", "0"))
        except (ValueError, TypeError):
            return
        self._ahead = said + age + _HALF_A_SECOND - ticks()

    def at(self, moment: float) -> float:
        """Seconds since 1970 at a moment of `ticks`, which is now."""
        return time.time() if self._ahead is None else moment + self._ahead
