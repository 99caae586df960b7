import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.conftest import People

from autional.api.openapi.examples import fields
from autional.api.operations import OPERATIONS

PYTHON = ("None", "Raises", "autional.", "async ", "NamedTuple", "msgspec")


@pytest.fixture
async def document(http: httpx.AsyncClient) -> dict[str, Any]:
    described: dict[str, Any] = (await http.get("/openapi.json")).json()
    return described


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


async def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


async def test_every_operation_is_described_with_an_id_of_its_own(document: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert described == {(row.method, row.path) for row in OPERATIONS}
    ids = [operation["operationId"] for operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for operation in operations(document):
        assert 3 <= len(operation["summary"]) <= 90, operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= {tag["name"] for tag in document["tags"]}


async def test_it_is_written_for_readers_of_any_language(document: dict[str, Any]) -> None:
    texts = [text for operation in operations(document) for text in (operation["summary"], operation["description"])]
    texts += [schema.get("description", "") for schema in document["components"]["schemas"].values()]
    for text in texts:
        assert not [word for word in PYTHON if word in text], text
    assert "(?" not in json.dumps(document).replace("(?:", "")


async def test_every_field_and_parameter_is_described_and_every_description_used(document: dict[str, Any]) -> None:
    named = set()
    for schema_name, schema in document["components"]["schemas"].items():
        for name, value in schema.get("properties", {}).items():
            assert value.get("description"), f"{schema_name}.{name}"
            named |= {name, f"{schema_name}.{name}"}
    for operation in operations(document):
        for parameter in operation["parameters"]:
            assert parameter.get("description"), (operation["operationId"], parameter["name"])
            assert ("example" in parameter) == parameter.get("required", False), parameter
            named |= {
                parameter["name"],
                *(f"{kind}.{parameter['name']}" for kind in ("SessionFilter", "SnapshotQuery")),
            }
    assert set(fields()) <= named


async def test_every_example_keeps_to_its_schema(document: dict[str, Any]) -> None:
    checked = 0
    for operation in operations(document):
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (content for holder in contents for content in holder.get("content", {}).values()):
            if "example" in content:
                schema = {**content["schema"], "components": document["components"]}
                assert jsonschema_rs.is_valid(schema, content["example"]), (
                    operation["operationId"],
                    content["example"],
                )
                checked += 1
        for parameter in operation["parameters"]:
            if "example" in parameter:
                assert jsonschema_rs.is_valid(parameter["schema"], parameter["example"]), parameter
    assert checked > 100
    for example in document["components"]["examples"].values():
        problem = {"$ref": "#/components/schemas/ProblemResponse", "components": document["components"]}
        assert jsonschema_rs.is_valid(problem, example["value"])


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


@pytest.mark.parametrize("base", ["", "/api/v1"])
async def test_the_start_page_leads_to_the_reference_whose_scripts_are_our_own(
    http: httpx.AsyncClient, base: str
) -> None:
    start = await http.get("/")
    assert (start.status_code, start.headers["location"]) == (307, "docs")
    page = await http.get(f"{base}/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "://" not in page.text
    for name, media_type in (("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "text/javascript")):
        answer = await http.get(f"{base}/docs/{name}")
        assert answer.headers["content-type"].startswith(media_type)
        assert len(answer.content) > 10_000
    assert (await http.get(f"{base}/docs/index.html")).status_code == 404
