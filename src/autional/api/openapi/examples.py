"""Descriptions of the fields of the API and examples of its requests and responses, from fields.toml."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class Field(NamedTuple):
    """What a field means, and an example of its value."""

    description: str
    example: Any


@cache
def fields() -> dict[str, Field]:
    """The fields by `name`, or `Schema.name` where a schema has its own meaning."""
    text = (files("autional.api.openapi") / "fields.toml").read_text()
    return {name: Field(*values) for name, values in tomllib.loads(text).items()}


def field_of(name: str, *schemas: str) -> Field | None:
    """What is known of a field of a schema, or of the first of several that has its own meaning."""
    own = (fields().get(f"{schema}.{name}") for schema in schemas)
    return next((field for field in own if field), None) or fields().get(name)


def described(components: dict[str, Any]) -> dict[str, Any]:
    """The same schemas, with a description and an example for each property that is a plain value."""
    return {name: _described(name, schema) for name, schema in components.items()}


def _described(schema_name: str, schema: dict[str, Any]) -> dict[str, Any]:
    if "properties" not in schema:
        return schema
    properties = {name: _property(schema_name, name, item) for name, item in schema["properties"].items()}
    return schema | {"properties": properties}


def _property(schema_name: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    field = field_of(name, schema_name)
    return {"description": field.description, **schema} if field else schema


def example_of(schema: dict[str, Any], components: dict[str, Any], field: Field | None = None) -> Any:
    """An example of a value of a schema; that of its field where it is a plain value."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        properties = components[name].get("properties", {})
        required = components[name].get("required", [])
        shown = {
            key: item
            for key, item in properties.items()
            if key in required or item.get("default", item) is item or "anyOf" not in item
        }
        return {key: example_of(item, components, field_of(key, name)) for key, item in shown.items()}
    if "anyOf" in schema:
        return example_of(next(kind for kind in schema["anyOf"] if kind.get("type") != "null"), components, field)
    if schema.get("type") == "array" and "$ref" in schema.get("items", {}):
        return [example_of(schema["items"], components)]
    return field.example if field else {}
