from typing import Any

import httpx
import jsonschema_rs
import pytest
from tests.conftest import People

from autional.api.operations import OPERATIONS


@pytest.fixture
async def document(http: httpx.AsyncClient) -> dict[str, Any]:
    described: dict[str, Any] = (await http.get("/openapi.json")).json()
    return described


async def test_every_operation_is_described_with_an_id_of_its_own(document: dict[str, Any]) -> None:
    described = [(method.upper(), path) for path, item in document["paths"].items() for method in item]
    assert sorted(described) == sorted((row.method, row.path) for row in OPERATIONS)
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(set(ids)) == len(ids)
    assert all(operation["summary"] for item in document["paths"].values() for operation in item.values())


async def test_answers_keep_to_their_schemas(http: httpx.AsyncClient, people: People, document: dict[str, Any]) -> None:
    admin = await people.bearer()
    await http.post("/internal/session/create", headers=await people.api_key(), json={"auth_user_id": "u"})
    for path, schema in (
        ("/admin/sessions/stats", "SessionStatsResponse"),
        ("/admin/sessions", "SessionListResponse"),
        ("/admin/sessions/policy", "PolicyResponse"),
        ("/admin/sessions/stats/history", "StatisticsHistoryResponse"),
        ("/admin/sessions?page=0&x=1", "ProblemResponse"),
        ("/sessions/sess_never", "ProblemResponse"),
    ):
        answer = (await http.get(path, headers=admin)).json()
        jsonschema_rs.validate({"$ref": f"#/components/schemas/{schema}", **document}, answer)


async def test_the_page_for_people_names_every_operation(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert all(row.path in page.text for row in OPERATIONS)
