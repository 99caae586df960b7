"""Receipts: who heard of a revocation, when, and how long that took."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from autional.core import problems
from autional.core.problems import Problem
from autional.postgres.queries import Queries, Row
from autional.sessions.revocations import Revocation, revocation_of

_BEHIND = timedelta(minutes=1)

_BACKLOG = ("unplaced_seconds", "waiting_seconds", "receiver_id")

log = structlog.get_logger()


class Line(NamedTuple):
    """A receiver, a reader of the feed, or the status lists; and what it heard."""

    channel: str
    reader: str
    name: str | None
    state: str
    heard_at: datetime | None
    lag: float | None
    attempts: int
    answer: str | None
    due_at: datetime | None


class Receipt(NamedTuple):
    """A revocation, and who heard of it; at no position yet, nobody has."""

    revocation: Revocation
    position: int | None
    lines: list[Line]


class Reading(NamedTuple):
    """What a reader of the feed was sent within a second."""

    home: int
    reader: str
    first_position: int
    last_position: int
    lag: float | None
    """Seconds; None for what it had missed, which says nothing about the channel."""


class Lag(NamedTuple):
    """How long a channel took, in seconds."""

    channel: str
    events: int
    median: float
    slow: float
    """Of one in a hundred, at least."""
    worst: float


class Backlog(NamedTuple):
    """For how many seconds the oldest row waits for its position, and the oldest delivery for its receiver."""

    unplaced: float
    waiting: float
    receiver_id: str | None = None
    """The receiver that waits the longest; None also where many tenants were asked about."""


async def receipt(queries: Queries, tenant_id: str, revocation_id: int) -> Receipt:
    """Who heard of a revocation. Raises the Problem REVOCATION_NOT_FOUND."""
    row = await queries.row("revocation", tenant_id, revocation_id)
    if row is None:
        raise Problem(problems.REVOCATION_NOT_FOUND)
    position: int | None = row["position"]
    lines = await queries.rows("receipt_lines", tenant_id, position) if position is not None else []
    return Receipt(revocation_of(row), position, [_line(one) for one in lines])


async def note_readings(queries: Queries, readings: Sequence[Reading]) -> None:
    """Write down what readers of the feed were sent. Raises DatabaseUnavailableError."""
    if readings:
        await queries.rows("insert_readings", *(list(column) for column in zip(*readings, strict=True)))


async def lags(queries: Queries, tenant_id: str) -> tuple[list[Lag], Backlog]:
    """How long each channel took lately, and what waits. Raises DatabaseUnavailableError."""
    found = [_lag(row) for row in await queries.rows("lags", tenant_id)]
    row = await queries.row("backlog", tenant_id)
    return found, Backlog(*(row[name] for name in _BACKLOG)) if row else Backlog(0.0, 0.0)


async def lags_of_all(queries: Queries) -> tuple[list[Lag], Backlog]:
    """The same over all tenants together. Raises DatabaseUnavailableError."""
    found = [_lag(row) for row in await queries.rows("lags_of_all")]
    row = await queries.row("backlog_of_all")
    return found, Backlog(row["unplaced_seconds"], row["waiting_seconds"]) if row else Backlog(0.0, 0.0)


async def warn_of_receivers_behind(queries: Queries) -> None:
    """Log a warning for receivers that wait too long to be told. Raises DatabaseUnavailableError."""
    for row in await queries.rows("receivers_behind", _BEHIND):
        log.warning(
            "a receiver has not been told", tenant=row["tenant_id"], receiver=row["receiver_id"], seconds=row["seconds"]
        )


def _lag(row: Row) -> Lag:
    return Lag(*(row[name] for name in Lag._fields))


def _line(row: Row) -> Line:
    return Line(*(row[name] for name in Line._fields))
