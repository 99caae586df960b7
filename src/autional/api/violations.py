"""What a field may contain, derived from its type, for the text of a violation."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from msgspec import inspect

_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<place>\d+|\.\.\.)\]")


class Expected(NamedTuple):
    """A text of the section `expected` of locales/, and its arguments."""

    name: str
    arguments: Mapping[str, object] = {}


def expected_at(kind: Any, path: str) -> Expected | None:
    """What is expected at a path such as `.filter.ip` or `.session_ids[3]`; None if there is no such field."""
    found: inspect.Type | None = inspect.type_info(kind)
    for step in _STEP.finditer(path):
        found = _inside(_present(found), step["name"])
        if found is None:
            return None
    return _described(_present(found))


def field_names_at(kind: Any, path: str) -> list[str]:
    """The fields of the object at a path."""
    found: inspect.Type | None = inspect.type_info(kind)
    for step in _STEP.finditer(path):
        found = _inside(_present(found), step["name"])
    present = _present(found)
    return [field.encode_name for field in present.fields] if isinstance(present, inspect.StructType) else []


def nearest_name(name: str, names: list[str]) -> str | None:
    """The name that was probably meant."""
    return next(iter(get_close_matches(name, names, n=1)), None)


def _present(kind: inspect.Type | None) -> inspect.Type | None:
    """The type without null."""
    while isinstance(kind, inspect.UnionType | inspect.Metadata):
        several = kind.types if isinstance(kind, inspect.UnionType) else (kind.type,)
        kind = next(one for one in several if not isinstance(one, inspect.NoneType))
    return kind


def _inside(kind: inspect.Type | None, name: str | None) -> inspect.Type | None:
    if isinstance(kind, inspect.StructType):
        return next((field.type for field in kind.fields if field.encode_name == name), None)
    if isinstance(kind, inspect.ListType):
        return kind.item_type
    return kind.value_type if isinstance(kind, inspect.DictType) else None


def _described(kind: inspect.Type | None) -> Expected | None:
    describe = _DESCRIPTIONS.get(type(kind))
    return describe(kind) if describe else None


def _between(name: str, least: int | None, most: int | None) -> Expected:
    return Expected(f"{name}_between", {"least": least or 0, "most": most}) if most is not None else Expected(name)


_DESCRIPTIONS: dict[type, Callable[[Any], Expected]] = {
    inspect.LiteralType: lambda kind: Expected("choice", {"choices": ", ".join(map(str, kind.values))}),
    inspect.StrType: lambda kind: _between("text", kind.min_length, kind.max_length),
    inspect.IntType: lambda kind: _between("integer", kind.ge, kind.le),
    inspect.ListType: lambda kind: _between("list", kind.min_length, kind.max_length),
    inspect.FloatType: lambda _: Expected("number"),
    inspect.BoolType: lambda _: Expected("boolean"),
    inspect.CustomType: lambda kind: Expected(kind.cls.EXPECTED),
    inspect.StructType: lambda _: Expected("object"),
    inspect.DictType: lambda _: Expected("object"),
}
