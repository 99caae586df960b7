"""The OpenAPI document, and the page to try its operations."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from autional.access.caller import ANYONE
from autional.api.model import Call, File, Operation, Page, Redirect, may_raise
from autional.api.openapi.document import document
from autional.core import problems
from autional.core.problems import Problem

_MAX_AGE = 300
_ASSETS = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
}
_START = b"""SwaggerUIBundle({
  url: new URL("openapi.json", document.baseURI).href,
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
"""
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Autional API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"""


def describing(operations: Sequence[Operation], base_paths: Sequence[str]) -> tuple[Operation, ...]:
    """The operations that serve the OpenAPI document of these ones, and the pages about it."""
    described = _document(tuple(operations), tuple(base_paths))

    async def openapi(_: Call) -> dict[str, Any]:
        """Get the OpenAPI document."""
        return described

    return (
        Operation("get_start_page", "GET", "/", ANYONE, start, 307),
        Operation("get_openapi_document", "GET", "/openapi.json", ANYONE, openapi, max_age=_MAX_AGE),
        Operation("get_docs_page", "GET", "/docs", ANYONE, docs, max_age=_MAX_AGE),
        Operation("get_docs_asset", "GET", "/docs/{asset}", ANYONE, docs_asset, max_age=_MAX_AGE),
    )


@cache
def _document(operations: tuple[Operation, ...], base_paths: tuple[str, ...]) -> dict[str, Any]:
    """Once for all applications of a process."""
    return document(operations, base_paths)


async def start(_: Call) -> Redirect:
    """Go to the API reference."""
    return Redirect("docs")


async def docs(_: Call) -> Page:
    """Open the API reference, on which every operation can be tried."""
    return Page(_PAGE, has_scripts=True)


@may_raise(problems.ROUTE_NOT_FOUND)
async def docs_asset(_: Call, asset: str) -> File:
    """Get a script or style sheet of the API reference."""
    if asset not in _ASSETS:
        raise Problem(problems.ROUTE_NOT_FOUND)
    return File(_content(asset), _ASSETS[asset])


@cache
def _content(name: str) -> bytes:
    return _START if name == "start.js" else (files("swagger_ui") / "static" / name).read_bytes()
