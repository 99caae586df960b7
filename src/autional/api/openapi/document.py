"""The OpenAPI 3.1 document, derived from the table of operations."""

import inspect
import typing
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec

from autional.access.caller import Access
from autional.api.model import File, Json, Operation, Page, Stream
from autional.api.openapi.examples import described, example_of
from autional.api.openapi.parameters import parameters_of
from autional.api.openapi.problem_responses import problem_examples, problem_responses
from autional.api.openapi.schemas import REFERENCE, custom_schema, portable
from autional.api.problem_body import JSON
from autional.api.request_parsing import Nothing
from autional.api.schemas import ProblemResponse

_FORM = "application/x-www-form-urlencoded"
_ENCODED = {Json, Stream}
_WITHOUT_SCHEMA = {Nothing, Page, File, type(None)}
_DESCRIPTION = """Issue, refresh, validate, introspect and revoke sessions and tokens for many tenants, with statistics
that are exact to the second.

* Administrators and users send `Authorization: Bearer` with an access token; services send `X-API-Key`.
* Every error is a Problem (RFC 9457); its `type` opens a page that explains it.
* An unknown field or query parameter is an error: a mistyped filter never means "everything".
* Instants are RFC 3339 in UTC; durations are written as in Go, such as `1h30m`, and with days, such as `30d`.
"""
_TAGS = {
    "sessions": "Sign users in, keep their sessions alive, list and revoke them.",
    "statistics": "Numbers of sessions, exact to the second.",
    "tokens": "Reissue, exchange, introspect, validate, list and revoke tokens.",
    "platform": "Tenants, API keys and signing keys, for platform administrators.",
    "oauth": "Standard OAuth endpoints for clients: introspection, revocation, token exchange.",
    "devices": "Trusted devices, and how often a session is used.",
    "risk": "Risk scores of sessions and devices, and what each fact weighs.",
    "policy": "Session lifetimes, session limits and retention of a tenant.",
    "users": "Export and erasure of what is stored about a user.",
    "events": "What was ended, in order, to whoever must know.",
    "audit": "What administrators and services did.",
    "meta": "Health, public keys, metadata and pages about problems.",
}
_SECURITY = {
    "bearerAuth": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of this service (RFC 9068).",
    },
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key of a service."},
    "basicAuth": {
        "type": "http",
        "scheme": "basic",
        "description": "The id and the secret of an API key (RFC 6749 §2.3.1).",
    },
}


def document(operations: Iterable[Operation], base_paths: Iterable[str]) -> dict[str, Any]:
    """The document for these operations."""
    rows = list(operations)
    used = {kind for row in rows for kind in (row.query, row.body, answer_type(row)) if _is_schema(kind)}
    shown = sorted(used | {ProblemResponse}, key=str)
    _, components = msgspec.json.schema_components(shown, schema_hook=custom_schema, ref_template=REFERENCE)
    components = described(portable(components))
    queries = {row.query.__name__ for row in rows} - {row.body.__name__ for row in rows}
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Autional session service",
            "summary": "Sessions and tokens for many tenants",
            "description": _DESCRIPTION,
            "version": version("autional"),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [
            {"url": url or "/", "description": f"Base path {url}" if url else "This server"}
            for url in ("", *base_paths)
        ],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in components.items() if name not in queries},
            "examples": problem_examples(),
            "securitySchemes": _SECURITY,
        },
    }


def answer_type(operation: Operation) -> Any:
    """The type that the function of an operation returns, encoded or not."""
    kind = typing.get_type_hints(operation.function)["return"]
    plain = [one for one in typing.get_args(kind) if one not in _ENCODED]
    return plain[0] if plain and len(plain) < len(typing.get_args(kind)) else kind


def _operation(row: Operation, components: dict[str, Any]) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(row.function.__doc__ or "").partition("\n")
    operation: dict[str, Any] = {
        "operationId": row.id,
        "summary": summary.rstrip("."),
        "description": " ".join([*description.split(), _callers(row.access)]),
        "tags": [row.tag],
        "security": _security(row.access),
        "parameters": parameters_of(row, components),
        "responses": _success(row, components) | problem_responses(row),
    }
    if row.body is not Nothing:
        schema = _schema(row.body)
        operation["requestBody"] = {
            "required": row.method == "PUT" or bool(components[row.body.__name__].get("required")),
            "content": {
                _FORM if row.form else JSON: {"schema": schema, "example": example_of(schema, components)},
            },
        }
    return operation


def _callers(access: Access) -> str:
    """Who may call, in words."""
    callers = []
    if access.bearers:
        callers.append("users" if "user" in access.bearers else "administrators")
    if access.clients:
        callers.append("OAuth clients with an API key")
    if "service" in access.keys:
        callers.append("services with an API key")
    elif access.keys:
        callers.append("API keys of administrators")
    return f"For {' and '.join(callers)}." if callers else "For everybody."


def _security(access: Access) -> list[dict[str, list[str]]]:
    schemes = ["bearerAuth"] if access.bearers else []
    schemes += ["apiKey"] if access.keys or access.clients else []
    schemes += ["basicAuth"] if access.clients else []
    return [{scheme: []} for scheme in schemes]


def _success(row: Operation, components: dict[str, Any]) -> dict[str, Any]:
    kind = answer_type(row)
    responses: dict[str, Any] = {str(row.status): {"description": "Success"}}
    answer = responses[str(row.status)]
    if kind is Page:
        answer["content"] = {"text/html": {"schema": {"type": "string"}}}
    elif kind is File:
        answer["content"] = {row.media_type: {"schema": {"type": "string"}}}
    elif kind is not type(None):
        schema = portable(_schema(kind))
        answer["content"] = {JSON: {"schema": schema, "example": example_of(schema, components)}}
    if Stream in typing.get_args(typing.get_type_hints(row.function)["return"]):
        answer["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    if row.max_age is not None:
        responses["304"] = {"description": "Not modified: the client already has this answer"}
    return responses


def _schema(kind: Any) -> dict[str, Any]:
    [schema], _ = msgspec.json.schema_components([kind], schema_hook=custom_schema, ref_template=REFERENCE)
    return schema


def _is_schema(kind: Any) -> bool:
    return kind not in _WITHOUT_SCHEMA and "dict" not in str(kind)
