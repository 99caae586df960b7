from pathlib import Path

import httpx
import jsonschema_rs
import pytest
from tests.contract import answer_keeps_to_the_document

from autional.api.operations import OPERATIONS


async def test_an_answer_outside_the_document_is_noticed() -> None:
    request = httpx.Request("GET", "http://here/api/v1/admin/sessions/active-count")
    good = httpx.Response(200, json={"count": 1, "timestamp": "2026-04-15T10:00:00Z"}, request=request)
    await answer_keeps_to_the_document(good)
    with pytest.raises(jsonschema_rs.ValidationError):
        await answer_keeps_to_the_document(httpx.Response(200, json={"count": "1"}, request=request))
    with pytest.raises(AssertionError):
        await answer_keeps_to_the_document(httpx.Response(418, json={}, request=request))


def test_every_operation_of_the_contract_is_served() -> None:
    promised = (Path(__file__).parent / "contract_operations.txt").read_text().splitlines()
    assert len(promised) == 49
    assert set(promised) <= {f"{operation.method} {operation.path}" for operation in OPERATIONS}
