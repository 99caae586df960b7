from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
from tests.conftest import People

from autional.core import clock
from autional.core.authority import operator_authority
from autional.postgres.database import Database
from autional.risk import trusted_devices
from autional.sessions.creation import create_session
from autional.sessions.model import Login
from autional.tokens.jwt import Issuer

CREATE = "/internal/session/create"


async def begin(http: httpx.AsyncClient, people: People, user: str = "usr_1", **fields: Any) -> dict[str, str]:
    answer = await http.post(CREATE, headers=await people.api_key(), json={"auth_user_id": user} | fields)
    return {"Authorization": f"Bearer {answer.json()['data']['tokens']['access_token']}"}


async def test_a_user_trusts_and_distrusts_own_devices(http: httpx.AsyncClient, people: People, url: str) -> None:
    me, other = await begin(http, people, browser="Firefox 128", ip="192.0.2.1"), await begin(http, people, "usr_2")
    body = {"device_fingerprint": "sha256:mine", "device_name": "Laptop"}
    assert [(await http.post("/trusted-devices", headers=me, json=body)).status_code for _ in range(2)] == [200, 200]
    listed = (await http.get("/trusted-devices", headers=me)).json()
    [device] = listed["items"]
    assert (listed["total"], device["device_name"], device["browser"]) == (1, "Laptop", "Firefox 128")
    lasts = datetime.fromisoformat(device["trusted_until"]) - datetime.fromisoformat(device["created_at"])
    assert timedelta(days=30) <= lasts < timedelta(days=30, minutes=1)
    connection = await asyncpg.connect(url)
    stored = str(await connection.fetch("select * from autional.trusted_devices"))
    await connection.close()
    assert "sha256:mine" not in stored
    path = f"/trusted-devices/{device['id']}"
    assert (await http.delete(path, headers=other)).status_code == 404
    assert [(await http.delete(path, headers=me)).status_code for _ in range(2)] == [200, 404]


async def test_services_and_administrators_look_after_devices(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    path = "/internal/session/trusted-devices"
    for number in range(12):
        body = {"user_id": "usr_1", "device_fingerprint": f"print-{number}", "device_type": "mobile"}
        made = await http.post(path, headers=key, json=body)
        assert (made.status_code, made.json()["device_type"]) == (200, "mobile")
    listed = (await http.get("/admin/trusted-devices", params={"user_id": "usr_1"}, headers=admin)).json()
    assert listed["total"] == 10
    assert (await http.get(path, params={"user_id": "usr_1", "page_size": 3}, headers=key)).json()["total"] == 10
    assert (await http.get(path, headers=key)).status_code == 400
    gone = [(await http.delete(f"{path}/print-11", headers=key)).status_code for _ in range(2)]
    assert gone == [200, 404]
    assert (await http.delete(f"/admin/trusted-devices/{listed['items'][3]['id']}", headers=admin)).status_code == 200
    assert (await http.get("/admin/trusted-devices?user_id=usr_1", headers=admin)).json()["total"] == 8
    user = await begin(http, people)
    assert (await http.get("/admin/trusted-devices?user_id=usr_1", headers=user)).status_code == 403


async def test_uses_are_counted_by_day(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    made = (await http.post(CREATE, headers=key, json={"auth_user_id": "u"})).json()["data"]
    path = f"/internal/session/{made['session']['id']}/usage"
    for _ in range(3):
        assert (await http.post(path, headers=key)).status_code == 200
    assert list((await http.get(path, headers=key)).json()["usage"].values()) == [3]
    for method in ("GET", "POST"):
        assert (await http.request(method, "/internal/session/sess_never/usage", headers=key)).status_code == 404


async def test_trust_shortens_a_reauthentication_after_an_idle_end_only(
    http: httpx.AsyncClient, people: People, database: Database, issuer: Issuer, tenant: str
) -> None:
    admin, key, now = await people.bearer(), await people.api_key(), clock.now()
    mine = trusted_devices.fingerprint_hash(people.service.fingerprint_key, tenant, "mine")

    async def answer(age: timedelta, fingerprint: str | None) -> dict[str, Any]:
        login, begun = Login("u", amr=["pwd", "otp"]), now - age
        made = await create_session(
            database, issuer, operator_authority(tenant), login, begun, fingerprint_hash=fingerprint
        )
        told = await http.post(f"/sessions/{made.session.session_id}/validate", headers=admin)
        said: dict[str, Any] = told.json()
        return said

    trust = {"user_id": "u", "device_fingerprint": "mine"}
    await http.post("/internal/session/trusted-devices", headers=key, json=trust)
    assert "reauthentication" not in await answer(timedelta(), mine)
    assert (await answer(timedelta(hours=2), mine))["reauthentication"] == "shortened"
    assert (await answer(timedelta(hours=2), None))["reauthentication"] == "full"
    assert (await answer(timedelta(hours=25), mine))["reauthentication"] == "full"
    await http.post("/admin/sessions/user/u/revoke", headers=admin, json={"reason": "password_reset"})
    assert (await answer(timedelta(hours=2), mine))["reauthentication"] == "full"
