"""Violations: compares a value with its type and says what is wrong with each field, and what is expected."""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from msgspec import inspect

from autional.core.problems import Violation

_LONGEST_NAME = 100
_MOST_UNKNOWN = 20
_NO_ARGUMENTS: Mapping[str, object] = {}


def violations_of(kind: Any, value: Any, *, from_text: bool) -> list[Violation]:
    """Everything in which a decoded value differs from a type, in the order of its fields.

    With `from_text` the values are text, as in a query or a form, and numbers and booleans are parsed.
    """
    return list(_compare(inspect.type_info(kind), value, "", from_text))


def _compare(kind: inspect.Type, value: Any, path: str, from_text: bool) -> Iterator[Violation]:
    if isinstance(kind, inspect.Metadata):
        yield from _compare(kind.type, value, path, from_text)
    elif isinstance(kind, inspect.UnionType):
        if value is not None or not kind.includes_none:
            some = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
            yield from _compare(some, value, path, from_text)
    elif isinstance(kind, inspect.StructType):
        yield from _object(kind, value, path, from_text)
    elif isinstance(kind, inspect.ListType):
        yield from _list(kind, value, path, from_text)
    elif isinstance(kind, inspect.DictType):
        yield from _mapping(kind, value, path, from_text)
    else:
        yield from _plain(kind, value, path, from_text)


def _object(kind: inspect.StructType, value: Any, path: str, from_text: bool) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield _violation(path, "type", "object", value)
        return
    names = [field.encode_name for field in kind.fields]
    if kind.forbid_unknown_fields:
        # each takes a comparison with every name
        for name in sorted(value.keys() - set(names))[:_MOST_UNKNOWN]:
            meant = next(iter(get_close_matches(name[:_LONGEST_NAME], names, n=1)), None)
            reason, arguments = ("meant", {"name": meant}) if meant else ("", _NO_ARGUMENTS)
            yield _violation(f"{path}.{name}", "unknown", reason, value[name], arguments)
    for field in kind.fields:
        if field.encode_name in value:
            yield from _compare(field.type, value[field.encode_name], f"{path}.{field.encode_name}", from_text)
        elif field.required:
            yield _violation(f"{path}.{field.encode_name}", "required", "", None)


def _list(kind: inspect.ListType, value: Any, path: str, from_text: bool) -> Iterator[Violation]:
    if not isinstance(value, list):
        yield _violation(path, "type", *_between("list", kind.min_length, kind.max_length, value))
    elif not _fits(len(value), kind.min_length, kind.max_length):
        yield _violation(path, "length", *_between("list", kind.min_length, kind.max_length, value))
    else:
        for place, item in enumerate(value):
            yield from _compare(kind.item_type, item, f"{path}[{place}]", from_text)


def _mapping(kind: inspect.DictType, value: Any, path: str, from_text: bool) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield _violation(path, "type", "object", value)
        return
    if not _fits(len(value), kind.min_length, kind.max_length):
        yield _violation(path, "length", *_between("list", kind.min_length, kind.max_length, value))
    for name, item in value.items():
        wrong = list(_compare(kind.key_type, name, path, from_text))
        yield from wrong or _compare(kind.value_type, item, f"{path}.{name}", from_text)


def _plain(kind: inspect.Type, value: Any, path: str, from_text: bool) -> Iterator[Violation]:
    check = _CHECKS.get(type(kind))
    code = check(kind, value, from_text) if check else None
    if code is not None:
        yield _violation(path, code, *_EXPECTED[type(kind)](kind, value))


def _text(kind: Any, value: Any, _: bool) -> str | None:
    if not isinstance(value, str):
        return "type"
    if not _fits(len(value), kind.min_length, kind.max_length):
        return "length"
    return None if kind.pattern is None or re.search(kind.pattern, value) else "format"


def _integer(kind: Any, value: Any, from_text: bool) -> str | None:
    if from_text and isinstance(value, str) and re.fullmatch(r"-?(0|[1-9][0-9]{0,18})", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return "type"
    return None if _fits(value, kind.ge, kind.le) else "range"


def _boolean(_: Any, value: Any, from_text: bool) -> str | None:
    parsed = from_text and isinstance(value, str) and value.lower() in {"true", "false", "1", "0"}
    return None if parsed or isinstance(value, bool) else "type"


def _choice(kind: Any, value: Any, _: bool) -> str | None:
    if not isinstance(value, str):
        return "type"
    return None if value in kind.values else "value"


def _custom(kind: Any, value: Any, _: bool) -> str | None:
    if not isinstance(value, str):
        return "type"
    try:
        kind.cls(value)
    except ValueError:
        return "format"
    return None


_CHECKS: dict[type, Callable[[Any, Any, bool], str | None]] = {
    inspect.StrType: _text,
    inspect.IntType: _integer,
    inspect.BoolType: _boolean,
    inspect.LiteralType: _choice,
    inspect.CustomType: _custom,
}
_EXPECTED: dict[type, Callable[[Any, Any], tuple[str, Any, Mapping[str, object]]]] = {
    inspect.StrType: lambda kind, value: _between("text", kind.min_length, kind.max_length, value),
    inspect.IntType: lambda kind, value: _between("integer", kind.ge, kind.le, value),
    inspect.BoolType: lambda _, value: ("boolean", value, _NO_ARGUMENTS),
    inspect.LiteralType: lambda kind, value: ("choice", value, {"choices": ", ".join(map(str, kind.values))}),
    inspect.CustomType: lambda kind, value: (kind.cls.EXPECTED, value, _NO_ARGUMENTS),
}


def _between(name: str, least: int | None, most: int | None, value: Any) -> tuple[str, Any, Mapping[str, object]]:
    if most is None:
        return name, value, _NO_ARGUMENTS
    return f"{name}_between", value, {"least": least or 0, "most": most}


def _fits(number: int, least: int | None, most: int | None) -> bool:
    return (least is None or number >= least) and (most is None or number <= most)


def _violation(
    path: str, code: str, reason: str, value: Any, arguments: Mapping[str, object] = _NO_ARGUMENTS
) -> Violation:
    return Violation(path.removeprefix(".")[: 2 * _LONGEST_NAME] or "body", code, reason, value, arguments)
