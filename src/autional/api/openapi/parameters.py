"""Parameters of an operation in the OpenAPI document: in the path, the query and headers."""

import re
from typing import Any

from autional.api.model import Operation
from autional.api.openapi.examples import field_of
from autional.api.openapi.schemas import portable
from autional.api.request_parsing import Nothing
from autional.core.formats import LONGEST_ID, LONGEST_IDEMPOTENCY_KEY, NO_CONTROLS, TENANT_ID

_PATH_PARAMETER = re.compile(r"\{(\w+)\}")
_PATH_SCHEMA = portable({"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "pattern": NO_CONTROLS})
_TENANT = {
    "name": "X-Tenant-ID",
    "in": "header",
    "description": "The tenant to act in. Required with an API key of several tenants; otherwise it may only repeat the"
    " caller's own tenant, except for platform administrators.",
    "schema": {"type": "string", "pattern": f"^{TENANT_ID.pattern}$"},
}
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A key of the client's choice: a repeat of the same request under it changes nothing and gets the"
    " same answer, for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_IDEMPOTENCY_KEY},
}
_COMMON = [
    {
        "name": "X-Request-ID",
        "in": "header",
        "description": "An id for the request, `req_` and a UUID, which the response and the logs repeat. A new one is"
        " made if it is absent or has another form.",
        "schema": {"type": "string"},
    },
    {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of titles and details of Problems: `en` or `zh-CN`.",
        "schema": {"type": "string"},
    },
]


def parameters_of(row: Operation, components: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of an operation."""
    found = [_parameter([], name, _PATH_SCHEMA, "path", True) for name in _PATH_PARAMETER.findall(row.path)]
    if row.query is not Nothing:
        kinds, schema = [kind.__name__ for kind in row.query.__mro__], components[row.query.__name__]
        required = schema.get("required", [])
        found += [
            _parameter(kinds, name, item, "query", name in required) for name, item in schema["properties"].items()
        ]
    found += [_TENANT] if row.access.bearers or row.access.keys or row.access.clients else []
    found += [_IDEMPOTENCY] if row.idempotent else []
    return found + _COMMON


def _parameter(kinds: list[str], name: str, schema: dict[str, Any], place: str, required: bool) -> dict[str, Any]:
    plain = _without_null({key: value for key, value in schema.items() if key != "description"})
    parameter = {"name": name, "in": place, "required": required, "schema": plain}
    field = field_of(name, *kinds)
    if field is None:
        return parameter
    # a form fills in examples: those of optional parameters would change what is asked
    example = {"example": field.example} if required else {}
    return parameter | {"description": field.description} | example


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an optional value that a query cannot give as null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else schema
