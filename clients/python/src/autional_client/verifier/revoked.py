"""What was revoked, in little memory: eight bytes for each, for as long as a token can live."""

import struct
import threading
from array import array
from collections.abc import Sequence
from datetime import datetime

import msgspec

from autional_client.errors import UNREADABLE
from autional_client.verifier.verdict import Claims, Reason

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
_SMALLEST = 1 << 10
HELD_UP_MS = 2000
_RECORD = struct.Struct(">8xQI")
_TO_DIGITS = bytes.maketrans(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", b"0123456789abcdefghijklmnopqrstuv")
_DIGITS = 13
"""Of base 32: 65 bits."""


class Numbers:
    """A set of 64-bit numbers that are random already: open addressing, at most half full.

    One thread at a time adds while others look: a table is replaced as a whole.
    """

    __slots__ = ("_table", "_used")

    def __init__(self, expected: int = 0) -> None:
        size = _SMALLEST
        while size < 2 * expected:
            size *= 2
        self._table = array("Q", bytes(8 * size))
        self._used = 0

    def __len__(self) -> int:
        """How many there are."""
        return self._used

    def __contains__(self, number: int) -> bool:
        """Whether it was added."""
        return self.has_any((number,))

    def has_any(self, numbers: Sequence[int]) -> bool:
        """Whether one of them was added."""
        table = self._table
        mask = len(table) - 1
        for number in numbers:
            place = number & mask
            while found := table[place]:
                if found == number:
                    return True
                place = (place + 1) & mask
        return False

    def add(self, number: int) -> None:
        """Add a number."""
        if 2 * (self._used + 1) > len(self._table):
            self._grow()
        self._put(self._table, number)

    def _put(self, table: "array[int]", number: int) -> None:
        mask = len(table) - 1
        place = number & mask
        while found := table[place]:
            if found == number:
                return
            place = (place + 1) & mask
        table[place] = number
        self._used += 1

    def _grow(self) -> None:
        table = array("Q", bytes(16 * len(self._table)))
        self._used = 0
        for number in self._table:
            if number:
                self._put(table, number)
        self._table = table


class Revoked:
    """What of a tenant is over. Numbers are kept for one to two lifetimes of a token, and then forgotten."""

    def __init__(self, lifetime: float, ticks: float) -> None:
        self._lifetime = lifetime
        self._since = ticks
        self._current = Numbers()
        self._previous = Numbers()
        self.generation = 0
        self.is_disabled = False
        self._lock = threading.Lock()
        """Of who adds: the listener, and whoever signs out."""

    def __len__(self) -> int:
        """How many endings are remembered."""
        return len(self._current) + len(self._previous)

    def fill(self, ended: bytes) -> None:
        """Add a part of a snapshot: 20 bytes each, of an id and of a generation below which its tokens are over."""
        with self._lock:
            add = self._current.add
            for number, generation in _RECORD.iter_unpack(ended):
                add(_of_generation(number, generation - 1) if generation else number)

    def forget(self, ticks: float) -> None:
        """Forget what no token can live as long as."""
        if ticks - self._since >= self._lifetime:
            with self._lock:
                self._previous, self._current, self._since = self._current, Numbers(), ticks

    def apply(self, event: "Event") -> None:
        """Learn from an event of the log. What is about a user as a whole is told of each session as well."""
        if event.type == "tenant.tokens_revoked":
            self.generation = max(self.generation, event.generation or 0)
            self.is_disabled = self.is_disabled or event.disabled
        elif event.type == "tenant.restored":
            self.is_disabled = False
        elif event.type == "token.revoked" and event.token_id is not None:
            self.add(event.token_id)
        elif event.type in _OF_SESSIONS and event.session_id is not None:
            number = number_of(event.session_id)
            is_whole = event.type == "session.revoked" or not event.generation
            self._add(number if is_whole else _of_generation(number, (event.generation or 0) - 1))

    def add(self, name: str) -> None:
        """Add the id of a session or token."""
        self._add(number_of(name))

    def _add(self, number: int) -> None:
        with self._lock:
            self._current.add(number)

    def end_of(self, claims: Claims) -> Reason | None:
        """Why a token is over, if it is; one whose ids are none of this service is none of its tokens."""
        if self.is_disabled:
            return "tenant_disabled"
        try:
            return "revoked" if claims.gen[0] < self.generation or self._has(claims) else None
        except ValueError:
            return "malformed"

    def _has(self, claims: Claims) -> bool:
        numbers = [number_of(claims.jti)]
        if claims.session_id is not None:
            session = number_of(claims.session_id)
            numbers += (session, _of_generation(session, claims.gen[1]))
        if claims.ancestors:
            numbers += map(number_of, claims.ancestors)
        return self._current.has_any(numbers) or (bool(self._previous) and self._previous.has_any(numbers))


class Beat(msgspec.Struct, frozen=True):
    """What a heartbeat says."""

    waiting_ms: int = 0
    """How long the oldest event waits for its position, which an open transaction may hold up."""
    at: datetime | None = None
    """When the log was looked at, by the database's time."""


class Event(msgspec.Struct, frozen=True):
    """An event of the revocation log, as far as it is about tokens."""

    type: str
    session_id: str | None = None
    token_id: str | None = None
    generation: int | None = None
    disabled: bool = False


_OF_SESSIONS = frozenset({"session.revoked", "session.tokens_revoked", "session.assurance_changed"})


def number_of(text: str) -> int:
    """The last 64 bits of the id of a session or token, which are random; raises ValueError for any other text."""
    return int(text[-_DIGITS:].encode().translate(_TO_DIGITS), 32) & _MASK


def _of_generation(number: int, generation: int) -> int:
    """The number of the access tokens of one generation of a session."""
    return (number + (generation + 1) * _STEP) & _MASK


def beat_of(data: bytes) -> Beat:
    """What a heartbeat says; one that cannot be read says that the log is held up."""
    try:
        return msgspec.json.decode(data, type=Beat)
    except UNREADABLE:
        return Beat(waiting_ms=HELD_UP_MS)


def event_of(data: bytes) -> Event | None:
    """The event in the data of a server-sent event; None for what is none."""
    try:
        return msgspec.json.decode(data, type=Event)
    except UNREADABLE:
        return None
