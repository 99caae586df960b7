"""Export, erasure, retention, and when trust ends."""

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
from tests.conftest import People

from autional.core import clock
from autional.core.authority import operator_authority, whole_tenant
from autional.postgres.database import Database
from autional.sessions import statistics
from autional.sessions.creation import create_session
from autional.sessions.expiry import mark_expired_sessions
from autional.sessions.lifecycle import revoke_session
from autional.sessions.model import Login
from autional.sessions.privacy import run_next_erasure
from autional.sessions.retention import purge_by_retention
from autional.tokens.jwt import Issuer

CREATE = "/internal/session/create"
PERSON = {
    "auth_user_id": "ann@example.org",
    "ip": "203.0.113.77",
    "user_agent": "Ann's browser",
    "device_id": "dev_of_ann",
    "device_fingerprint": "print-of-ann",
    "browser": "Ann 1",
    "os": "AnnOS",
}


async def begin(http: httpx.AsyncClient, key: dict[str, str], **login: Any) -> dict[str, Any]:
    answer = await http.post(CREATE, headers=key, json=PERSON | login)
    made: dict[str, Any] = answer.json()["data"]
    return made


async def dump(url: str) -> str:
    """Every row of every table, as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "select table_name from information_schema.tables where table_schema = 'autional'"
        )
        parts = [
            str(await connection.fetch(f"select t::text from autional.{name} as t")) for (name,) in map(tuple, tables)
        ]
    finally:
        await connection.close()
    return "\n".join(parts)


async def live_a_little(http: httpx.AsyncClient, people: People) -> list[dict[str, Any]]:
    """Sessions, devices, revocations, jobs and acts of one person, and one session of another."""
    key, admin = await people.api_key(), await people.bearer()
    made = [await begin(http, key) for _ in range(4)]
    await http.post(CREATE, headers=key, json={"auth_user_id": "bob", "ip": "192.0.2.1"})
    device = {"user_id": PERSON["auth_user_id"], "device_fingerprint": "print-of-ann", "browser": "Ann 1"}
    await http.post("/internal/session/trusted-devices", headers=key, json=device)
    await http.post(f"/internal/session/{made[0]['session']['id']}/usage", headers=key)
    await http.request(
        "DELETE", f"/sessions/{made[0]['session']['id']}", headers=admin, json={"reason": "asked by ann@example.org"}
    )
    token = {"token": made[1]["tokens"]["access_token"], "token_type": "access", "user_id": PERSON["auth_user_id"]}
    await http.post("/tokens/blacklist", headers=admin, json=token)
    await http.post(
        "/admin/tokens/revoke-all", headers=admin, json={"user_id": PERSON["auth_user_id"], "type": "access"}
    )
    wanted = {"filter": {"user_id": PERSON["auth_user_id"]}}
    shown = (await http.post("/admin/sessions/revoke", headers=admin, json=wanted | {"dry_run": True})).json()
    run = wanted | {"dry_run_token": shown["preview"]["dry_run_token"]}
    await http.post("/admin/sessions/revoke", headers=admin, json=run)
    return made


async def test_an_export_holds_everything_and_after_an_erasure_nothing_is_left(
    http: httpx.AsyncClient, people: People, url: str
) -> None:
    key, admin = await people.api_key(), await people.bearer()
    made = await live_a_little(http, people)
    whom = {"user_id": PERSON["auth_user_id"]}
    told = (await http.post("/internal/session/export-user-data", headers=key, json=whom)).json()
    assert {session["id"] for session in told["sessions"]} == {one["session"]["id"] for one in made}
    assert (told["total"], told["schema_version"]) == (4, 3)
    counts = {kind: len(records) for kind, records in told["records"].items()}
    assert counts.pop("audit_entries") >= 4
    assert counts == {
        "sessions": 4,
        "token_pairs": 4,
        "session_usage": 1,
        "trusted_devices": 1,
        "blacklist": 1,
        "revocations": 6,
    }
    assert "secret" not in str(told)
    assert (await http.post("/admin/users/export", headers=admin, json=whom)).json()["total"] == 4

    before = (await http.get("/admin/sessions/stats", headers=admin)).json()
    erased = await http.post("/internal/session/erase-user-data", headers=key, json=whom)
    assert (erased.status_code, erased.json()["sessions"]) == (200, 4)
    assert await run_next_erasure(people.service.database)
    left = await dump(url)
    for trace in (*PERSON.values(), "asked by"):
        assert trace.replace("'", "''") not in left, trace
        assert trace not in left, trace
    assert "192.0.2.1" in left
    after = (await http.get("/admin/sessions/stats", headers=admin)).json()
    assert (after["active_sessions"], after["revoked_sessions"]) == (1, 4)
    for number in ("total_sessions", "device_breakdown"):
        assert after[number] == before[number]
    nothing = (await http.post("/internal/session/export-user-data", headers=key, json=whom)).json()
    [own_entry] = nothing["records"].pop("audit_entries")  # of this very export
    assert (nothing["total"], nothing["records"], own_entry["action"]) == (0, {}, "user.export")
    assert (await http.post("/admin/users/erase", headers=admin, json=whom)).json()["sessions"] == 0
    assert (await http.get("/admin/audit?action=user.erase", headers=admin)).json()["items"][1]["details"]["role"]


async def test_tokens_of_who_was_erased_stay_over(http: httpx.AsyncClient, people: People) -> None:
    key, operator = await people.api_key(), await people.bearer()
    made = await begin(http, key)
    whom = {"user_id": PERSON["auth_user_id"]}
    await http.post("/internal/session/erase-user-data", headers=key, json=whom)
    refresh = await http.post("/sessions/refresh", json={"refresh_token": made["tokens"]["refresh_token"]})
    assert refresh.status_code == 401
    form = {"token": made["tokens"]["access_token"]}
    assert (await http.post("/oauth2/introspect", headers=key, data=form)).json() == {"active": False}
    await http.post("/internal/session/erase-user-data", headers=key, json={"user_id": "the_admin"})
    assert (await http.get("/admin/sessions", headers=operator)).status_code == 401
    fresh = await begin(http, key)
    form = {"token": fresh["tokens"]["access_token"]}
    assert (await http.post("/oauth2/introspect", headers=key, data=form)).json()["active"] is True


async def test_trust_ends_with_signing_out_everywhere(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    ends: list[tuple[str, str, dict[str, str], dict[str, Any]]] = [
        ("POST", "/admin/sessions/user/u1/revoke", admin, {"reason": "password_reset"}),
        ("DELETE", "/internal/session/session/user/u1", key, {}),
        ("POST", "/admin/tokens/revoke-all", admin, {"user_id": "u1"}),
        ("POST", "/admin/tokens/revoke-all", admin, {"everybody": True}),
        ("POST", "/internal/session/erase-user-data", key, {"user_id": "u1"}),
    ]
    for method, path, headers, body in ends:
        for user in ("u1", "u2"):
            device = {"user_id": user, "device_fingerprint": "p"}
            await http.post("/internal/session/trusted-devices", headers=key, json=device)
        assert (await http.request(method, path, headers=headers, json=body)).status_code == 200, path
        admin = await people.bearer() if path.endswith("revoke-all") and "everybody" in body else admin
        listed = "/internal/session/trusted-devices"
        left = [
            (await http.get(listed, headers=key, params={"user_id": user})).json()["total"] for user in ("u1", "u2")
        ]
        assert left == [0, 0 if "everybody" in body and path.endswith("revoke-all") else 1], path


async def test_ended_sessions_are_kept_as_long_as_the_tenant_says(
    http: httpx.AsyncClient, people: People, database: Database, issuer: Issuer, tenant: str
) -> None:
    admin, now = await people.bearer(), clock.now()
    for age in (1, 40, 100):
        begun = now - timedelta(days=age)
        made = await create_session(database, issuer, operator_authority(tenant), Login("u"), begun)
        await revoke_session(database, whole_tenant(tenant), made.session.session_id, "logout", begun)
        await create_session(database, issuer, operator_authority(tenant), Login("u", amr=["hwk", "pin"]), begun)
    await mark_expired_sessions(database, tenant, now)
    assert (await http.get("/admin/sessions/retention", headers=admin)).json() == {"keep_ended": "2160h"}
    assert await purge_by_retention(database, now) == 2
    for wrong in ("1h", "0s", "x"):
        body = {"keep_ended": wrong}
        assert (await http.put("/admin/sessions/retention", headers=admin, json=body)).status_code == 400
    assert (await http.put("/admin/sessions/retention", headers=admin, json={"keep_ended": "720h"})).status_code == 200
    assert await purge_by_retention(database, now) == 2
    assert await purge_by_retention(database, now) == 0
    read, counted = await statistics.verify(database, tenant, now)
    assert (read.revoked, read.expired, statistics.difference(read, counted)) == (1, 1, 0)
    assert (await http.delete("/admin/sessions/retention", headers=admin)).status_code == 200
    assert (await http.get("/admin/sessions/retention", headers=admin)).json() == {"keep_ended": "2160h"}
