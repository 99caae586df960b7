"""Session statistics: read at one instant, never cached, at the same cost for any number of sessions."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from autional.core import problems
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.postgres.queries import Lookup, Queries, Row, database_time, look_up

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_KEPT = {_MINUTE: timedelta(days=1), _HOUR: timedelta(days=31), _DAY: timedelta.max}
_NAMES = {_MINUTE: "minute", _HOUR: "hour", _DAY: "day"}
LONGEST_HISTORY = 2000


class Sample(NamedTuple):
    """The statistics at a past instant, with what had been removed from them by then."""

    statistics: "Statistics"
    purged_expired: int
    purged_revoked: int


class DeviceSessions(NamedTuple):
    """The sessions of a tenant from one type of device; without a tenant, those of all tenants that were not named."""

    tenant_id: str | None
    device_type: str
    active: int
    expired: int
    revoked: int


class Statistics(NamedTuple):
    """Numbers of sessions at `updated_at`, by status and by device type; `total` is the sum of either.

    Of a split tenant they are sums over its buckets, which were read from `updated_at` to `read_until` (None: all at
    that instant): what was written in between is in them or not.
    """

    active: int
    expired: int
    revoked: int
    device_breakdown: dict[str, int]
    updated_at: datetime
    read_until: datetime | None = None

    @property
    def total(self) -> int:
        """All sessions: active, expired and revoked."""
        return self.active + self.expired + self.revoked


def statistics_lookup(tenant_id: str, at: datetime | None, user_id: str | None = None) -> Lookup[Statistics]:
    """The lookup of the statistics of a tenant, or of one user; an unknown user has zeros.

    Its answer raises the Problem TENANT_NOT_FOUND.
    """

    def parse_row(row: Row | None) -> Statistics:
        if row is None:
            raise Problem(problems.TENANT_NOT_FOUND)
        read = Statistics(row["active"], row["expired"], row["revoked"], row["device_breakdown"], row["updated_at"])
        return read if row["read_until"] == read.updated_at else read._replace(read_until=row["read_until"])

    if user_id is None:
        return Lookup("session_statistics", (tenant_id, at), parse_row)
    return Lookup("user_statistics", (tenant_id, at, user_id), parse_row)


async def read(queries: Queries, tenant_id: str, at: datetime | None, user_id: str | None = None) -> Statistics:
    """The statistics of a tenant, or of one user in it. Raises the Problem TENANT_NOT_FOUND."""
    return await look_up(queries, statistics_lookup(tenant_id, at, user_id))


async def read_largest(queries: Queries, tenants: int, at: datetime | None) -> list[DeviceSessions]:
    """The sessions of every tenant by device type, all of one instant.

    Of so many tenants, those that have the most, under their names; of the rest together.
    """
    return [
        DeviceSessions(row["tenant_id"], row["device_type"], row["active"], row["expired"], row["revoked"])
        for row in await queries.rows("metered_sessions", tenants, at)
    ]


async def history(
    queries: Queries, tenant_id: str, start: datetime, end: datetime, step: timedelta, now: datetime
) -> list[Sample]:
    """Samples of the statistics, at most one per `step`, oldest first.

    Samples are kept for each minute for a day, for each hour for 31 days, and for each day for ten years. A finer step
    than is kept gives what there is.
    """
    age = now - start
    finest = next(size for size, kept in _KEPT.items() if age <= kept)
    size = max(finest, *(size for size in _KEPT if size <= max(step, _MINUTE)))
    rows = await queries.rows("statistics_history", tenant_id, _NAMES[size], start, end, max(step, size))
    by_reading: dict[datetime, list[Row]] = {}
    for row in rows:  # of each bucket, where the tenant is split
        by_reading.setdefault(row["read_at"], []).append(row)
    return [
        Sample(_added_up(found, read_at), _total(found, "purged_expired"), _total(found, "purged_revoked"))
        for read_at, found in sorted(by_reading.items())
    ]


def _added_up(rows: list[Row], read_at: datetime) -> Statistics:
    breakdown = sum((Counter(row["device_breakdown"]) for row in rows), Counter[str]())
    return Statistics(
        _total(rows, "active"), _total(rows, "expired"), _total(rows, "revoked"), dict(breakdown), read_at
    )


def _total(rows: Sequence[Row], column: str) -> int:
    return sum(row[column] for row in rows)


async def verify(database: Database, tenant_id: str, at: datetime | None) -> tuple[Statistics, Statistics]:
    """The statistics and a brute-force recount, both of one snapshot. Raises the Problem TENANT_NOT_FOUND."""
    async with database.transaction(isolation="repeatable_read", readonly=True) as queries:
        now = await database_time(queries, at)
        return await read(queries, tenant_id, now), await recount(queries, tenant_id, now)


def difference(one: Statistics, other: Statistics) -> int:
    """How far two readings differ: the sum over all numbers."""
    states = sum(abs(a - b) for a, b in zip(one[:3], other[:3], strict=True))
    types = one.device_breakdown.keys() | other.device_breakdown.keys()
    devices = sum(abs(one.device_breakdown.get(name, 0) - other.device_breakdown.get(name, 0)) for name in types)
    return states + devices


async def recount(queries: Queries, tenant_id: str, now: datetime) -> Statistics:
    """A brute-force recount of every session of the tenant: slow, and the proof of `read`."""
    rows = await queries.rows("recounted_statistics", tenant_id, now)
    breakdown = Counter[str]()
    for row in rows:  # of each bucket, where the tenant is split
        breakdown[row["device_type"]] += row["sessions"]
    return Statistics(_total(rows, "active"), _total(rows, "expired"), _total(rows, "revoked"), dict(breakdown), now)
