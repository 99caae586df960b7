"""Durations as in Go, with days, in whole seconds, such as `30d`, `15m` or `1h30m`."""

import re
from datetime import timedelta
from decimal import Decimal

_UNITS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)")
PATTERN = rf"(?:{_PART.pattern}){{1,8}}"
_WHOLE = re.compile(PATTERN)
_MOST_SECONDS = 100 * 366 * 86400


def render(duration: timedelta) -> str:
    """The shortest text of a duration of whole seconds, in units that Go understands."""
    seconds = int(duration.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def parse(text: str) -> timedelta:
    """Parse a duration of whole seconds, at most a hundred years. Raises ValueError."""
    if not _WHOLE.fullmatch(text):
        raise ValueError("a duration such as 30d, 24h, 15m, 5s or 1h30m")
    seconds = sum((Decimal(number) * _UNITS[unit] for number, unit in _PART.findall(text)), Decimal(0))
    if seconds != int(seconds):
        raise ValueError("whole seconds")
    if seconds > _MOST_SECONDS:
        raise ValueError("at most a hundred years")
    return timedelta(seconds=int(seconds))


def milliseconds(seconds: float | None) -> int | None:
    """Whole milliseconds; None stays None."""
    return None if seconds is None else round(seconds * 1000)
