"""What a tenant's sessions consist of: by device type exactly, by app, country and risk as counted a minute ago."""

from datetime import datetime
from typing import NamedTuple

from autional.core import background
from autional.postgres.queries import Queries, database_time
from autional.risk.scoring import HIGH, MEDIUM

_MOST_COUNTED = 200_000


class Devices(NamedTuple):
    """Numbers of sessions by device type at `updated_at`."""

    active: dict[str, int]
    every: dict[str, int]
    updated_at: datetime


class Breakdown(NamedTuple):
    """Numbers of active sessions by app, country and level of risk at `counted_at`, the most frequent first.

    None of it is known before the first count. Of a tenant with more than 200,000 active sessions as many are counted.
    """

    counted_at: datetime | None
    sessions: int
    is_whole: bool
    apps: list[tuple[str, int]]
    countries: list[tuple[str, int]]
    risk: dict[str, int]


async def read_devices(queries: Queries, tenant_id: str, at: datetime | None) -> Devices:
    """Sessions by device type. Raises DatabaseUnavailableError."""
    rows = await queries.rows("session_devices", tenant_id, at)
    updated_at = rows[0]["updated_at"] if rows else await database_time(queries, at)
    return Devices(
        {row["device_type"]: row["active"] for row in rows},
        {row["device_type"]: row["sessions"] for row in rows},
        updated_at,
    )


async def read_breakdown(queries: Queries, tenant_id: str, at: datetime | None) -> Breakdown:
    """The last breakdown; it is counted each minute for as long as somebody asks. Raises DatabaseUnavailableError."""
    await queries.rows("ask_for_breakdown", tenant_id, await database_time(queries, at))
    row = await queries.row("session_breakdown", tenant_id)
    if row is None:
        return Breakdown(None, 0, True, [], [], {})
    return Breakdown(*(row[name] for name in Breakdown._fields))


async def count_breakdowns(queries: Queries, now: datetime) -> None:
    """Count those again that somebody looks at."""

    async def count(tenant_id: str) -> None:
        await queries.rows("count_breakdown", tenant_id, now, _MOST_COUNTED, MEDIUM, HIGH)

    await background.for_each([row["tenant_id"] for row in await queries.rows("breakdowns_to_count", now)], count)
