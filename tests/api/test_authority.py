"""Nobody creates, raises, extends or is handed the tokens of a session above its own role and level, nor its own."""

import asyncio
import itertools
from typing import Any

import asyncpg
import httpx
import pytest
from tests.conftest import People

from autional.core.authority import Role
from autional.sessions.assurance import assurance_level

Headers = dict[str, str]
METHODS = ("pwd", "pin", "otp", "hwk", "user", "face", "mfa", "FPT", "unheard-of")


async def begun(http: httpx.AsyncClient, headers: Headers, user: str, role: Role, amr: list[str]) -> dict[str, Any]:
    body = {"auth_user_id": user, "role": role, "amr": amr, "device_type": "tv"}
    answer = await http.post("/sessions", headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def bearer(made: dict[str, Any]) -> Headers:
    return {"Authorization": f"Bearer {made['tokens']['access_token']}"}


@pytest.fixture
async def platform(people: People) -> Headers:
    return await people.bearer("platform_admin")


async def test_no_administrator_and_no_key_of_a_tenant_gets_tokens_of_a_platform_administrator(
    http: httpx.AsyncClient, people: People, platform: Headers, tenant: str
) -> None:
    above = await begun(http, platform, "root", "platform_admin", ["pwd", "otp"])
    name = above["session"]["id"]
    pair = {"auth_user_id": "root", "session_id": name, "tenant_id": tenant}
    exchange = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": above["tokens"]["access_token"],
    }
    keys = [await people.api_key(role=role) for role in ("service", "security_admin", "admin")]
    admins = [await people.bearer("security_admin"), await people.bearer("admin"), *keys[1:]]
    for headers in admins:
        assert (await http.post(f"/sessions/{name}/upgrade-mfa", headers=headers, json={})).status_code == 403
        assert (await http.post(f"/sessions/{name}/activity", headers=headers, json={})).status_code == 403
        assert (await http.post("/admin/tokens/exchange", headers=headers, json=exchange)).status_code == 403
        body = {"auth_user_id": "root", "role": "platform_admin"}
        assert (await http.post("/sessions", headers=headers, json=body)).status_code == 403
    form = exchange | {"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}
    for headers in keys:
        path = f"/internal/session/{name}"
        assert (await http.post("/internal/session/generate-tokens", headers=headers, json=pair)).status_code == 403
        assert (await http.post(f"{path}/upgrade-mfa", headers=headers, json={})).status_code == 403
        assert (await http.post(f"{path}/activity", headers=headers, json={})).status_code == 403
        assert (await http.post("/oauth2/token", headers=headers, data=form)).status_code == 403
    now = (await http.get(f"/sessions/{name}", headers=platform)).json()["session"]
    assert now == above["session"]
    refresh = {"refresh_token": above["tokens"]["refresh_token"]}
    assert (await http.post("/sessions/refresh", json=refresh)).status_code == 200


async def test_no_bearer_raises_itself_or_a_level_above_its_own(
    http: httpx.AsyncClient, people: People, platform: Headers
) -> None:
    low = await begun(http, platform, "adm", "admin", ["pwd"])
    twin = await begun(http, platform, "adm", "admin", ["pwd"])
    other = await begun(http, platform, "usr", "user", ["pwd"])
    for made in (low, twin):
        path = f"/sessions/{made['session']['id']}/upgrade-mfa"
        assert (await http.post(path, headers=bearer(low), json={"amr": ["pwd"]})).status_code == 403
    path = f"/sessions/{other['session']['id']}/upgrade-mfa"
    assert (await http.post(path, headers=bearer(low), json={"amr": ["otp"]})).status_code == 403
    assert (await http.post(path, headers=bearer(low), json={"amr": ["pwd"]})).status_code == 200
    for body in ({"auth_user_id": "adm"}, {"auth_user_id": "usr", "amr": ["pwd", "otp"]}):
        assert (await http.post("/sessions", headers=bearer(low), json=body)).status_code == 403
    key = await people.api_key()
    inside = f"/internal/session/{low['session']['id']}/upgrade-mfa"
    told = await http.post(inside, headers=key, json={"amr": ["hwk", "pin"]})
    assert (told.status_code, told.json()["acr"]) == (200, "aal3")


async def test_upgrades_at_once_keep_every_method(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    for _ in range(20):
        made = await begun(http, admin, "usr", "user", ["pwd"])
        path = f"/internal/session/{made['session']['id']}/upgrade-mfa"
        answers = await asyncio.gather(*(http.post(path, headers=key, json={"amr": [m]}) for m in ("otp", "face")))
        assert [answer.status_code for answer in answers] == [200, 200]
        found = (await http.get(f"/sessions/{made['session']['id']}", headers=admin)).json()["session"]
        assert set(found["amr"].split(",")) == {"pwd", "otp", "face"}


async def test_a_service_ends_one_session_and_notes_activity(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    made = await begun(http, admin, "usr", "user", ["pwd", "otp"])
    name = made["session"]["id"]
    assert (await http.post(f"/internal/session/{name}/activity", headers=key, json={})).status_code == 200
    assert (await http.delete(f"/internal/session/session/{name}", headers=key)).status_code == 204
    assert (await http.get("/sessions?auth_user_id=usr", headers=bearer(made))).status_code == 401
    foreign = await http.delete("/internal/session/session/sess_never", headers=key)
    assert foreign.status_code == 404


async def test_a_key_may_what_its_role_may(http: httpx.AsyncClient, people: People) -> None:
    for role, status in (("service", 403), ("security_admin", 200), ("admin", 200), ("platform_admin", 200)):
        key = await people.api_key(role=role)  # type: ignore[arg-type]
        for path in ("/admin/sessions/stats", "/admin/tokens", "/sessions?auth_user_id=u"):
            assert (await http.get(path, headers=key)).status_code == status, (role, path)
    nowhere = {"X-API-Key": key["X-API-Key"]}
    assert (await http.get("/admin/sessions/stats", headers=nowhere)).json()["code"] == 30101008


async def test_an_exchange_names_the_key(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    made = await begun(http, admin, "usr", "user", ["pwd"])
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": made["tokens"]["access_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    told = (await http.post("/oauth2/token", headers=key, data=form)).json()
    claims = people.service.issuer.read(told["access_token"]).claims
    assert claims.act == {"sub": key["X-API-Key"].partition(".")[0]}


async def test_the_level_is_the_same_in_the_statement_and_in_the_service(url: str) -> None:
    connection = await asyncpg.connect(url)
    for size in range(4):
        for methods in itertools.combinations(METHODS, size):
            found = await connection.fetchval("select autional.assurance_level($1)", list(methods))
            assert found == assurance_level(methods), methods
    await connection.close()
