"""Identifiers and secrets: time-ordered ids, opaque secrets, their hashes and how they are compared."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import NamedTuple

from autional.core import clock

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_RANDOM_BITS = 70
_USER_BITS = 10
_SECRET_BYTES = 32
_SECRET = re.compile(r"(?P<id>(?P<prefix>[a-z]{2,8})_[0-9A-Z]{26})\.[A-Za-z0-9_-]{43}")


class Secret(NamedTuple):
    """An opaque credential `prefix_id.secret`: shown once, of which only the hash is stored."""

    id: str
    text: str
    digest: bytes


def new_id(prefix: str, at: datetime | None = None, user_id: str | None = None) -> str:
    """`prefix_` and 26 characters of Crockford's base 32 that sort by `at` (milliseconds; None: by this node's clock).

    The time keeps new rows together in an index; nothing is decided by it.
    Ten bits are of the hash of `user_id`, so that the ids of a user share a home when a large tenant is split.
    """
    if user_id is None:
        user = secrets.randbits(_USER_BITS)
    else:
        user = int.from_bytes(hashlib.sha256(user_id.encode()).digest()[:2]) >> (16 - _USER_BITS)
    milliseconds = int((at or clock.now()).timestamp() * 1000)
    number = (milliseconds << _USER_BITS | user) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    characters = (_ALPHABET[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
    return f"{prefix}_{''.join(characters)}"


def new_secret(prefix: str, at: datetime | None = None, user_id: str | None = None) -> Secret:
    """A fresh credential with 256 bits of randomness."""
    name = new_id(prefix, at, user_id)
    text = f"{name}.{secrets.token_urlsafe(_SECRET_BYTES)}"
    return Secret(name, text, digest(text))


def secret_id(text: str, prefix: str) -> str | None:
    """The id of a presented credential, or None when it does not have the form of one."""
    match = _SECRET.fullmatch(text)
    return match["id"] if match and match["prefix"] == prefix else None


def digest(secret: str) -> bytes:
    """SHA-256 of a credential: enough for 256 bits of randomness, which no dictionary holds."""
    return hashlib.sha256(secret.encode()).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare two hashes in constant time."""
    return hmac.compare_digest(one, other)
