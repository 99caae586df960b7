"""Alerts on the numbers of a tenant."""

from typing import Annotated

from msgspec import Meta

from autional.api.model import Call
from autional.api.schemas import Instant, RequestModel, ResponseModel
from autional.core.problems import Violation
from autional.events import alerts
from autional.events.alerts import AlertRule, Measure


class AlertRuleBody(RequestModel):
    """What is unusual: more in an hour than so many times the same hour of the last weeks."""

    measure: Measure
    factor: Annotated[float, Meta(ge=1, le=1000)] = 3.0
    minimum: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 20


class AlertRulesBody(RequestModel):
    """The rules of a tenant."""

    rules: Annotated[list[AlertRuleBody], Meta(max_length=4)]

    def faults(self) -> list[Violation]:
        """One rule for each measure."""
        seen = [rule.measure for rule in self.rules]
        return [
            Violation(f"rules[{place}].measure", "value", "Has a rule already")
            for place, measure in enumerate(seen)
            if measure in seen[:place]
        ]


class AlertResponse(ResponseModel):
    """Something was unusual, until its end."""

    id: str
    measure: str
    at: Instant
    count: int
    expected: float
    ended_at: Instant | None = None


class AlertsResponse(ResponseModel, omit_defaults=False):
    """The rules of a tenant, and its latest alerts."""

    rules: list[AlertRuleBody]
    items: list[AlertResponse]
    timestamp: Instant


async def get_alerts(call: Call) -> AlertsResponse:
    """Get the alert rules, and the latest alerts.

    The last hour is compared with the same hour of the four weeks before, each minute.
    """
    found = await alerts.list_alerts(call.database, call.caller.tenant_id)
    items = [
        AlertResponse(
            id=str(one.alert_id),
            measure=one.measure,
            at=one.at,
            count=one.value,
            expected=one.expected,
            ended_at=one.ended_at,
        )
        for one in found
    ]
    return AlertsResponse(rules=(await get_alert_rules(call)).rules, items=items, timestamp=call.now)


async def get_alert_rules(call: Call) -> AlertRulesBody:
    """Get the alert rules."""
    rules = await alerts.list_rules(call.database, call.caller.tenant_id)
    return AlertRulesBody(rules=[AlertRuleBody(**rule._asdict()) for rule in rules])


async def update_alert_rules(call: Call, body: AlertRulesBody) -> AlertsResponse:
    """Say what is unusual.

    Receivers of the kind `alert` hear of it, by webhook and by the feed.
    """
    rules = [AlertRule(rule.measure, rule.factor, rule.minimum) for rule in body.rules]
    await alerts.set_rules(call.database, call.caller.tenant_id, rules)
    return await get_alerts(call)
