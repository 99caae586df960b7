"""Token Status Lists (draft-ietf-oauth-status-list) of any issuer: verified, and remembered. No input, no output."""

import threading
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from autional_client.errors import UNREADABLE
from autional_client.verifier.clock import ticks
from autional_client.verifier.keys import decoded
from autional_client.verifier.signatures import KeySet, Refused

STATUS_LIST = frozenset({"statuslist+jwt", "application/statuslist+jwt"})
MEDIA_TYPE = "application/statuslist+jwt"
VALID, INVALID, SUSPENDED = 0, 1, 2
"""§7.1; other numbers mean what the issuer says."""
LONGEST = 16 * 1024 * 1024
"""Bytes of a list when it is not compressed; a longer one is refused."""
_MOST_LISTS = 256
_MOST_BYTES = 64 * 1024 * 1024
_LONGEST_TTL = 15.0
"""Seconds for which a list is kept at most, whatever it says: what is revoked is known that soon."""
_ONCE_IN = 1.0


class StatusListError(Exception):
    """A status list cannot be believed, or does not say anything about a token."""


class Reference(NamedTuple):
    """Where the status of a token stands (§6.1)."""

    uri: str
    idx: int


class StatusList(NamedTuple):
    """A list as it was read (§4.1)."""

    bits: int
    """Of one status: 1, 2, 4 or 8."""
    statuses: bytes
    ttl: float
    """Seconds after which to read it again."""

    def at(self, index: int) -> int:
        """The status at an index; raises StatusListError for one that is beyond the list."""
        place, within = divmod(index * self.bits, 8)
        if not 0 <= place < len(self.statuses):
            raise StatusListError("the index is beyond the list")
        return self.statuses[place] >> within & ((1 << self.bits) - 1)


class _Packed(msgspec.Struct, frozen=True):
    bits: int
    lst: str


class _Claims(msgspec.Struct, frozen=True):
    sub: str
    iat: int
    status_list: _Packed
    exp: int | None = None
    ttl: float | None = None


class Remembered(NamedTuple):
    """A list, and when it was read."""

    found: StatusList
    read_at: float


def reference_of(status: Mapping[str, Any] | None) -> Reference | None:
    """Where the `status` claim of a token says that its status stands; None if it does not say."""
    try:
        found = (status or {})["status_list"]
        index, uri = found["idx"], found["uri"]
    except (KeyError, TypeError):
        return None
    return Reference(uri, index) if isinstance(uri, str) and type(index) is int and index >= 0 else None


def status_list_of(token: str, uri: str, keys: KeySet, now: float) -> StatusList:
    """The list in a signed JWT that was found at a URI (§8.3); raises StatusListError for one that is wrong or over."""
    try:
        claims = msgspec.json.decode(keys.payload_of(token), type=_Claims)
        packed = decoded(claims.status_list.lst)
    except (Refused, *UNREADABLE) as error:
        raise StatusListError(f"no signed status list: {error}") from error
    if claims.sub != uri:
        raise StatusListError("the list says that it is another one")
    if claims.exp is not None and now >= claims.exp:
        raise StatusListError("the list has expired")
    if claims.status_list.bits not in {1, 2, 4, 8} or (claims.ttl is not None and claims.ttl <= 0):
        raise StatusListError("the list is not one")
    left = claims.exp - now if claims.exp is not None else _LONGEST_TTL
    ttl = min(claims.ttl or left, left, _LONGEST_TTL)
    return StatusList(claims.status_list.bits, _unpacked(packed), ttl)


def _unpacked(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        statuses = unpacker.decompress(packed, LONGEST)
    except zlib.error as error:
        raise StatusListError(f"the list cannot be unpacked: {error}") from error
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise StatusListError("the list is too long, or cut off")
    return statuses


class StatusCache:
    """The lists that were read, by URI, and when to read them again."""

    def __init__(self) -> None:
        self._lists: dict[str, Remembered] = {}
        self._asked_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def fresh(self, uri: str, beyond: float = 0.0) -> StatusList | None:
        """A list that may still be used; `beyond` are seconds for which one may be used that cannot be read again."""
        known = self._lists.get(uri)
        return known.found if known and ticks() - known.read_at < known.found.ttl + beyond else None

    def may_ask(self, uri: str) -> bool:
        """Whether to read a list now: at most once a second."""
        with self._lock:
            now = ticks()
            if now - self._asked_at.get(uri, float("-inf")) < _ONCE_IN:
                return False
            if len(self._asked_at) >= _MOST_LISTS:
                self._asked_at.clear()
            self._asked_at[uri] = now
            return True

    def keep(self, uri: str, found: StatusList) -> None:
        """Remember a list that was just read, and forget the oldest ones beyond the bounds."""
        with self._lock:
            self._lists.pop(uri, None)
            self._lists[uri] = Remembered(found, ticks())
            size = sum(len(one.found.statuses) for one in self._lists.values())
            while len(self._lists) > 1 and (len(self._lists) > _MOST_LISTS or size > _MOST_BYTES):
                oldest = next(iter(self._lists))
                size -= len(self._lists.pop(oldest).found.statuses)
