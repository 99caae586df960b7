"""Alerts on the numbers: what a tenant calls unusual, and what was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from autional.core import background
from autional.postgres.queries import Queries

Measure = Literal["logins", "revocations", "reuse", "risk"]
SHOWN = 50


class AlertRule(NamedTuple):
    """More in an hour than `factor` times the same hour of the last weeks, and at least `minimum`."""

    measure: Measure
    factor: float
    minimum: int


class Alert(NamedTuple):
    """Something was unusual: so many in an hour, and so many expected; without an end it still is."""

    alert_id: int
    measure: Measure
    at: datetime
    value: int
    expected: float
    ended_at: datetime | None


async def list_rules(queries: Queries, tenant_id: str) -> list[AlertRule]:
    """The rules of a tenant."""
    return [AlertRule(**row) for row in await queries.rows("alert_rules", tenant_id)]


async def set_rules(queries: Queries, tenant_id: str, rules: Sequence[AlertRule]) -> None:
    """Have these rules, and no others."""
    measures, factors, minimums = zip(*rules, strict=True) if rules else ((), (), ())
    await queries.rows("delete_alert_rules", tenant_id, list(measures))
    await queries.rows("set_alert_rules", tenant_id, list(measures), list(factors), list(minimums))


async def list_alerts(queries: Queries, tenant_id: str) -> list[Alert]:
    """The latest alerts, those that go on first."""
    return [Alert(**row) for row in await queries.rows("alerts", tenant_id, SHOWN)]


async def evaluate_alerts(queries: Queries, now: datetime) -> None:
    """Raise and end alerts. Raises DatabaseUnavailableError."""
    found = [row["tenant_id"] for row in await queries.rows("tenants_with_alert_rules")]
    await background.for_each(found, lambda tenant_id: queries.rows("evaluate_alerts", tenant_id, now))
