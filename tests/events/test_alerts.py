"""Alerts on the numbers: what a tenant calls unusual is raised once, told, and ended."""

import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tests.conftest import NOW
from tests.events.conftest import Nodes, next_of
from tests.events.listener import Listener
from tests.events.test_log import HOME
from tests.events.test_webhooks import added

from autional.events.alerts import evaluate_alerts
from autional.postgres.queries import database_time
from autional.runtime.maintenance import sample_statistics

PATH = "/admin/alerts"
HOUR = timedelta(hours=1)


async def shown(nodes: Nodes) -> list[dict[str, Any]]:
    answer = await nodes.other.get(PATH, headers=await nodes.people.bearer())
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def ruled(nodes: Nodes, **rule: Any) -> None:
    body = {"rules": [{"factor": 3, "minimum": 5} | rule]}
    answer = await nodes.one.put(PATH, headers=await nodes.people.bearer(), json=body)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("measure", "ends"), [("logins", False), ("revocations", True)])
async def test_more_than_usual_is_raised_once_told_and_ended(
    nodes: Nodes, listener: Listener, measure: str, ends: bool
) -> None:
    await ruled(nodes, measure=measure)
    await added(nodes, listener, kinds=["alert"])
    begin = await database_time(nodes.database, None)
    await sample_statistics(nodes.database, begin)
    async with nodes.listening(nodes.other) as events:
        for number in range(6):
            made = await nodes.begin(f"usr_{number}")
            if ends:
                await nodes.end(made["session"]["id"])
        await sample_statistics(nodes.database, begin + HOUR / 2)
        for _ in range(2):
            await evaluate_alerts(nodes.database, begin + HOUR / 2)
        told = await next_of(events, "alert.raised")
    assert told.data["alert"] == {"measure": measure, "count": 6, "expected": 0.0}
    await listener.wait_for(1)
    [alert] = await shown(nodes)
    assert (alert["measure"], alert["count"], alert["expected"]) == (measure, 6, 0.0)
    assert "ended_at" not in alert
    await evaluate_alerts(nodes.database, begin + 3 * HOUR)
    [alert] = await shown(nodes)
    assert alert["ended_at"]
    received = await listener.wait_for(2)
    assert [json.loads(one.body)["type"] for one in received] == ["alert.raised", "alert.ended"]


@pytest.mark.parametrize(("a_week_ago", "raised"), [(4, True), (40, False)])
async def test_what_is_usual_for_the_hour_is_not_raised(nodes: Nodes, url: str, a_week_ago: int, raised: bool) -> None:
    await ruled(nodes, measure="reuse")
    now = NOW + timedelta(days=10)
    connection = await asyncpg.connect(url)
    try:
        for at, number in ((now - timedelta(days=7, minutes=5), a_week_ago), (now - timedelta(minutes=5), 13)):
            await connection.execute(
                "insert into autional.revocations (home, at, kind, reason)"
                " select $1, $2, 'session', 'refresh_token_reuse' from generate_series(1, $3)",
                HOME,
                at,
                number,
            )
    finally:
        await connection.close()
    await evaluate_alerts(nodes.database, now)
    assert bool(await shown(nodes)) is raised


async def test_risk_counts_logins_of_high_risk(nodes: Nodes, url: str) -> None:
    await ruled(nodes, measure="risk")
    for number in range(6):
        await nodes.begin(f"usr_{number}")
    await nodes.execute("update autional.sessions set risk_score = 90")
    await evaluate_alerts(nodes.database, await database_time(nodes.database, None))
    assert [one["count"] for one in await shown(nodes)] == [6]


async def test_a_rule_that_goes_takes_its_alert_along(nodes: Nodes, url: str) -> None:
    await test_risk_counts_logins_of_high_risk(nodes, url)
    answer = await nodes.one.put(PATH, headers=await nodes.people.bearer(), json={"rules": []})
    assert answer.json()["items"][0]["ended_at"]
    twice = {"rules": [{"measure": "risk"}, {"measure": "risk"}]}
    refused = await nodes.one.put(PATH, headers=await nodes.people.bearer(), json=twice)
    assert refused.status_code == 400
