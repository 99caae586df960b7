"""How often a request goes to the database: what is hot goes once."""

from typing import Any

import httpx
import pytest
from tests.conftest import People, not_on_citus

from autional.postgres import prepared

Counted = list[str]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """What the service sends to the database from now on."""
    sent: Counted = []
    alone, together = prepared.PreparedConnection.rows, prepared.PreparedConnection.row_of_each

    async def rows(self: Any, query: str, *arguments: object) -> Any:
        sent.append(query)
        return await alone(self, query, *arguments)

    async def row_of_each(self: Any, query: str, calls: Any) -> Any:
        sent.append(query)
        return await together(self, query, calls)

    monkeypatch.setattr(prepared.PreparedConnection, "rows", rows)
    monkeypatch.setattr(prepared.PreparedConnection, "row_of_each", row_of_each)
    return sent


@not_on_citus  # where keys and tenants are on different nodes
async def test_statistics_refresh_introspect_and_validate_take_one_round_trip(
    http: httpx.AsyncClient, people: People, statements: Counted
) -> None:
    key, bearer = await people.api_key(), await people.bearer("admin")
    made = (await http.post("/sessions", headers=bearer, json={"auth_user_id": "u1"})).json()
    access, refresh, session = made["tokens"]["access_token"], made["tokens"]["refresh_token"], made["session"]["id"]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("/internal/session/validate-token", {"headers": key, "json": {"access_token": access}}),
        ("/oauth2/introspect", {"headers": key, "data": {"token": access}}),
        ("/oauth2/introspect", {"headers": key, "data": {"token": refresh}}),
        ("/admin/tokens/introspect", {"headers": bearer, "json": {"token": access}}),
        ("/admin/tokens/introspect", {"headers": bearer, "json": {"token": refresh}}),
        (f"/sessions/{session}/validate", {"headers": bearer}),
        ("GET /admin/sessions/stats", {"headers": bearer}),
        ("/sessions/refresh", {"json": {"refresh_token": refresh}}),
    ]
    for path, request in asked:
        statements.clear()
        method, _, where = path.rpartition(" ")
        answer = await http.request(method or "POST", where, **request)
        assert answer.status_code == 200
        assert answer.json().get("active", True), path
        assert answer.json().get("valid", True), path
        assert len(statements) == 1, (path, statements)


async def test_who_may_not_call_is_told_that_before_what_is_wrong_with_the_body(
    http: httpx.AsyncClient, people: People
) -> None:
    forged = {**await people.api_key(), "X-API-Key": "key_0000000000000000000000000A.x"}
    for body in ({}, {"access_token": 7}, {"access_token": "x"}):
        answer = await http.post("/internal/session/validate-token", headers=forged, json=body)
        assert answer.status_code == 401
