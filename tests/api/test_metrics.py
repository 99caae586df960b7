import asyncio
import time

import httpx
from prometheus_client.parser import text_string_to_metric_families
from tests.conftest import People

from autional.core import clock, meters
from autional.demo.loader import load_sessions
from autional.events import log
from autional.postgres.database import Database
from autional.sessions import statistics
from autional.tenancy import api_keys, tenants


async def test_the_lag_is_a_metric_for_who_may_see_all_tenants(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    made = await http.post("/internal/session/create", headers=key, json={"auth_user_id": "usr_1"})
    await http.delete(f"/internal/session/session/{made.json()['data']['session']['id']}", headers=key)
    everywhere = await api_keys.create_api_key(people.service.database, "prometheus", None, None)
    name, _, secret = everywhere.partition(".")
    answer = await http.get("/metrics", auth=(name, secret))
    assert answer.status_code == 200, answer.text
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["autional_revocation_unplaced_seconds"].samples[0].value > 0
    sequencer = log.Sequencer(people.service.database, on_citus=people.service.database.on_citus)
    async with asyncio.timeout(10):
        while families["autional_revocation_unplaced_seconds"].samples[0].value > 0:
            await sequencer.place()  # waits for older transactions, of other databases too
            answer = await http.get("/metrics", headers={"X-API-Key": everywhere})
            families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert (await http.get("/metrics", headers=key)).status_code == 403
    assert (await http.get("/metrics")).status_code == 401


async def metrics_of(http: httpx.AsyncClient, database: Database) -> dict[str, dict[tuple[str, ...], float]]:
    """The samples of all metrics by name and labels' values, in the order of their names."""
    key = await api_keys.create_api_key(database, "prometheus", None, None)
    answer = await http.get("/metrics", headers={"X-API-Key": key})
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found


async def test_sessions_are_what_the_statistics_say_while_they_come_and_go(
    http: httpx.AsyncClient, people: People, database: Database
) -> None:
    await load_sessions(database, "acme", 3000, clock.now())
    key, admin = await people.api_key(), await people.bearer()

    async def come_and_go(number: int) -> None:
        for step in range(10):
            user = {"auth_user_id": f"usr_{number}_{step}"}
            made = await http.post("/internal/session/create", headers=key, json=user)
            if step % 2:
                await http.delete(f"/internal/session/session/{made.json()['data']['session']['id']}", headers=key)

    running = [asyncio.create_task(come_and_go(number)) for number in range(4)]
    while not all(task.done() for task in running):
        before = (await http.get("/admin/sessions/stats", headers=admin)).json()
        shown = (await metrics_of(http, database))["autional_sessions"]
        after = (await http.get("/admin/sessions/stats", headers=admin)).json()
        total = sum(value for (_, _, tenant), value in shown.items() if tenant == "acme")
        assert before["total_sessions"] <= total <= after["total_sessions"]
    await asyncio.gather(*running)
    now = (await http.get("/admin/sessions/stats", headers=admin)).json()
    shown = (await metrics_of(http, database))["autional_sessions"]
    for status in ("active", "expired", "revoked"):
        assert sum(shown[one] for one in shown if one[1:] == (status, "acme")) == now[f"{status}_sessions"]
    for device, number in now["device_breakdown"].items():
        assert sum(shown[one] for one in shown if one[0] == device) == number
    assert now["expired_sessions"] > 100  # nothing sweeps here: they are corrected when they are read


async def test_only_the_largest_tenants_have_a_name(database: Database, tenant: str) -> None:
    for name, sessions in (("acme", 50), ("small", 10), ("tiny", 5), ("gone", 500)):
        if name != "acme":
            await tenants.create_tenant(database, name, name, None, key=b"t" * 32)
        await load_sessions(database, name, sessions, clock.now())
    everything = await statistics.read_largest(database, 10, None)
    assert {one.tenant_id for one in everything} == {"acme", "small", "tiny", "gone"}
    few = await statistics.read_largest(database, 2, None)
    counted = {name: sum(sum(one[2:]) for one in few if one.tenant_id == name) for name in ("gone", "acme", None)}
    assert counted == {"gone": 500, "acme": 50, None: 15}
    assert {one.tenant_id for one in await statistics.read_largest(database, 0, None)} == {None}


async def test_requests_are_counted_by_route_and_status(
    http: httpx.AsyncClient, people: People, database: Database
) -> None:
    before = (await metrics_of(http, database))["autional_request_seconds_count"]
    for _ in range(3):
        assert (await http.get("/admin/sessions/stats")).status_code == 401
    await http.get("/no/such/path")
    await http.request("PURGE", "/healthz")
    found = await metrics_of(http, database)
    counts = found["autional_request_seconds_count"]
    grown = {key: value - before.get(key, 0) for key, value in counts.items() if value > before.get(key, 0)}
    assert grown.pop(("GET", "/metrics", "200")) >= 1
    assert grown == {
        ("GET", "/admin/sessions/stats", "401"): 3,
        ("GET", "none", "404"): 1,
        ("other", "/healthz", "405"): 1,
    }
    buckets = found["autional_request_seconds_bucket"]
    assert buckets["+Inf", "GET", "none", "404"] == counts["GET", "none", "404"]
    assert found["autional_batched_calls_total"] or found["autional_batches_total"]


def test_counting_a_request_costs_next_to_nothing() -> None:
    began = time.process_time()
    for _ in range(100_000):
        meters.observe("GET", "/cost", 200, time.perf_counter())
    assert (time.process_time() - began) / 100_000 < 3e-6
