"""What administrators and services did: an append-only log per tenant, each entry chained to the one before."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from asyncpg import Record

from autional.db import Queries

PLATFORM = "-"
"""The log of what is done to the platform as a whole; no tenant is called so."""

_PART = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Act(NamedTuple):
    """What somebody did; `details` hold who, from where, on what, and what was before and after."""

    action: str
    request_id: str
    details: Mapping[str, Any]


class Entry(NamedTuple):
    """An act as it stands in the log; without details where a person in it was erased."""

    sequence: int
    at: datetime
    action: str
    request_id: str
    details: dict[str, Any] | None
    hash: bytes


class Wanted(NamedTuple):
    """Which entries: None is any; `about` is a value that stands in the details, such as a user id."""

    action: str | None = None
    actor: str | None = None
    about: str | None = None
    start: datetime | None = None
    end: datetime | None = None


class Verdict(NamedTuple):
    """What came of reckoning a chain again; `broken_at` is the first entry that does not fit."""

    entries: int
    erased: int
    head: bytes
    broken_at: int | None


async def append(queries: Queries, tenant_id: str, act: Act, now: datetime | None) -> None:
    """Write an act down; in the transaction of the act itself it stands if and only if that took effect."""
    await queries.rows("append_audit", tenant_id, now, act.action, act.request_id, act.details)


async def page(queries: Queries, tenant_id: str, wanted: Wanted, size: int, before: int | None = None) -> list[Entry]:
    """A part of the log, newest first."""
    rows = await queries.rows("audit_page", tenant_id, before, *wanted, size)
    return [Entry(*(row[name] for name in Entry._fields)) for row in rows]


async def verify(queries: Queries, tenant_id: str) -> Verdict:
    """Reckon the chain again, from the first entry to the head."""
    entries, erased, previous = 0, 0, b""
    while rows := await queries.rows("audit_chain", tenant_id, entries, _PART):
        for row in rows:
            entries += 1
            if not _fits(row, entries, previous):
                return Verdict(entries, erased, previous, entries)
            erased += row["details"] is None
            previous = row["hash"]
    head = await queries.row("audit_head", tenant_id)
    whole = (head["sequence"], head["hash"]) == (entries, previous) if head else entries == 0
    return Verdict(entries, erased, previous, None if whole else entries + 1)


def _fits(row: Record, sequence: int, previous: bytes) -> bool:
    details = row["details"]
    if details is not None and hashlib.sha256(details.encode()).digest() != row["details_sha256"]:
        return False
    told = [
        previous.hex(),
        str(sequence),
        str((row["at"] - _EPOCH) // _MICROSECOND),
        row["action"],
        row["request_id"],
        row["details_sha256"].hex(),
    ]
    expected = hashlib.sha256("\n".join(told).encode()).digest()
    return (row["sequence"], row["previous_hash"], row["hash"]) == (sequence, previous, expected)
