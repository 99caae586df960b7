"""Erasure: nothing of the person is left, everything of others is as it was, whatever people are called."""

import asyncio
import os
import time
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from tests.api.users.test_persons import PERSON, begin, dump, live_a_little
from tests.conftest import People, changes_the_schema

from autional.audit import verification
from autional.core.authority import operator_authority
from autional.postgres.database import Database
from autional.postgres.queries import Queries, until_done
from autional.sessions import privacy
from autional.sessions.creation import create_session
from autional.sessions.model import Login
from autional.sessions.privacy import run_next_erasure
from autional.tenancy import tenants
from autional.tokens.jwt import Issuer

MENTIONS = int(os.environ.get("ERASED_MENTIONS", "20000"))


async def rows(url: str, table: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(f"select * from autional.{table} order by 1, 2, 3")]
    finally:
        await connection.close()


async def erase(http: httpx.AsyncClient, people: People, user: str) -> None:
    key = await people.api_key()
    answer = await http.post("/internal/session/erase-user-data", headers=key, json={"user_id": user})
    assert answer.status_code == 200, answer.text
    while await run_next_erasure(people.service.database):
        pass


async def test_a_user_called_like_a_reason_empties_none(http: httpx.AsyncClient, people: People, url: str) -> None:
    key = await people.api_key(role="admin")
    body = {"session_ids": ["sess_unknown1"], "reason": "fraud"}
    await http.post("/admin/sessions/revoke", headers=key, json=body)
    before = await rows(url, "audit_values")
    for user in ("fraud", "sess_unknown1", "127.0.0.1"):
        await erase(http, people, user)
    assert (await rows(url, "audit_values"))[: len(before)] == before


WORDS = ["actor", "user_id", "request", "admin", "a", "the_", "%", "null", "0", "sess_", "erased"]


async def test_words_of_the_log_as_user_ids_erase_nothing_of_others(
    http: httpx.AsyncClient, people: People, url: str
) -> None:
    await live_a_little(http, people)
    before = await rows(url, "audit_values"), await rows(url, "jobs"), await rows(url, "sessions")
    for user in WORDS:
        await erase(http, people, user)
    after = await rows(url, "audit_values"), await rows(url, "jobs"), await rows(url, "sessions")
    assert after[0][: len(before[0])] == before[0]
    assert after[1:] == before[1:]
    assert (await verification.verify(people.service.database, b"s" * 32, people.tenant)).broken_at is None


async def test_what_an_administrator_did_stays_without_its_person(
    http: httpx.AsyncClient, people: People, url: str
) -> None:
    admin = await people.bearer()
    for user in ("ann", "bob"):
        body = {"reason": f"{user} asked"}
        await http.post(f"/admin/sessions/user/{user}/revoke", headers=admin, json=body)
    await erase(http, people, "the_admin")
    other = await people.bearer("security_admin")
    listed = (await http.get("/admin/audit?action=sessions.revoke_of_user", headers=other)).json()["items"]
    assert [entry["details"]["actor"] for entry in listed] == [None, None]
    assert [entry["details"]["target"]["user_id"] for entry in listed] == ["bob", "ann"]
    assert [entry["details"]["request"]["reason"] for entry in listed] == ["bob asked", "ann asked"]
    assert all(entry["erased"] for entry in listed)
    assert "the_admin" not in str(await rows(url, "audit_values"))
    await erase(http, people, "ann")
    listed = (await http.get("/admin/audit?action=sessions.revoke_of_user", headers=other)).json()["items"]
    assert [entry["details"]["target"]["user_id"] for entry in listed] == ["bob", None]
    assert [entry["details"]["request"]["reason"] for entry in listed] == ["bob asked", None]
    assert (await http.get("/admin/audit", headers=other, params={"about": "ann"})).json()["items"] == []
    assert (await verification.verify(people.service.database, b"s" * 32, people.tenant)).broken_at is None


@pytest.mark.parametrize("by_key", [True, False])
async def test_filters_that_mean_a_person_without_naming_it_go_too(
    http: httpx.AsyncClient, people: People, url: str, by_key: bool
) -> None:
    who = await people.api_key(role="admin") if by_key else await people.bearer()
    person = {"auth_user_id": "victim7", "ip": "203.0.113.77", "device_id": "dev-victim-phone"}
    made = (await http.post("/internal/session/create", headers=await people.api_key(), json=person)).json()["data"]
    meant = [
        {"search": "victim7"},
        {"search": "victi"},
        {"search": made["session"]["id"]},
        {"ip": "203.0.113.77"},
        {"ip": "203.0.113.0/24"},
        {"device_id": "dev-victim-phone"},
        {"user_id": "victim7", "ip": "203.0.113.77"},
    ]
    others = [
        {"search": "v"},
        {"search": "vicar"},
        {"ip": "198.51.100.0/24"},
        {"device_id": "dev-other"},
        {"ip": "0.0.0.0/0"},
    ]
    for wanted in meant + others:
        body = {"filter": wanted, "dry_run": True, "reason": "looking"}
        assert (await http.post("/admin/sessions/revoke", headers=who, json=body)).status_code == 200
    await erase(http, people, "victim7")
    left = str(await rows(url, "audit_values")) + str(await rows(url, "jobs"))
    for trace in ("victi", "203.0.113", "dev-victim-phone", made["session"]["id"]):
        assert trace not in left, trace
    for other in ("vicar", "198.51.100.0/24", "dev-other", "0.0.0.0/0"):
        assert other in left, other
    assert (await verification.verify(people.service.database, b"s" * 32, people.tenant)).broken_at is None


async def test_nobody_erases_themselves(http: httpx.AsyncClient, people: People) -> None:
    answer = await http.post("/admin/users/erase", headers=await people.bearer(), json={"user_id": "the_admin"})
    assert (answer.status_code, answer.json()["code"]) == (403, 30103007)


async def test_a_platform_administrator_is_not_the_user_of_the_same_name(
    http: httpx.AsyncClient, people: People, url: str
) -> None:
    await tenants.create_tenant(people.service.database, "hq", "HQ", None, key=b"t" * 32)
    root = await people.bearer("platform_admin", tenant="hq") | {"X-Tenant-ID": "acme"}
    made = await begin(http, await people.api_key())
    ended = f"/sessions/{made['session']['id']}/revoke"
    assert (await http.post(ended, headers=root, json={"reason": "r"})).status_code == 204
    whom = {"user_id": "the_platform_admin"}
    told = (await http.post("/admin/users/export", headers=await people.bearer(), json=whom)).json()["records"]
    assert {entry["action"] for entry in told["audit_entries"]} == {"user.export"}

    async def shown() -> tuple[Any, Any]:
        admin = await people.bearer("security_admin")
        [entry] = (await http.get("/admin/audit?action=session.revoke", headers=admin)).json()["items"]
        session = (await http.get(f"/sessions/{made['session']['id']}", headers=admin)).json()["session"]
        return entry["details"]["actor"], session["revoked_by"].get("id")

    await erase(http, people, "the_platform_admin")
    assert await shown() == ("the_platform_admin", "the_platform_admin")
    of_hq = await people.api_key("hq")
    await http.post("/internal/session/erase-user-data", headers=of_hq, json=whom)
    while await run_next_erasure(people.service.database):
        pass
    assert await shown() == (None, None)
    for tenant in ("acme", "hq"):
        assert (await verification.verify(people.service.database, b"s" * 32, tenant)).broken_at is None


async def test_what_somebody_new_of_the_same_name_does_stays(http: httpx.AsyncClient, people: People, url: str) -> None:
    key, whom = await people.api_key(), {"user_id": PERSON["auth_user_id"]}
    await begin(http, key)
    await http.post("/internal/session/erase-user-data", headers=key, json=whom)
    fresh = await begin(http, key)
    device = whom | {"device_fingerprint": "new"}
    await http.post("/internal/session/trusted-devices", headers=key, json=device)
    while await run_next_erasure(people.service.database):
        pass
    listed = await http.get("/internal/session/trusted-devices", headers=key, params=whom)
    assert listed.json()["total"] == 1
    told = (await http.post("/internal/session/export-user-data", headers=key, json=whom)).json()
    assert [session["id"] for session in told["sessions"]] == [fresh["session"]["id"]]
    assert {entry["action"] for entry in told["records"]["audit_entries"]} == {"device.trust", "user.export"}


async def test_a_secret_is_never_written_down_where_an_id_or_a_reason_is_expected(
    http: httpx.AsyncClient, people: People, url: str
) -> None:
    key, admin = await people.api_key(), await people.bearer()
    made = await begin(http, key)
    tokens = [made["tokens"]["refresh_token"], made["tokens"]["access_token"][:120], key["X-API-Key"]]
    for secret in tokens:
        for method, path, body in (
            ("POST", "/admin/users/export", {"user_id": secret}),
            ("POST", f"/admin/sessions/user/{secret}/revoke", {}),
            ("POST", "/admin/sessions/revoke", {"session_ids": [secret]}),
            ("POST", "/admin/sessions/revoke", {"filter": {"search": secret}, "dry_run": True}),
            ("POST", "/admin/tokens/revoke-all", {"user_id": secret}),
            ("POST", "/admin/tokens/revoke-all", {"user_id": "u", "reason": f"Bearer {secret}"}),
            ("POST", "/sessions", {"auth_user_id": secret}),
            ("GET", f"/admin/tokens/{secret}", {}),
        ):
            answer = await http.request(method, path, headers=admin, json=body)
            assert answer.status_code == 400, (path, body)
    left = await dump(url)
    assert not [secret for secret in tokens if secret in left]


async def test_a_user_called_erased_sees_nothing_of_who_was(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    await begin(http, key)
    await erase(http, people, PERSON["auth_user_id"])
    made = await begin(http, key, auth_user_id="erased")
    me = {"Authorization": f"Bearer {made['tokens']['access_token']}"}
    mine = (await http.get("/sessions?auth_user_id=erased&status=all", headers=me)).json()
    assert [session["id"] for session in mine["items"]] == [made["session"]["id"]]
    whom = {"user_id": "erased"}
    told = (await http.post("/internal/session/export-user-data", headers=key, json=whom)).json()
    assert told["total"] == 1
    refused = await http.get("/sessions?auth_user_id=&status=all", headers=await people.bearer())
    assert refused.status_code == 400


async def test_who_asked_is_signed_out_at_once_and_comes_back_as_somebody_new(
    http: httpx.AsyncClient, people: People
) -> None:
    key = await people.api_key()
    first = await begin(http, key)
    whom = {"user_id": PERSON["auth_user_id"]}
    assert (await http.post("/internal/session/erase-user-data", headers=key, json=whom)).json()["sessions"] == 1
    form = {"token": first["tokens"]["access_token"]}
    assert (await http.post("/oauth2/introspect", headers=key, data=form)).json() == {"active": False}
    fresh = await begin(http, key)
    while await run_next_erasure(people.service.database):
        pass
    form = {"token": fresh["tokens"]["access_token"]}
    assert (await http.post("/oauth2/introspect", headers=key, data=form)).json()["active"] is True


@changes_the_schema
async def test_many_mentions_are_forgotten_in_bounded_time_while_the_request_answers_at_once(
    http: httpx.AsyncClient, people: People, url: str, database: Database
) -> None:
    """At a million (`make soak`) within two minutes."""
    admin, key = await people.bearer(), await people.api_key()
    await begin(http, key)
    await http.post("/admin/sessions/user/ann@example.org/revoke", headers=admin, json={"reason": "r"})
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("alter table autional.audit_heads disable trigger user")
        await connection.execute(
            "insert into autional.audit_entries select home, sequence + n, at, action, request_id, details,"
            " details_sha256, previous_hash, hash from autional.audit_entries, generate_series(1, $1::bigint) as n"
            " where sequence = 1",
            MENTIONS,
        )
        await connection.execute(
            "insert into autional.audit_values select home, sequence + n, place, path, subject, user_id, value,"
            " salt, commitment from autional.audit_values, generate_series(1, $1::bigint) as n where sequence = 1",
            MENTIONS,
        )
        await connection.execute("update autional.audit_heads set sequence = sequence + $1::bigint", MENTIONS)
        await connection.execute("analyze autional.audit_values")
    finally:
        await connection.close()
    began = time.monotonic()
    whom = {"user_id": PERSON["auth_user_id"]}
    exported = await http.post("/internal/session/export-user-data", headers=key, json=whom, timeout=30)
    assert len(exported.json()["records"]["audit_entries"]) == min(MENTIONS + 2, privacy.MOST_RECORDS)
    asked = time.monotonic()
    assert (await http.post("/internal/session/erase-user-data", headers=key, json=whom)).status_code == 200
    assert time.monotonic() - asked < 1
    assert await run_next_erasure(database)
    assert time.monotonic() - began < max(20, 120 * MENTIONS / 1_000_000)
    told = (await http.post("/internal/session/export-user-data", headers=key, json=whom)).json()
    assert len(told["records"]["audit_entries"]) == 1


async def test_a_worker_takes_one_erasure_and_leaves_the_others(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    await http.post("/internal/session/create", headers=key, json={"auth_user_id": "ann"})
    for number in range(12):
        await http.post("/internal/session/erase-user-data", headers=key, json={"user_id": f"user_{number}"})
    database = people.service.database
    [first, *_] = await database.rows("erasures_to_claim")
    claims = [database.rows("claim_erasure", first["home"], first["user_id"], timedelta(seconds=60)) for _ in range(8)]
    assert sum(map(len, await asyncio.gather(*claims))) == 1
    async with database.transaction() as queries:
        taken = await queries.composed("select user_id from erasures where leased_until > clock_timestamp()")
    assert len(taken) == 1


async def test_who_signs_in_while_an_erasure_waits_is_erased_too(
    database: Database, issuer: Issuer, tenant: str, url: str
) -> None:
    async with database.transaction() as queries:
        await queries.rows("share_user_gate", tenant, "ann")
        erasing = asyncio.create_task(privacy.begin_erasure(database, b"s" * 32, tenant, "ann", "request", None))
        await asyncio.sleep(0.3)
        await create_session(queries, issuer, operator_authority(tenant), Login("ann"), None)
    assert await erasing == 1
    while await run_next_erasure(database):
        pass
    assert [row["user_id"] for row in await rows(url, "sessions")] == [""]
    assert not await rows(url, "erasures")


async def test_who_is_to_be_erased_again_meanwhile_is_not_done(
    http: httpx.AsyncClient, people: People, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of what such a user did in another tenant."""
    database, key = people.service.database, people.service.subject_key
    await tenants.create_tenant(database, "hq", "HQ", None, key=b"t" * 32)

    async def act_abroad() -> None:
        root = await people.bearer("platform_admin", tenant="hq") | {"X-Tenant-ID": "acme"}
        made = await begin(http, await people.api_key())
        answer = await http.post(f"/sessions/{made['session']['id']}/revoke", headers=root, json={"reason": "r"})
        assert answer.status_code == 204

    async def advance_while_it_is_asked_for_again(queries: Queries, query: str, *arguments: object) -> None:
        monkeypatch.undo()
        await act_abroad()
        await privacy.begin_erasure(database, key, "hq", "the_platform_admin", "second", None)
        await until_done(queries, query, *arguments)
        await privacy.begin_erasure(database, key, "hq", "the_platform_admin", "third", None)

    await act_abroad()
    await privacy.begin_erasure(database, key, "hq", "the_platform_admin", "first", None)
    monkeypatch.setattr(privacy, "until_done", advance_while_it_is_asked_for_again)
    assert await run_next_erasure(database)
    assert len(await rows(url, "erasures")) == 1
    connection = await asyncpg.connect(url)
    await connection.execute("update autional.erasures set leased_until = now()")
    await connection.close()
    assert await run_next_erasure(database)
    assert not await rows(url, "erasures")
    assert "the_platform_admin" not in str(await rows(url, "audit_values"))
