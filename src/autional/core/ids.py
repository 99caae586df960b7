"""Identifiers and secrets: time-ordered ids, opaque secrets and their hashes."""

import hashlib
import hmac
import os
import re
import secrets
from datetime import datetime
from typing import NamedTuple

from autional.core import clock

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [one + other for one in _ALPHABET for other in _ALPHABET]
_SHIFTS = range(120, -1, -10)
_RANDOM_BITS = 70
_USER_BITS = 10
_SECRET_BYTES = 32
_SECRET = re.compile(r"(?P<id>(?P<prefix>[a-z]{2,8})_[0-9A-Z]{26})\.[A-Za-z0-9_-]{43}")


class Secret(NamedTuple):
    """An opaque credential `prefix_id.secret`. It is shown once; only its hash is stored."""

    id: str
    text: str
    digest: bytes


def new_id(prefix: str, at: datetime | None = None, user_id: str | None = None) -> str:
    """`prefix_` and 26 characters of Crockford's base 32 that sort by `at` (None: the time of this node).

    The time keeps new rows together in an index; nothing is decided by it. Ten bits are from the hash of
    `user_id`, so that the ids of a user stay together when a large tenant is split.
    """
    number = int.from_bytes(os.urandom(10)) & (1 << _RANDOM_BITS + _USER_BITS) - 1
    if user_id is not None:
        user = int.from_bytes(hashlib.sha256(user_id.encode()).digest()[:2]) >> (16 - _USER_BITS)
        number = number & (1 << _RANDOM_BITS) - 1 | user << _RANDOM_BITS
    milliseconds = int((at or clock.now()).timestamp() * 1000)
    number |= milliseconds << _RANDOM_BITS + _USER_BITS
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"


def new_secret(prefix: str, at: datetime | None = None, user_id: str | None = None) -> Secret:
    """A new credential with 256 random bits."""
    name = new_id(prefix, at, user_id)
    text = f"{name}.{secrets.token_urlsafe(_SECRET_BYTES)}"
    return Secret(name, text, sha256(text))


def secret_id(text: str, prefix: str) -> str | None:
    """The id in a presented credential; None if it does not have that form."""
    match = _SECRET.fullmatch(text)
    return match["id"] if match and match["prefix"] == prefix else None


def sha256(secret: str) -> bytes:
    """SHA-256 of a credential. Enough for 256 random bits, which no dictionary contains."""
    return hashlib.sha256(secret.encode()).digest()


def as_bytea(digest: bytes) -> str:
    """A hash as PostgreSQL reads it in JSON."""
    return f"\\x{digest.hex()}"


def equal_hashes(one: bytes, other: bytes) -> bool:
    """Compare two hashes in constant time."""
    return hmac.compare_digest(one, other)
