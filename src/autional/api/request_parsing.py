"""Parsing of queries, bodies and forms into typed values; all violations are reported at once."""

import re
from collections import Counter
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from autional.api.violations import Expected, expected_at, field_names_at, nearest_name
from autional.core import problems
from autional.core.problems import Problem, Violation

Read = TypeVar("Read", bound=msgspec.Struct)

_PATH_IN_MESSAGE = re.compile(r" - at (?:`(?P<key>key)` in )?`\$(?P<path>[^`]*)`$")
_NAME_IN_MESSAGE = re.compile(r"^Object (?:contains unknown|missing required) field `(?P<name>[^`]*)`")
_LONGEST_QUERY = 8192
_LONGEST_NAME = 100
_MOST_VIOLATIONS = 20
_CODES = {
    "of length": "length",
    "matching regex": "format",
    "Invalid RFC3339": "format",
    "Invalid form": "format",
    "Invalid enum value": "value",
    "contains unknown field": "unknown",
    "missing required field": "required",
    "`int` >": "range",
    "`int` <": "range",
    "Integer value out of range": "range",
}


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The type of a query or body in which nothing is allowed."""


def _custom(kind: type, given: Any) -> Any:
    if not isinstance(given, str):
        raise TypeError("Expected a text")
    try:
        return kind(given)
    except ValueError as error:
        raise ValueError(f"Invalid form: {error}") from None


def read_query(raw: bytes, kind: type[Read]) -> Read:
    """The query string as a value of the type. Raises the Problems MALFORMED_REQUEST, INVALID_PARAMETER."""
    if len(raw) > _LONGEST_QUERY:
        raise Problem(problems.MALFORMED_REQUEST)
    pairs = _pairs(raw)
    return _typed(dict(pairs), kind, _repeated(pairs), strict=False)


def _repeated(pairs: list[tuple[str, str]]) -> list[Violation]:
    return [
        Violation(name[:_LONGEST_NAME], "repeated")
        for name, times in Counter(name for name, _ in pairs).items()
        if times > 1
    ]


def read_form(raw: bytes, kind: type[Read]) -> Read:
    """A form body as a value of the type; unknown parameters are ignored (RFC 6749 §3.2).

    Raises the Problems MALFORMED_REQUEST, INVALID_PARAMETER.
    """
    pairs = [(name, text) for name, text in _pairs(raw) if text]  # without a value is as if omitted (§3.2)
    several = {field.encode_name for field in msgspec.structs.fields(kind) if field.default_factory is list}
    known = {field.encode_name for field in msgspec.structs.fields(kind)} - several
    given: dict[str, Any] = {name: text for name, text in pairs if name in known}
    for name, text in pairs:
        if name in several:
            given.setdefault(name, []).append(text)
    return _typed(given, kind, _repeated([pair for pair in pairs if pair[0] not in several]), strict=False)


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise Problem(problems.MALFORMED_REQUEST) from None


def read_body(raw: bytes, kind: type[Read]) -> Read:
    """The JSON body as a value of the type. Raises the Problems MALFORMED_JSON, INVALID_PARAMETER."""
    try:
        try:
            read = msgspec.json.decode(raw or b"{}", type=kind, dec_hook=_custom)
        except msgspec.ValidationError as error:
            read = _typed(_untyped(raw, error, kind), kind, [], strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(problems.MALFORMED_JSON) from None
    faults: list[Violation] = read.faults() if hasattr(read, "faults") else []
    if faults:
        raise Problem(problems.INVALID_PARAMETER, violations=faults)
    return read


def _untyped(raw: bytes, found: msgspec.ValidationError, kind: type[msgspec.Struct]) -> Any:
    """The JSON value; if a number in it is beyond every type, the violation that was found is raised."""
    try:
        return msgspec.json.decode(raw or b"{}")
    except msgspec.ValidationError:
        raise Problem(problems.INVALID_PARAMETER, violations=[_violation("", None, found, kind)]) from None


def _typed(given: Any, kind: type[Read], repeated: list[Violation], *, strict: bool) -> Read:
    """Convert as a whole; if that fails, field by field, to report all violations at once."""
    whole: list[Violation] = []
    try:
        if not repeated:
            return msgspec.convert(given, kind, strict=strict, dec_hook=_custom)
    except msgspec.ValidationError as error:
        whole = [_violation("", given, error, kind)]
    fields = _field_violations(given, kind, strict=strict) if isinstance(given, dict) else []
    raise Problem(problems.INVALID_PARAMETER, violations=(repeated + fields or whole)[:_MOST_VIOLATIONS])


def _field_violations(given: dict[str, Any], kind: type[msgspec.Struct], *, strict: bool) -> list[Violation]:
    fields = msgspec.structs.fields(kind)
    names = [field.encode_name for field in fields]
    unknown = sorted(given.keys() - set(names))[:_MOST_VIOLATIONS]  # each costs a comparison with every name
    found = [_unknown(name, names, given[name]) for name in unknown]
    for field in fields:
        if field.encode_name in given:
            try:
                msgspec.convert(given[field.encode_name], field.type, strict=strict, dec_hook=_custom)
            except msgspec.ValidationError as error:
                found.append(_violation(f".{field.encode_name}", given[field.encode_name], error, kind))
        elif field.required:
            found.append(Violation(field.encode_name, "required"))
    return found


def _unknown(field: str, names: list[str], value: Any, inside: str = "") -> Violation:
    """A violation for an unknown field, with the name that was probably meant."""
    meant = nearest_name(field[:_LONGEST_NAME], names)
    path = f"{inside}.{field}".removeprefix(".")[:_LONGEST_NAME]
    if meant is None:
        return Violation(path, "unknown", value=value)
    return Violation(path, "unknown", "meant", value, {"name": meant})


def _violation(path: str, value: Any, error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> Violation:
    """A violation, described by the type of the field; no text of the parser is passed on."""
    message = str(error)
    inside = _PATH_IN_MESSAGE.search(message)
    path += inside["path"] if inside else ""
    named = _NAME_IN_MESSAGE.search(message)
    if named and "unknown field" in message:
        return _unknown(named["name"], field_names_at(kind, path), value, path)
    if named:
        return Violation(f"{path}.{named['name']}".removeprefix("."), "required", value=value)
    code = next((code for sign, code in _CODES.items() if sign in message), "type")
    expected = Expected("key") if inside and inside["key"] else expected_at(kind, path) or Expected("")
    return Violation(path.removeprefix(".") or "body", code, expected.name, value, expected.arguments)
