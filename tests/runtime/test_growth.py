"""Every table that grows has a rule that shrinks it: after years of housekeeping only what must stay is left."""

from datetime import timedelta

import asyncpg
import httpx
from tests.api.users.test_persons import live_a_little
from tests.conftest import People

from autional.core.clock import now
from autional.runtime import maintenance
from autional.sessions.bulk_revocation import run_next_job
from autional.sessions.retention import purge_by_retention

STAYS = {
    "alert_rules": "four a tenant",
    "api_keys": "made one by one by operators",
    "audit_entries": "the record itself",
    "audit_heads": "one a tenant",
    "audit_values": "with their entries; an erasure empties them",
    "deleted_tenants": "a hash a tenant, so that an id is never given out again",
    "erasures": "removed when done",
    "housekeeping": "one a task",
    "jwt_configs": "one a tenant",
    "listing_heads": "one a tenant",
    "receivers": "at most a hundred a tenant",
    "retentions": "one a tenant",
    "revocation_heads": "one a tenant",
    "risk_weights": "one a tenant",
    "sampling_rounds": "one a day for ten years",
    "schema_versions": "one a migration",
    "session_counters": "a few a tenant",
    "session_limits": "one a tenant",
    "session_policies": "one a tenant",
    "signing_keys": "one in 90 days",
    "statistics_samples": "one a day for ten years",
    "tenants": "removed on demand",
}


async def counts(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "select table_name from information_schema.tables where table_schema = 'autional'"
            " and table_type = 'BASE TABLE'"
        )
        return {
            name: await connection.fetchval(f"select count(*) from autional.{name}") for (name,) in map(tuple, tables)
        }
    finally:
        await connection.close()


async def test_after_years_only_what_must_stay_is_left(http: httpx.AsyncClient, people: People, url: str) -> None:
    made = await live_a_little(http, people)
    key = await people.api_key() | {"Idempotency-Key": "once"}
    await http.post("/internal/session/create", headers=key, json={"auth_user_id": "bob"})
    token = {"refresh_token": made[3]["tokens"]["refresh_token"]}
    await http.post("/sessions/refresh", json=token)
    grown = {name for name, number in (await counts(url)).items() if number}
    while await run_next_job(people.service.database):
        pass
    moment = now()
    for later in (timedelta(minutes=5), timedelta(days=2), timedelta(days=40), timedelta(days=200)):
        for _, step in maintenance.tasks_of(people.service).values():
            await step(people.service, moment + later)
    left = {name for name, number in (await counts(url)).items() if number}
    assert left <= STAYS.keys(), left - STAYS.keys()
    assert grown - STAYS.keys() >= {"sessions", "token_pairs", "blacklist", "revocations", "jobs"}
    assert {"idempotency_keys", "trusted_devices", "session_usage"} <= grown


async def test_a_day_after_the_end_of_a_session_its_refresh_tokens_are_gone(
    http: httpx.AsyncClient, people: People, url: str
) -> None:
    key = await people.api_key()
    made = [
        (await http.post("/internal/session/create", headers=key, json={"auth_user_id": f"u{number}"})).json()["data"]
        for number in range(3)
    ]
    await http.delete(f"/internal/session/session/{made[0]['session']['id']}", headers=key)
    moment = now()
    await maintenance.prune_ended_tokens(people.service.database, moment + timedelta(hours=23))
    assert (await counts(url))["token_pairs"] == 3
    for _ in range(2):
        await maintenance.prune_ended_tokens(people.service.database, moment + timedelta(hours=25))
        assert (await counts(url))["token_pairs"] == 2
    assert (await http.get(f"/sessions/{made[0]['session']['id']}", headers=await people.bearer())).status_code == 200
    refused = await http.post("/sessions/refresh", json={"refresh_token": made[0]["tokens"]["refresh_token"]})
    assert refused.status_code == 401


async def test_retention_forgets_what_revocations_say(http: httpx.AsyncClient, people: People, url: str) -> None:
    await live_a_little(http, people)
    await purge_by_retention(people.service.database, now() + timedelta(days=91))
    assert (await counts(url))["revocations"] == 0
