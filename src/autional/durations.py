"""Durations as configuration writes them: Go style, such as `24h`, `15m` or `1h30m`."""

import re
from datetime import timedelta

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h)")
PATTERN = rf"(?:{_PART.pattern})+"
_WHOLE = re.compile(PATTERN)


def render(duration: timedelta) -> str:
    """Write a duration of whole seconds as short as can be."""
    seconds = int(duration.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def parse(text: str) -> timedelta:
    """Read a duration. Raises ValueError."""
    if not _WHOLE.fullmatch(text):
        raise ValueError("a duration is written like 24h, 15m, 5s or 1h30m")
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))
