import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.conftest import People

from autional.core import clock
from autional.core.authority import operator_authority, whole_tenant
from autional.postgres.database import Database
from autional.postgres.queries import database_time
from autional.sessions import bulk_revocation, statistics
from autional.sessions.bulk_revocation import confirm_revocation, find_job, preview_revocation, run_next_job
from autional.sessions.creation import create_session
from autional.sessions.filters import SessionFilter
from autional.sessions.lifecycle import revoke_session
from autional.sessions.model import Login
from autional.tokens.jwt import Issuer

REVOKE = "/admin/sessions/revoke"
MOBILE = {"filter": {"device_type": "mobile"}}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_revocation, "_BATCH", 3)


@pytest.fixture
async def crowd(database: Database, issuer: Issuer, tenant: str) -> list[str]:
    """Twenty sessions of four users, half of them on phones; one phone's has ended."""
    begun = clock.now() - timedelta(minutes=5)
    logins = [Login(f"usr_{n % 4}", device_type=("mobile", "desktop")[n % 2]) for n in range(20)]
    made = [await create_session(database, issuer, operator_authority(tenant), login, begun) for login in logins]
    await revoke_session(database, whole_tenant(tenant), made[0].session.session_id, "logout", begun)
    return [one.session.session_id for one in made]


async def post(http: httpx.AsyncClient, admin: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    answer = await http.post(REVOKE, headers=admin, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def finished(database: Database) -> int:
    """Do all jobs; how many there were."""
    done = 0
    while await run_next_job(database):
        done += 1
    return done


@pytest.mark.usefixtures("crowd")
async def test_a_dry_run_shows_and_touches_nothing(
    http: httpx.AsyncClient, people: People, database: Database, tenant: str
) -> None:
    admin = await people.bearer()
    every = {"filter": {"device_type": "mobile", "status": "all"}, "dry_run": True}
    preview = (await post(http, admin, every))["preview"]
    assert (preview["sessions"], preview["users"], preview["revocable"]) == (10, 2, 9)
    assert preview["by_device_type"] == {"mobile": 10}
    assert preview["by_status"] == {"active": 9, "revoked": 1}
    assert not await finished(database)
    assert (await statistics.read(database, tenant, clock.now())).active == 19


@pytest.mark.usefixtures("crowd")
async def test_what_was_shown_is_ended_and_nothing_more(
    http: httpx.AsyncClient, people: People, database: Database, issuer: Issuer, tenant: str
) -> None:
    admin = await people.bearer()
    token = (await post(http, admin, MOBILE | {"dry_run": True}))["preview"]["dry_run_token"]
    late = await create_session(
        database, issuer, operator_authority(tenant), Login("usr_0", device_type="mobile"), clock.now()
    )
    run = MOBILE | {"dry_run_token": token, "reason": "stolen phones"}
    job = (await post(http, admin, run))["job"]
    assert (job["state"], job["total"], job["done"], job["requested_by"]) == ("waiting", 9, 0, "the_admin")
    assert (await post(http, admin, run))["job"]["id"] == job["id"]
    assert await finished(database) == 1
    done = (await http.get(f"/admin/jobs/{job['id']}", headers=admin)).json()
    assert (done["state"], done["done"], done["total"]) == ("done", 9, 9)
    left = (await http.get("/admin/sessions?device_type=mobile", headers=admin)).json()["items"]
    assert [item["id"] for item in left] == [late.session.session_id]
    listed = (await http.get("/admin/sessions?device_type=mobile&status=revoked", headers=admin)).json()["items"]
    assert sorted(item["revoke_reason"] for item in listed) == ["logout"] + ["stolen phones"] * 9


@pytest.mark.usefixtures("crowd")
async def test_the_token_is_bound_to_its_filter(http: httpx.AsyncClient, people: People) -> None:
    admin = await people.bearer()
    token = (await post(http, admin, MOBILE | {"dry_run": True}))["preview"]["dry_run_token"]
    for wrong in (
        {"filter": {}, "dry_run_token": token},
        MOBILE | {"dry_run_token": token, "keep_own": True} | {"filter": {"device_type": "tv"}},
        MOBILE | {"dry_run_token": "x"},
        MOBILE,
        MOBILE | {"dry_run": True, "dry_run_token": token},
        MOBILE | {"session_ids": ["sess_1"], "dry_run_token": token},
        {"session_ids": ["sess_1"], "dry_run": True},
        {"filter": {"device": "mobile"}, "dry_run": True},
        {},
    ):
        answer = await http.post(REVOKE, headers=admin, json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, 30101001), wrong


async def test_all_but_mine_leaves_mine(
    http: httpx.AsyncClient, people: People, database: Database, crowd: list[str]
) -> None:
    key = await people.api_key()
    login = {"auth_user_id": "boss", "role": "admin"}
    made = (await http.post("/internal/session/create", headers=key, json=login)).json()["data"]
    me = {"Authorization": f"Bearer {made['tokens']['access_token']}"}
    shown = (await post(http, me, {"filter": {}, "dry_run": True, "keep_own": True}))["preview"]
    assert shown["revocable"] == 19
    await post(http, me, {"filter": {}, "keep_own": True, "dry_run_token": shown["dry_run_token"]})
    await finished(database)
    left = (await http.get("/admin/sessions", headers=me)).json()["items"]
    assert [item["id"] for item in left] == [made["session"]["id"]]
    by_id = await post(http, me, {"session_ids": [made["session"]["id"], crowd[1]], "keep_own": True})
    assert (by_id["succeeded"], by_id["failed"]) == ([crowd[1]], [made["session"]["id"]])


@pytest.mark.usefixtures("crowd")
async def test_a_cancelled_job_does_no_more_and_a_broken_one_goes_on(
    http: httpx.AsyncClient, people: People, database: Database, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, row = await people.bearer(), database.row
    token = (await post(http, admin, MOBILE | {"dry_run": True}))["preview"]["dry_run_token"]
    job = (await post(http, admin, MOBILE | {"dry_run_token": token}))["job"]
    batches = 0

    async def broken(query: str, *arguments: object) -> Any:
        nonlocal batches
        batches += query == "advance_job"
        if batches == 2:
            raise ConnectionResetError
        return await row(query, *arguments)

    monkeypatch.setattr(bulk_revocation, "_BATCH", 3)
    monkeypatch.setattr(database, "row", broken)
    with pytest.raises(ConnectionResetError):
        await finished(database)
    monkeypatch.undo()
    monkeypatch.setattr(bulk_revocation, "_BATCH", 3)
    path = f"/admin/jobs/{job['id']}"
    assert (await http.get(path, headers=admin)).json()["done"] == 3
    assert not await finished(database)  # the lease of the process that died still holds
    assert await run_next_job(database, clock.now() + timedelta(seconds=31))
    assert (await http.get(path, headers=admin)).json()["done"] == 9
    assert (await statistics.read(database, tenant, clock.now())).revoked == 10

    token = (await post(http, admin, {"filter": {}, "dry_run": True}))["preview"]["dry_run_token"]
    job = (await post(http, admin, {"filter": {}, "dry_run_token": token}))["job"]
    path = f"/admin/jobs/{job['id']}"
    assert (await http.post(f"{path}/cancel", headers=admin)).json()["state"] == "cancelled"
    assert not await finished(database)
    assert (await http.get(path, headers=admin)).json()["done"] == 0
    assert (await http.get("/admin/jobs/job_x", headers=admin)).status_code == 404
    assert (await http.post("/admin/jobs/job_x/cancel", headers=admin)).status_code == 404


async def test_another_preview_does_not_push_out_a_job_that_is_being_confirmed(
    database: Database, tenant: str, http: httpx.AsyncClient, people: People
) -> None:
    now = await database_time(database, None)
    only = SessionFilter(device_type="tv")

    async def previewed() -> str:
        async with database.transaction() as queries:
            found = await preview_revocation(queries, tenant, only, now, kept_session=None, requested_by="x")
        return found[1]

    oldest, *_ = [await previewed() for _ in range(10)]
    async with database.transaction() as queries:
        await confirm_revocation(queries, tenant, oldest, only, None, kept_session=None, reason="x")
        eleventh = asyncio.create_task(previewed())
        await asyncio.sleep(0.3)
    await eleventh
    assert (await find_job(database, tenant, oldest)).state in {"waiting", "running", "done"}
