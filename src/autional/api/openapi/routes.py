"""The two operations that describe all others."""

from collections.abc import Sequence
from typing import Any

from autional.access.caller import ANYONE
from autional.api.model import Call, Operation, Page
from autional.api.openapi.document import document
from autional.api.openapi.page import docs_page

_MAX_AGE = 300


def describing(operations: Sequence[Operation], base_paths: Sequence[str]) -> tuple[Operation, Operation]:
    """Operations that answer with the OpenAPI document of these ones and with a page for people."""
    described = document(operations, base_paths)
    page = Page(docs_page(operations, described))

    async def openapi(_: Call) -> dict[str, Any]:
        """The OpenAPI 3.1 document of this service."""
        return described

    async def docs(_: Call) -> Page:
        """The API reference, for people."""
        return page

    return (
        Operation("GET", "/openapi.json", ANYONE, openapi, max_age=_MAX_AGE),
        Operation("GET", "/docs", ANYONE, docs, max_age=_MAX_AGE),
    )
