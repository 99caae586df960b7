"""Formats of text values: one definition for the API, the shell and the settings."""

import ipaddress
import re
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated, Any, ClassVar, Self

import msgspec
from msgspec import Meta

from autional.core import durations

NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f]*(?![\s\S])"
"""A pattern (ECMA-262 and Python alike): no control character of either block, C0 and C1."""
_ID = "(?:tok|key|con|link)_[0-9A-HJKMNP-TV-Z]{26}"
_SECRET = re.compile(r"(?P<id>(?:tok|key|con|link)_\w+)\.[^\s\"',;&]+|eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*")
NO_SECRET = rf"^(?![\s\S]*(?:{_ID}\.|eyJ[A-Za-z0-9_-]{{8,}}\.))[^\x00-\x1f\x7f-\x9f]*(?![\s\S])"
"""The same, and neither a token nor an API key of this service: for ids and reasons, which are written down."""
LONGEST_ID = 128
LONGEST_IDEMPOTENCY_KEY = 255
NO_TENANT_ID = "-"
"""An id that no tenant can have."""
NO_USER_ID = ""
"""An id that no user can have; it is what is left of an erased one."""
TENANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""The form of a tenant's id."""
USER_ID_FAULT = "Must be text of 1 to 128 characters without control characters, and no token or API key"
ShortText = Annotated[str, Meta(max_length=200, pattern=NO_SECRET)]
AuthenticationMethod = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_.-]+(?![\s\S])")]
ClientHint = Annotated[str, Meta(max_length=64, pattern=r"^[Ss][Ee][Cc]-[Cc][Hh]-[Uu][Aa][A-Za-z-]*(?![\s\S])")]
UserId = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID, pattern=NO_SECRET)]

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST_USER_AGENT = 512


_MAPPED_BITS = 96
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)


class IpAddress(str):
    """An IPv4 or IPv6 address in canonical form, without a zone. Raises ValueError."""

    EXPECTED: ClassVar = "address"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "examples": ["203.0.113.7", "2001:db8::1"]}

    def __new__(cls, text: str) -> "IpAddress":
        """Validate and normalise."""
        if "%" in text:
            raise ValueError("an IP address without a zone")
        return super().__new__(cls, without_ipv6_mapping(ip_address(text)))


class Network(str):
    """An IPv4 or IPv6 address or CIDR block. Raises ValueError."""

    EXPECTED: ClassVar = "network"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "examples": ["192.0.2.0/24", "2001:db8::1"]}

    def __new__(cls, text: str) -> "Network":
        """Validate and normalise."""
        if "%" in text:
            raise ValueError("an IP address or CIDR block without a zone")
        network = ip_network(text, strict=False)
        mapped = network.network_address.ipv4_mapped if isinstance(network.network_address, IPv6Address) else None
        if mapped is not None and network.prefixlen >= _MAPPED_BITS:
            network = ip_network(f"{mapped}/{network.prefixlen - _MAPPED_BITS}")
        return super().__new__(cls, network)


class Country(str):
    """An ISO 3166 country code of two letters. Raises ValueError."""

    EXPECTED: ClassVar = "country"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "pattern": "^[A-Z]{2}$"}

    def __new__(cls, text: str) -> "Country":
        """Validate."""
        if not re.fullmatch("[A-Z]{2}", text):
            raise ValueError("an ISO 3166 country code")
        return super().__new__(cls, text)


class Duration(str):
    """A duration of whole seconds, from one second to ten years. Raises ValueError."""

    EXPECTED: ClassVar = "duration"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "pattern": rf"^{durations.PATTERN}$", "examples": ["1h30m"]}
    LEAST: ClassVar = timedelta(seconds=1)
    MOST: ClassVar = timedelta(hours=87600)
    value: timedelta

    def __new__(cls, text: str) -> "Self":
        """Parse and validate."""
        duration = super().__new__(cls, text)
        duration.value = durations.parse(text)
        if not cls.LEAST <= duration.value <= cls.MOST:
            raise ValueError("out of range")
        return duration


class Leeway(Duration):
    """A tolerance between clocks, from none to a minute. Raises ValueError."""

    EXPECTED: ClassVar = "leeway"
    LEAST: ClassVar = timedelta()
    MOST: ClassVar = timedelta(minutes=1)


class Timestamp(str):
    """An instant with a time zone (RFC 3339). Raises ValueError."""

    EXPECTED: ClassVar = "instant"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "format": "date-time"}
    value: datetime

    def __new__(cls, text: str) -> "Timestamp":
        """Parse and validate."""
        try:
            value = msgspec.convert(text, Annotated[datetime, Meta(tz=True)]).astimezone(UTC)
        except (msgspec.ValidationError, OverflowError):
            raise ValueError("RFC 3339, such as 2026-04-15T10:00:00Z") from None
        if not _FIRST <= value <= _LAST:
            raise ValueError("an instant from 1970 to 9998")
        timestamp = super().__new__(cls, text)
        timestamp.value = value
        return timestamp


class UserAgent(str):
    """A user agent string: truncated and cleaned, never rejected."""

    EXPECTED: ClassVar = "text"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string"}

    def __new__(cls, text: str) -> "UserAgent":
        """Truncate and clean."""
        return super().__new__(cls, _CONTROLS.sub(" ", text)[:_LONGEST_USER_AGENT].strip())


def without_ipv6_mapping(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2); any other as it is."""
    return getattr(address, "ipv4_mapped", None) or address


def user_id_error(text: str) -> str | None:
    """What is wrong with a user id, in a sentence, by the same rule as in the API; None if it is valid."""
    try:
        text.encode()  # a shell passes on what is no UTF-8 as surrogates
        msgspec.convert(text, UserId)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return USER_ID_FAULT
    return None


def redacted(text: str) -> str:
    """The text with every token and API key in it replaced."""
    return _SECRET.sub(lambda found: f"{found['id'] or 'eyJ'}.***", text)


def datetime_of(timestamp: Timestamp | None) -> datetime | None:
    """The instant of an optional timestamp."""
    return timestamp.value if timestamp is not None else None


def to_builtins(value: Any) -> Any:
    """A value that may contain these types, as dicts, lists and plain strings."""
    return msgspec.to_builtins(value, enc_hook=str)


def as_json(value: Any) -> bytes:
    """A value that may contain these types, as JSON; equal values give equal bytes."""
    return msgspec.json.encode(value, enc_hook=str)


def client_key(address: str) -> str:
    """What a client is counted by: its IPv4 address, or its IPv6 /64 network."""
    try:
        plain = without_ipv6_mapping(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return ""
    return str(plain) if plain.version == 4 else str(ipaddress.ip_network((plain, 64), strict=False))
