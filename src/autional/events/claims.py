"""What receivers are to be told is claimed, and how that went noted: of all tenants at once, on Citus one by one.

Of a tenant whose worker is away nothing is claimed, and what is to be written down waits.
"""

import random
from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Literal, NamedTuple

import structlog

from autional.core.errors import WORKER_LOST
from autional.postgres.queries import Queries, Row, rows_of_reachable

log = structlog.get_logger()

Result = Literal["delivered", "failed", "refused"]


class Outcome(NamedTuple):
    """How an attempt went: delivered; failed, to be tried again; or refused, which no repetition would change."""

    home: int
    receiver_id: str
    position: int
    result: Result
    answer: str


class Limits(NamedTuple):
    """How many deliveries are claimed at most: in all, of each tenant, of each receiver; and for how long."""

    all: int
    of_tenant: int
    of_each: int
    lease: timedelta


async def claim(
    queries: Queries, limits: Limits, busy: Collection[int], busy_receivers: Sequence[str]
) -> Sequence[Row]:
    """What is due, but of busy tenants and receivers. Raises DatabaseUnavailableError."""
    return await queries.rows("claim_deliveries", *limits, list(busy), busy_receivers)


async def claim_by_tenant(
    queries: Queries, limits: Limits, busy: Collection[int], busy_receivers: Sequence[str]
) -> Sequence[Row]:
    """The same on Citus. The tenants come at random, so that none is always the last."""
    homes = [home for home in await _homes_with_deliveries(queries) if home not in busy]
    found: list[Row] = []
    for home in random.sample(homes, len(homes)):
        free = min(limits.of_tenant, limits.all - len(found))
        if free <= 0:
            break
        try:
            lapsed = await lapsed_owners(queries, home)
            asked = home, free, limits.of_each, limits.lease, busy_receivers, lapsed
            claimed = await queries.rows("claim_deliveries_of", *asked)
            names, positions = [row["receiver_id"] for row in claimed], [row["position"] for row in claimed]
            found += await queries.rows("told_deliveries", home, names, positions) if claimed else ()
        except WORKER_LOST as error:
            log.warning("receivers of a tenant wait", home=home, cause=str(error))
    return found


async def finish(queries: Queries, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Write down how attempts went; returns what waits. Raises DatabaseUnavailableError."""
    await queries.rows("finish_deliveries", [one._asdict() for one in outcomes])
    return []


async def finish_by_tenant(queries: Queries, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The same on Citus."""
    waiting: list[Outcome] = []
    by_home = attrgetter("home")
    for home, found in groupby(sorted(outcomes, key=by_home), by_home):
        of_tenant = list(found)
        try:
            await queries.rows("finish_deliveries_of", home, [one._asdict() for one in of_tenant])
        except WORKER_LOST:
            waiting += of_tenant
    return waiting


async def settle(queries: Queries) -> None:
    """Note which receivers have nothing left to be told. Raises DatabaseUnavailableError."""
    await queries.rows("settle_receivers")


async def settle_by_tenant(queries: Queries) -> None:
    """The same on Citus."""
    for home in await _homes_with_deliveries(queries):
        try:
            await queries.rows("settle_receivers_of", home)
        except WORKER_LOST:
            continue


async def lapsed_owners(queries: Queries, home: int) -> list[str]:
    """The API keys that made streams of a tenant and are not valid for it any more. Raises DatabaseUnavailableError."""
    row = await queries.row("owners_of_receivers", home)
    lapsed = await queries.rows("lapsed_keys", row["keys"], row["tenant_id"]) if row else ()
    return [one["api_key_id"] for one in lapsed]


async def _homes_with_deliveries(queries: Queries) -> list[int]:
    return [row["home"] for row in await rows_of_reachable(queries, "tenants_with_deliveries")]
