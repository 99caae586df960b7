"""Texts that have a form: checked where they are read, and kept as they were given."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from autional import durations

_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(hours=87600)


class IpAddress(str):
    """An IPv4 or IPv6 address in its canonical form, without a zone. Raises ValueError."""

    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}

    def __new__(cls, text: str) -> "IpAddress":
        """Check and normalise."""
        if "%" in text:
            raise ValueError("an IP address without a zone")
        return super().__new__(cls, ip_address(text))


class Network(str):
    """An IPv4 or IPv6 address or CIDR block. Raises ValueError."""

    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "examples": ["192.0.2.0/24", "2001:db8::1"]}

    def __new__(cls, text: str) -> "Network":
        """Check and normalise."""
        if "%" in text:
            raise ValueError("an IP address or CIDR block without a zone")
        return super().__new__(cls, ip_network(text, strict=False))


class Duration(str):
    """A Go-style duration of at least a second and at most ten years. Raises ValueError."""

    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "pattern": rf"^{durations.PATTERN}$", "examples": ["1h30m"]}
    value: timedelta

    def __new__(cls, text: str) -> "Duration":
        """Check and keep what it says."""
        duration = super().__new__(cls, text)
        duration.value = durations.parse(text)
        if not _SHORTEST <= duration.value <= _LONGEST:
            raise ValueError("a duration from 1s to 87600h")
        return duration


class Moment(str):
    """An instant (RFC 3339) with its distance from UTC. Raises ValueError."""

    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "format": "date-time"}
    value: datetime

    def __new__(cls, text: str) -> "Moment":
        """Check and keep what it says."""
        try:
            value = msgspec.convert(text, Annotated[datetime, Meta(tz=True)])
        except msgspec.ValidationError:
            raise ValueError("RFC 3339, such as 2026-04-15T10:00:00Z") from None
        moment = super().__new__(cls, text)
        moment.value = value
        return moment


def value_of(moment: Moment | None) -> datetime | None:
    """What a moment says, where there is one."""
    return moment.value if moment is not None else None


def plain(value: Any) -> Any:
    """A value that may hold such texts, as dicts, lists and plain texts."""
    return msgspec.to_builtins(value, enc_hook=str)


def as_json(value: Any) -> bytes:
    """A value that may hold such texts, as JSON: the same bytes for the same value."""
    return msgspec.json.encode(value, enc_hook=str)
