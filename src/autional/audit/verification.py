"""Verification of an audit log: recomputes the hash chain from the first entry to the head."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
from asyncpg import Record

from autional.audit import personal_values
from autional.audit.log import ERASED
from autional.postgres.queries import Store

_PART = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class LogState(NamedTuple):
    """A state of a log: how many entries, and the hash of the last."""

    entries: int
    head: bytes


class Verification(NamedTuple):
    """The result of a verification; `broken_at` is the first entry that does not match."""

    entries: int
    erased: int
    head: bytes
    broken_at: int | None


async def verify(store: Store, key: bytes, tenant_id: str, kept: Sequence[LogState] = ()) -> Verification:
    """Recompute the hash chain from the first entry to the head, in one snapshot.

    The log must contain the states in `kept`. `key` is that of `append`. An erased value is accepted only if a
    later entry says that its person, or one whom its entry mentions, was erased.
    """
    async with store.transaction(isolation="repeatable_read", readonly=True) as queries:
        head = await queries.row("audit_head", tenant_id)
        reckoning = _Chain(key, tenant_id, {point.entries: point.head for point in kept})
        while rows := await queries.rows("audit_chain", tenant_id, reckoning.entries, _PART):
            for row in rows:
                if not reckoning.fits(row):
                    return reckoning.verdict(broken_at=reckoning.entries + 1)
    whole = (head["sequence"], head["hash"]) == (reckoning.entries, reckoning.head) if head else not reckoning.entries
    if not whole or any(point.entries > reckoning.entries for point in kept):
        return reckoning.verdict(broken_at=reckoning.entries + 1)
    return reckoning.verdict(broken_at=reckoning.first_gap())


class _Erasure(msgspec.Struct):
    """An entry about an erasure: the person, as a keyed hash, and the entries without a person that it changed."""

    subject: str = ""
    of_nobody: list[int] = []


class _Chain:
    """The chain as far as it is verified."""

    def __init__(self, key: bytes, tenant_id: str, kept: Mapping[int, bytes]) -> None:
        self.entries, self.erased, self.head = 0, 0, b""
        self._key, self._tenant_id, self._kept = key, tenant_id, kept
        self._gaps: dict[str, int] = {}
        """By subject the first entry of which something is gone that no erasure accounts for yet."""
        self._shared: dict[int, frozenset[str]] = {}
        """Entries of which something is gone that is nobody's own, each with whom it mentions."""

    def fits(self, row: Record) -> bool:
        """Whether an entry continues the chain; then it is added."""
        number, values = self.entries + 1, row["personal"]
        entry_details = [
            self.head.hex(),
            str(number),
            str((row["at"] - _EPOCH) // _MICROSECOND),
            row["action"],
            row["request_id"],
            row["details_sha256"].hex(),
        ]
        expected = hashlib.sha256("\n".join(entry_details).encode()).digest()
        if (row["sequence"], row["previous_hash"], row["hash"]) != (number, self.head, expected):
            return False
        if not self._details_fit(number, row, values):
            return False
        if self._kept.get(number, expected) != expected:
            return False
        self.entries, self.head = number, expected
        return True

    def first_gap(self) -> int | None:
        """The first entry with an erased value that no erasure explains."""
        return min([*self._gaps.values(), *self._shared], default=None)

    def verdict(self, broken_at: int | None) -> Verification:
        """The result."""
        return Verification(self.entries, self.erased, self.head, broken_at)

    def _details_fit(self, number: int, row: Record, values: list[list[str | None]]) -> bool:
        if row["details"] is None:
            return False
        lines = "".join(f"\n{path} {subject or '-'} {committed}" for path, subject, committed, *_ in values)
        if hashlib.sha256((row["details"] + lines).encode()).digest() != row["details_sha256"]:
            return False
        if not all(map(self._value_fits, values)):
            return False
        self._note_gaps(number, values)
        if row["action"] == ERASED:
            self._note_erasure(msgspec.json.decode(row["details"], type=_Erasure))
        return True

    def _value_fits(self, value: list[str | None]) -> bool:
        """Whether a value matches its commitment and still belongs to the same person, or was erased."""
        _, subject, committed, now, foreign_tenant, user_id = value
        if now is None:
            return user_id is None
        owner = (
            personal_values.person_hash(self._key, foreign_tenant or self._tenant_id, user_id).hex()
            if user_id
            else None
        )
        return (now, subject) == (committed, owner)

    def _note_gaps(self, number: int, values: list[list[str | None]]) -> None:
        gone = [subject for _, subject, _, now, *_ in values if now is None]
        for subject in gone:
            if subject is None:
                self._shared[number] = frozenset(one for _, one, *_ in values if one)
            else:
                self._gaps.setdefault(subject, number)
        self.erased += bool(gone)

    def _note_erasure(self, erasure: _Erasure) -> None:
        self._gaps.pop(erasure.subject, None)
        named = set(erasure.of_nobody)
        self._shared = {
            entry: mentioned
            for entry, mentioned in self._shared.items()
            if entry not in named and erasure.subject not in mentioned
        }
