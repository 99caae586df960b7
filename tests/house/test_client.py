"""The Python client says what this source says, and needs nothing of it."""

import ast
import inspect
from pathlib import Path

import pytest
from tests.client_source import CLIENT, REPEATABLE, files

from autional.api.operations import OPERATIONS
from autional_client import AsyncClient, Client


def test_the_generated_parts_are_of_this_source() -> None:
    made = files()
    found = {path: path.read_text() for path in (CLIENT / "schemas.py", *(CLIENT / "operations").glob("*.py"))}
    assert found == made, "make docs"


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.id)
def test_every_operation_is_a_method_of_both_clients(row: object) -> None:
    name = row.id  # type: ignore[attr-defined]
    one, other = getattr(Client, name), getattr(AsyncClient, name)
    assert inspect.signature(one).parameters.keys() == inspect.signature(other).parameters.keys()
    assert inspect.iscoroutinefunction(other)


def test_only_operations_by_post_have_to_be_called_repeatable() -> None:
    assert {row.id for row in OPERATIONS if row.method == "POST"} >= REPEATABLE


@pytest.mark.parametrize("path", CLIENT.rglob("*.py"), ids=lambda path: path.name)
def test_the_client_imports_nothing_of_the_service(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
        assert all(name.partition(".")[0] != "autional" for name in names), names
