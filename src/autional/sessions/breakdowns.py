"""What a tenant's sessions consist of: by device type exactly, by app, country and risk as counted a minute ago."""

from datetime import datetime
from typing import NamedTuple

from autional.core import background, ids
from autional.postgres.queries import Queries, Row, database_time
from autional.risk.scoring import HIGH, MEDIUM
from autional.sessions import statistics
from autional.sessions.filters import SessionFilter
from autional.sessions.statistics import Statistics

_MOST_COUNTED = 200_000


class Devices(NamedTuple):
    """Statistics of each device type, the most frequent first, at `updated_at`."""

    by_type: dict[str, Statistics]
    updated_at: datetime


class Breakdown(NamedTuple):
    """Numbers of active sessions by app, country, level of risk and agent at `counted_at`, the most frequent first.

    None of it is known before the first count. Of a tenant with more than 200,000 active sessions as many are counted.
    """

    counted_at: datetime | None
    sessions: int
    is_whole: bool
    apps: list[tuple[str, int]]
    countries: list[tuple[str, int]]
    risk: dict[str, int]
    agents: list[tuple[str, int]]


async def read_devices(queries: Queries, tenant_id: str, at: datetime | None) -> Devices:
    """The statistics by device type. Raises DatabaseUnavailableError."""
    rows = await queries.rows("session_devices", tenant_id, at)
    updated_at = rows[0]["updated_at"] if rows else await database_time(queries, at)
    by_type: dict[str, list[Row]] = {}
    for row in rows:  # of each bucket, where the tenant is split
        by_type.setdefault(row["device_type"], []).append(row)
    found = [_statistics(name, rows, updated_at) for name, rows in by_type.items()]
    found.sort(key=lambda one: one.total, reverse=True)
    return Devices({name: read for read in found for name in read.device_breakdown}, updated_at)


def _statistics(device_type: str, rows: list[Row], updated_at: datetime) -> Statistics:
    active, expired, revoked = (sum(row[name] for row in rows) for name in ("active", "expired", "revoked"))
    return Statistics(active, expired, revoked, {device_type: active + expired + revoked}, updated_at)


async def known_total(queries: Queries, tenant_id: str, now: datetime, only: SessionFilter) -> int:
    """How many sessions a filter of the statistics selects. Raises the Problem TENANT_NOT_FOUND."""
    if only.device_type is not None:
        devices = await read_devices(queries, tenant_id, now)
        read = devices.by_type.get(only.device_type, Statistics(0, 0, 0, {}, now))
    else:
        read = await statistics.read(queries, tenant_id, now, only.user_id)
    totals = {"active": read.active, "expired": read.expired, "revoked": read.revoked, "all": read.total}
    return (totals | {"ended": read.expired + read.revoked})[only.status]


async def read_breakdown(queries: Queries, tenant_id: str, at: datetime | None) -> Breakdown:
    """The last breakdown; it is counted each minute for as long as somebody asks. Raises DatabaseUnavailableError."""
    await queries.rows("ask_for_breakdown", tenant_id, at)
    row = await queries.row("session_breakdown", tenant_id)
    if row is None:
        return Breakdown(None, 0, True, [], [], {}, [])
    return Breakdown(*(row[name] for name in Breakdown._fields))


async def count_breakdowns(queries: Queries, now: datetime) -> None:
    """Count those again that somebody looks at."""

    async def count(tenant_id: str) -> None:
        await queries.rows("count_breakdown", tenant_id, now, _MOST_COUNTED, MEDIUM, HIGH)

    await background.for_each(
        [ids.tenant_or_bucket(row["tenant_id"]) for row in await queries.rows("breakdowns_to_count", now)], count
    )
