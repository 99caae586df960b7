"""GET /admin/sessions/stats: every status of the page."""

import re
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from tests.conftest import People, changes_the_schema

from autional.core import ids
from autional.core.authority import Role
from autional.core.clock import now as service_now
from autional.runtime.service import Service

PAGE = "/admin/sessions/stats"
FIELDS = {
    "active_sessions",
    "expired_sessions",
    "revoked_sessions",
    "total_sessions",
    "device_breakdown",
    "updated_at",
}


async def begin(http: httpx.AsyncClient, key: dict[str, str], **fields: Any) -> dict[str, Any]:
    answer = await http.post("/internal/session/create", headers=key, json={"auth_user_id": "usr_1"} | fields)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def assert_problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["type"].endswith(f"/problems/{slug}")
    assert str(problem["code"])[:3] == "301"
    assert re.fullmatch(r"req_[0-9a-f-]{36}", problem["request_id"])
    assert answer.headers["x-request-id"] == problem["request_id"]
    assert {"title", "detail", "instance", "service", "trace_id", "timestamp", "i18n_key"} <= problem.keys()
    return problem


async def test_200_counts_what_was_acknowledged_before(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer("security_admin")
    made = [await begin(http, key, device_type="mobile") for _ in range(3)]
    await begin(http, key, auth_user_id="usr_2", device_type="desktop")
    ended = await http.delete(f"/sessions/{made[0]['session']['id']}", headers=admin)
    assert (ended.status_code, ended.content) == (204, b"")
    before = service_now()
    answer = await http.get(PAGE, headers=admin)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told.keys() == FIELDS
    assert before <= datetime.fromisoformat(told.pop("updated_at")) <= service_now()
    assert told == {
        "active_sessions": 3,
        "expired_sessions": 0,
        "revoked_sessions": 1,
        "total_sessions": 4,
        "device_breakdown": {"mobile": 3, "desktop": 1},
    }


async def test_200_for_one_user(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    await begin(http, key, auth_user_id="usr_1")
    await begin(http, key, auth_user_id="usr_2")
    told = (await http.get(PAGE, params={"user_id": "usr_1"}, headers=admin)).json()
    assert (told["user_id"], told["total_sessions"]) == ("usr_1", 1)
    nobody = (await http.get(PAGE, params={"user_id": "nobody"}, headers=admin)).json()
    assert (nobody["user_id"], nobody["total_sessions"], nobody["device_breakdown"]) == ("nobody", 0, {})


@pytest.mark.parametrize("prefix", ["", "/api/v1", "/session/api/v1", "/bff/session-service/api/v1"])
async def test_200_under_every_base_path(http: httpx.AsyncClient, people: People, prefix: str) -> None:
    answer = await http.get(prefix + PAGE, headers=await people.bearer())
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("userid=usr_1", "userid", "unknown"),
        ("user_id=", "user_id", "length"),
        ("user_id=a&user_id=b", "user_id", "repeated"),
        ("user_id=a%00b", "user_id", "format"),
        (f"user_id={'x' * 129}", "user_id", "length"),
    ],
)
async def test_400_names_the_field(http: httpx.AsyncClient, people: People, query: str, field: str, code: str) -> None:
    problem = assert_problem(await http.get(f"{PAGE}?{query}", headers=await people.bearer()), 400, "invalid-parameter")
    assert problem["code"] == 30101001
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, code)]
    assert all("value" not in error for error in problem["errors"])


async def test_400_for_a_query_that_is_no_utf_8(http: httpx.AsyncClient, people: People) -> None:
    assert_problem(await http.get(f"{PAGE}?user_id=%ff", headers=await people.bearer()), 400, "malformed-request")


async def test_401_without_a_credential(http: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Basic dTpw"}, {"Authorization": "Bearer"}):
        answer = await http.get(PAGE, headers=headers)
        assert_problem(answer, 401, "missing-credential")
        assert answer.headers["www-authenticate"] == 'Bearer realm="autional"'


async def test_401_for_a_token_that_is_not_ours(http: httpx.AsyncClient, people: People, service: Service) -> None:
    good = (await people.bearer())["Authorization"]
    claims = service.issuer.ring.verify(good.removeprefix("Bearer ")).claims
    strangers = [
        msgspec.structs.replace(claims, iss="https://other.test"),
        msgspec.structs.replace(claims, aud="other"),
        msgspec.structs.replace(claims, nbf=claims.nbf + 60),
    ]
    tokens = ["x", good[7:-8] + "AAAAAAAA", *(service.issuer.ring.sign(stranger) for stranger in strangers)]
    for token in tokens:
        answer = await http.get(PAGE, headers={"Authorization": f"Bearer {token}"})
        assert_problem(answer, 401, "invalid-token")
        assert answer.headers["www-authenticate"] == 'Bearer realm="autional", error="invalid_token"'


async def test_401_for_an_expired_token(http: httpx.AsyncClient, people: People) -> None:
    assert_problem(await http.get(PAGE, headers=await people.bearer(life=-10)), 401, "expired-token")


async def test_401_on_the_very_next_request_after_a_revocation(http: httpx.AsyncClient, people: People) -> None:
    mine = await begin(http, await people.api_key(), role="admin")
    me = {"Authorization": f"Bearer {mine['tokens']['access_token']}"}
    assert (await http.get(PAGE, headers=me)).status_code == 200
    assert (await http.delete(f"/sessions/{mine['session']['id']}", headers=me)).status_code == 204
    assert_problem(await http.get(PAGE, headers=me), 401, "session-over")


async def test_401_when_the_session_of_the_token_has_expired(http: httpx.AsyncClient, people: People, url: str) -> None:
    mine = await begin(http, await people.api_key(), role="admin")
    connection = await asyncpg.connect(url)
    await connection.execute("update autional.sessions set idle_expires_at = $1", service_now() - timedelta(seconds=1))
    await connection.close()
    me = {"Authorization": f"Bearer {mine['tokens']['access_token']}"}
    assert_problem(await http.get(PAGE, headers=me), 401, "session-over")


async def test_403_for_a_user(http: httpx.AsyncClient, people: People) -> None:
    assert_problem(await http.get(PAGE, headers=await people.bearer("user")), 403, "missing-role")


@pytest.mark.parametrize("role", ["admin", "security_admin"])
async def test_403_for_another_tenant(http: httpx.AsyncClient, people: People, role: Role) -> None:
    headers = await people.bearer(role) | {"X-Tenant-ID": "other"}
    assert_problem(await http.get(PAGE, headers=headers), 403, "foreign-tenant")


async def test_404_for_an_unknown_or_disabled_tenant(http: httpx.AsyncClient, people: People, url: str) -> None:
    platform = await people.bearer("platform_admin")
    for unknown in ("other", "a b", "-", ids.new_id("tnt", service_now())):
        answer = await http.get(PAGE, headers=platform | {"X-Tenant-ID": unknown})
        assert_problem(answer, 404, "tenant-not-found")
    admin = await people.bearer()
    connection = await asyncpg.connect(url)
    await connection.execute("update autional.tenants set disabled_at = now()")
    await connection.close()
    assert_problem(await http.get(PAGE, headers=admin), 404, "tenant-not-found")


@changes_the_schema
async def test_500_says_nothing_of_the_inside(http: httpx.AsyncClient, people: People, url: str) -> None:
    admin = await people.bearer()
    connection = await asyncpg.connect(url)
    await connection.execute("drop table autional.session_counters")
    await connection.close()
    answer = await http.get(PAGE, headers=admin)
    assert_problem(answer, 500, "internal")
    assert not re.search(r"session_counters|relation|asyncpg|Traceback|postgres", answer.text)
