"""Identifiers and secrets: time-ordered ids, opaque secrets and their hashes.

Ids of sessions and tokens are 16 bytes, in `uuid` columns. Their two last bits say of what they are, so that the text
with its prefix and the 16 bytes follow from each other.
"""

import hashlib
import hmac
import os
import re
import secrets
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from autional.core import clock
from autional.core.formats import NO_TENANT_ID

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [one + other for one in _ALPHABET for other in _ALPHABET]
_SHIFTS = range(120, -1, -10)
_TO_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_STORED = re.compile(r"(?P<prefix>sess|tok)_(?P<number>[0-7][0-9A-HJKMNP-TV-Z]{25})")
_LENGTH = len("sess_") + 26
_KIND = {"sess": 0b00, "tok": 0b10}
_PREFIXES = ("sess_", "sess_", "tok_", "tok_")
NO_ID = bytes(16)
_BUCKET_BITS = 10
_RANDOM_BITS = 70
_USER_BITS = 10
_SECRET_BYTES = 32
_SECRET = re.compile(r"(?P<id>(?P<prefix>[a-z]{2,8})_[0-9A-Z]{26})\.[A-Za-z0-9_-]{43}")


class Secret(NamedTuple):
    """An opaque credential `prefix_id.secret`. It is shown once; only its hash is stored."""

    id: str
    text: str
    digest: bytes


def new_id(prefix: str, at: datetime | None = None, user_id: str | None = None, session_id: str | None = None) -> str:
    """`prefix_` and 26 characters of Crockford's base 32 that sort by `at` (None: the time of this node).

    The time keeps new rows together in an index; nothing is decided by it. Ten bits are from the hash of
    `user_id`, or those of a session of the user, so that the ids of a user stay together when a large tenant is split.
    """
    number = int.from_bytes(os.urandom(10)) & (1 << _RANDOM_BITS + _USER_BITS) - 1
    if user_id is not None or session_id is not None:
        bits = _user_bits(user_id) if user_id is not None else _bits_of(stored(session_id or ""))
        number = number & (1 << _RANDOM_BITS) - 1 | bits << _RANDOM_BITS
    milliseconds = int((at or clock.now()).timestamp() * 1000)
    number |= milliseconds << _RANDOM_BITS + _USER_BITS
    if prefix in _KIND:
        number = number & ~0b11 | _KIND[prefix]
    return f"{prefix}_{_digits(number)}"


def _user_bits(user_id: str) -> int:
    return int.from_bytes(hashlib.sha256(user_id.encode()).digest()[:2]) >> (16 - _USER_BITS)


def _bits_of(raw: bytes) -> int:
    return (int.from_bytes(raw) >> _RANDOM_BITS) % (1 << _USER_BITS)


def _digits(number: int) -> str:
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


class Bucket(str):
    """The name of a bucket of a split tenant, `acme/3`. Only this type names one: no text that a caller sends does."""

    __slots__ = ()


def home(tenant_id: str) -> int:
    """The number by which the database knows a tenant (0: the platform): 53 bits of its id's hash, times 1,024.

    No two tenants have the same (`tenants.home`): an id with the number of another counts as taken. A bucket of a split
    tenant has the number of its tenant plus its own, from 1.
    """
    if tenant_id == NO_TENANT_ID:
        return 0
    if isinstance(tenant_id, Bucket):
        name, _, number = tenant_id.partition("/")
        return home(name) + int(number)
    return int.from_bytes(hashlib.sha256(tenant_id.encode()).digest()[:7]) >> 3 << _BUCKET_BITS


def bucket(tenant_id: str, number: int) -> Bucket:
    """The name of a bucket of a split tenant, counted from 1; no tenant's id has a slash."""
    return Bucket(f"{tenant_id}/{number}")


def tenant_or_bucket(name: str) -> str:
    """A tenant by its id or a bucket by its name, as they stand in the table of tenants."""
    return Bucket(name) if "/" in name else name


def tenant_of_bucket(name: str) -> str:
    """The tenant that a bucket is of; of any other tenant its own id."""
    return name.partition("/")[0] if isinstance(name, Bucket) else name


def bucket_of_user(tenant_id: str, user_id: str, buckets: int) -> str:
    """The bucket of a split tenant that has all of a user."""
    return bucket(tenant_id, _user_bits(user_id) % buckets + 1)


def bucket_of_session(tenant_id: str, session_id: bytes, buckets: int) -> str:
    """The bucket that has a session or token, by its stored id, which has ten bits of its user's hash."""
    return bucket(tenant_id, _bits_of(session_id) % buckets + 1)


def user_agent_id(text: str) -> int:
    """The number by which a tenant knows a user agent: 63 bits of its hash."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1


def sibling(token_id: str) -> str:
    """The other token of a pair: the refresh token's id differs from the access token's by the last bit."""
    return token_id[:-1] + _ALPHABET[_ALPHABET.index(token_id[-1]) ^ 1]


def stored(text: str) -> bytes:
    """The 16 bytes of the id of a session or token; for any other text those of no id at all."""
    match = _STORED.fullmatch(text)
    number = _number(match) if match else 0
    return number.to_bytes(16) if match and number & 0b10 == _KIND[match["prefix"]] else NO_ID


def from_stored(raw: bytes) -> str:
    """The id of a session or token, from its 16 bytes."""
    number = int.from_bytes(raw)
    return _PREFIXES[number & 0b11] + _digits(number)


def as_uuid(text: str) -> str:
    """The id of a session or token as PostgreSQL reads it in JSON."""
    return stored(text).hex()


def from_uuid(text: str) -> str:
    """The id of a session or token, from the text that PostgreSQL has for it."""
    return from_stored(UUID(text).bytes)


def first_and_last(beginning: str) -> tuple[UUID, UUID]:
    """The range of the ids of sessions whose texts begin in the same way; an empty one if no id can."""
    first = _STORED.fullmatch(beginning.ljust(_LENGTH, "0"))
    last = _STORED.fullmatch(beginning.ljust(_LENGTH - 25, "7").ljust(_LENGTH, "Z"))
    if first is None or last is None:
        return UUID(int=1), UUID(int=0)
    return UUID(int=_number(first)), UUID(int=_number(last))


def _number(match: re.Match[str]) -> int:
    return int(match["number"].translate(_TO_DIGITS), 32)


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
