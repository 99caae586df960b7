"""The revocation log in one order: positions are dense in a tenant, and nothing comes later before what was seen."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, NamedTuple

import structlog

from autional.core.errors import WORKER_LOST, DatabaseBusyError, DatabaseUnavailableError
from autional.events.claims import lapsed_owners
from autional.postgres.queries import Queries, Row, rows_of_reachable

BATCH = 1000
_SMALLEST_BATCH = 4
_TOLD_AT_ONCE = 200
_LATE_SECONDS = 2.0
CHANNEL = "autional_revocations"
"""Where PostgreSQL notifies after each batch: the numbers of the tenants, or nothing where they are too many."""

log = structlog.get_logger()

Kind = Literal["session", "token", "user", "tenant", "restored", "established", "assurance", "tokens", "alert"]
"""What happened: the end of a session, a token, or all that a user or the tenant has; or what else the log tells."""


class Event(NamedTuple):
    """A row of the revocation log of a tenant, at its position."""

    home: int
    position: int
    revocation_id: int
    at: datetime
    kind: Kind
    subject_id: str | None
    user_id: str | None
    reason: str
    by_user: str | None
    by_tenant: str | None
    by_key: str | None
    job_id: str | None
    request_id: str | None
    details: dict[str, Any] | None
    """Of an alert: its numbers; of an end: by which generations tokens are over."""
    lag: float
    """Seconds since it happened, when it was read."""


class Head(NamedTuple):
    """How far the log of a tenant goes, and up to where rows of it may be gone."""

    position: int
    pruned_to: int


class Sequencer:
    """Gives rows their positions, and then writes down what receivers are to be told, tenant by tenant."""

    def __init__(self, queries: Queries, *, on_citus: bool = False) -> None:
        self._queries = queries
        self._place = _place_on_citus if on_citus else place_revocations
        self._tell = _tell_on_citus if on_citus else _tell
        self._to_tell: dict[int, None] = {}

    async def place(self) -> bool:
        """Place a batch; returns whether there may be more. Raises DatabaseUnavailableError."""
        homes = await self._place(self._queries)
        self._to_tell |= dict.fromkeys(homes)
        return bool(homes)

    async def tell(self) -> bool:
        """Write down a part for each tenant in turn; returns whether there is more. Raises DatabaseUnavailableError."""
        has_more = False
        for home in list(self._to_tell):
            del self._to_tell[home]
            try:
                row = await self._tell(self._queries, home)
            except WORKER_LOST as error:
                log.warning("receivers of a tenant wait", home=home, cause=str(error))
                self._to_tell[home] = None
                continue
            if row and row["has_more"]:
                self._to_tell[home] = None
                has_more = True
        return has_more

    async def look_for_more(self) -> None:
        """Find tenants of which not all is written down, since a node ended. Raises DatabaseUnavailableError."""
        self._to_tell |= dict.fromkeys(row["home"] for row in await self._queries.rows("tenants_to_tell"))


async def place_revocations(queries: Queries, batch: int = BATCH) -> list[int]:
    """Give positions to rows that no open transaction can come before; returns the homes that they are of.

    A batch that takes too long is done in parts. Raises DatabaseUnavailableError.
    """
    try:
        row = await queries.row("place_revocations", batch)
    except DatabaseBusyError:
        if batch <= _SMALLEST_BATCH:
            raise
        return await place_revocations(queries, batch // 8)
    return list(row["homes"] or ()) if row else []


async def _place_on_citus(queries: Queries) -> list[int]:
    """The same where each tenant has its node; nodes that are away stop nobody else's log."""
    placed = []
    for row in await rows_of_reachable(queries, "tenants_with_unplaced_revocations"):
        try:
            found = await queries.row("place_revocations_of", row["home"], BATCH)
        except DatabaseUnavailableError as error:
            log.warning("the revocation log of a tenant waits", home=row["home"], cause=str(error))
            continue
        if found and found["placed"]:
            placed.append(row["home"])
    if placed:
        await queries.rows("notify_of_revocations", placed)
    return placed


async def _tell(queries: Queries, home: int) -> Row | None:
    return await queries.row("tell_receivers", home, _TOLD_AT_ONCE)


async def _tell_on_citus(queries: Queries, home: int) -> Row | None:
    """The same where API keys are on another node."""
    return await queries.row("tell_receivers_of", home, _TOLD_AT_ONCE, await lapsed_owners(queries, home))


async def warn_of_delay(queries: Queries) -> float:
    """Log a warning when rows wait too long for a position; returns since when the oldest waits, in seconds.

    Raises DatabaseUnavailableError.
    """
    row = await queries.row("oldest_unplaced_revocation")
    seconds = float(row["seconds"]) if row else 0.0
    if row and seconds > _LATE_SECONDS:
        log.warning("the revocation log waits for open transactions", seconds=seconds, transactions=row["running"])
    return seconds


class Progress(NamedTuple):
    """How far the logs go: when that was read, and for how many seconds the oldest row waits for its position."""

    at: datetime
    waiting: float
    is_partial: bool
    """Whether workers of a Citus cluster are away: nothing is said of their tenants."""


async def read_progress(queries: Queries) -> Progress:
    """How far the logs go now. Raises DatabaseUnavailableError."""
    [row] = await rows_of_reachable(queries, "log_progress")
    return Progress(row["at"], row["waiting"], row["is_partial"])


async def head(queries: Queries, tenant_id: str) -> Head:
    """How far the log of a tenant goes. Raises DatabaseUnavailableError."""
    row = await queries.row("revocation_head", tenant_id)
    return Head(row["position"], row["pruned_to"]) if row else Head(0, 0)


async def events_after(
    queries: Queries, positions: Mapping[int, int], most: int, *, on_citus: bool = False
) -> list[Event]:
    """What the logs of tenants, by home, say after positions: at most so many of each, in order.

    Of several tenants on Citus those whose worker is away say nothing.

    Raises DatabaseUnavailableError.
    """
    if len(positions) == 1:
        [(home, position)] = positions.items()
        return [event_of(row) for row in await queries.rows("revocations_of_tenant_after", home, position, most)]
    if on_citus:
        found: list[Event] = []
        for home, position in sorted(positions.items()):
            with suppress(*WORKER_LOST):
                found += await events_after(queries, {home: position}, most)
        return found
    rows = await queries.rows("revocations_after", list(positions), list(positions.values()), most)
    return [event_of(row) for row in rows]


def event_of(row: Row) -> Event:
    """The event in a row."""
    return Event(*(row[name] for name in Event._fields))
