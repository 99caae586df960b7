"""Schemas of the OpenAPI document, in the part of JSON Schema that code generators understand."""

import inspect
from typing import Any

from autional.core.formats import NO_CONTROLS, NO_SECRET

REFERENCE = "#/components/schemas/{name}"
_END = r"(?![\s\S])"


def custom_schema(kind: Any) -> dict[str, Any]:
    """The schema of a type that msgspec does not know; the type declares it."""
    schema: dict[str, Any] = kind.SCHEMA
    return schema


def portable(value: Any) -> Any:
    """A schema that generators understand: typed choices, plain patterns, names without underscores at their end."""
    if isinstance(value, list):
        return [portable(item) for item in value]
    if not isinstance(value, dict):
        return value
    entries = {_name(key): _portable_entry(key, item) for key, item in value.items()}
    is_choice = isinstance(value.get("enum"), list) and all(isinstance(choice, str) for choice in value["enum"])
    return {"type": "string", **entries} if is_choice else entries


def _portable_entry(key: str, value: Any) -> Any:
    if isinstance(value, str) and key == "pattern":
        return value.replace(NO_SECRET, NO_CONTROLS).replace(_END, "$")
    if isinstance(value, str) and key == "description":
        return inspect.cleandoc(value)
    return _name(value) if isinstance(value, str) and key == "$ref" else portable(value)


def _name(name: str) -> str:
    """`DataResponse_Session_`, as msgspec calls a generic type, without its last underscore."""
    return name.rstrip("_")
