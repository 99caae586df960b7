"""The OpenAPI 3.1 document, from the table of operations: nothing in it is declared a second time."""

import inspect
import re
import typing
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec

from autional.access.caller import Access
from autional.api.model import Operation, Page
from autional.api.problem_body import PROBLEM_TYPE
from autional.api.request_parsing import Nothing
from autional.api.schemas import ProblemResponse
from autional.core import i18n
from autional.core.formats import LONGEST_ID, NO_SECRET
from autional.core.problems import CATALOGUE

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_REFERENCE = "#/components/schemas/{name}"
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")
_ALWAYS = {400, 414, 431, 500, 503}
_BEARER = {401, 403, 404}
_WITH_BODY = {408, 409, 413, 415, 422, 429}
_PATH_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "pattern": NO_SECRET}
_SECURITY = {
    "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "basicAuth": {"type": "http", "scheme": "basic"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def document(operations: Iterable[Operation], base_paths: Iterable[str]) -> dict[str, Any]:
    """The document for these operations."""
    rows = list(operations)
    used = {kind for row in rows for kind in (row.query, row.body, answer_type(row)) if _is_schema(kind)}
    described = sorted(used | {ProblemResponse}, key=str)
    _, components = msgspec.json.schema_components(described, schema_hook=_custom, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Autional session service", "version": version("autional")},
        "servers": [{"url": url or "/"} for url in ("", *base_paths)],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


def answer_type(operation: Operation) -> Any:
    """The type that the function of an operation answers with."""
    return typing.get_type_hints(operation.function)["return"]


def summary(operation: Operation) -> str:
    """The first sentence of what its function says about itself."""
    return inspect.cleandoc(operation.function.__doc__ or "").partition("\n")[0]


def statuses(operation: Operation) -> list[int]:
    """The statuses other than success that an operation may answer with."""
    found = set(_ALWAYS)
    guarded = not operation.access.anyone or "{" in operation.path or operation.body is not Nothing
    found |= _BEARER if guarded else set()
    found |= _WITH_BODY if operation.method != "GET" else set()
    return sorted(found)


def _operation(row: Operation, components: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{row.method.lower()}{re.sub(r'[^a-z]+', '_', row.path)}".rstrip("_"),
        "summary": summary(row),
        "security": _security(row.access),
        "parameters": _parameters(row, components),
        "responses": {str(row.status): _success(row)}
        | ({} if row.max_age is None else {"304": {"description": "What the client has already"}})
        | {str(status): _problem(status) for status in statuses(row)},
    }
    if row.body is not Nothing:
        required = bool(components[row.body.__name__].get("required"))
        described["requestBody"] = {
            "required": required,
            "content": {_FORM if row.form else _JSON: {"schema": _schema(row.body)}},
        }
    return described


def _security(access: Access) -> list[dict[str, list[str]]]:
    schemes = ["bearerAuth"] if access.bearers else []
    schemes += ["apiKey"] if access.keys or access.clients else []
    schemes += ["basicAuth"] if access.clients else []
    return [{scheme: []} for scheme in schemes]


def _parameters(row: Operation, components: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMA}
        for name in _PATH_PARAMETER.findall(row.path)
    ]
    if row.access.keys:
        found.append({"name": "X-Tenant-ID", "in": "header", "required": False, "schema": {"type": "string"}})
    if row.query is not Nothing:
        described = components[row.query.__name__]
        found += [
            {"name": name, "in": "query", "required": name in described.get("required", []), "schema": schema}
            for name, schema in described["properties"].items()
        ]
    return found


def _success(row: Operation) -> dict[str, Any]:
    kind = answer_type(row)
    if kind is type(None):
        return {"description": "Done"}
    if kind is Page:
        return {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}
    return {"description": "Success", "content": {_JSON: {"schema": _schema(kind)}}}


def _problem(status: int) -> dict[str, Any]:
    kinds = [kind for kind in CATALOGUE.values() if kind.status == status]
    examples = {
        kind.slug: {
            "value": {
                "type": f"/problems/{kind.slug}",
                "title": i18n.text(kind.slug, "title"),
                "status": kind.status,
                "code": kind.code,
                "i18n_key": kind.i18n_key,
            }
        }
        for kind in kinds
    }
    schema = {"$ref": _REFERENCE.format(name=ProblemResponse.__name__)}
    content = {PROBLEM_TYPE: {"schema": schema, "examples": examples}, _JSON: {"schema": schema}}
    return {"description": " · ".join(i18n.text(kind.slug, "title") for kind in kinds), "content": content}


def _schema(kind: Any) -> dict[str, Any]:
    [schema], _ = msgspec.json.schema_components([kind], schema_hook=_custom, ref_template=_REFERENCE)
    return schema


def _is_schema(kind: Any) -> bool:
    return kind not in {Nothing, Page, type(None)} and "dict" not in str(kind)


def _custom(kind: Any) -> dict[str, Any]:
    schema: dict[str, Any] = kind.SCHEMA
    return schema
