"""From what a client sent to typed values, or to every violation at once."""

import re
from collections import Counter
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from autional.api.violations import Expected, expected_at, names_at, nearest
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
    """A query or a body in which nothing may stand."""


def _custom(kind: type, given: Any) -> Any:
    if not isinstance(given, str):
        raise TypeError("Expected a text")
    try:
        return kind(given)
    except ValueError as error:
        raise ValueError(f"Invalid form: {error}") from None


def read_query(raw: bytes, kind: type[Read]) -> Read:
    """The query string as the type of the operation. Raises the Problems MALFORMED_REQUEST, INVALID_PARAMETER."""
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
    """A form body as the type of the operation; what it does not know is ignored, as OAuth asks (RFC 6749 §3.2).

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
    """The JSON body as the type of the operation. Raises the Problems MALFORMED_JSON, INVALID_PARAMETER."""
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
    """The JSON value as it is; where it cannot be had, as a number beyond every type, what was found counts."""
    try:
        return msgspec.json.decode(raw or b"{}")
    except msgspec.ValidationError:
        raise Problem(problems.INVALID_PARAMETER, violations=[_violation("", None, found, kind)]) from None


def _typed(given: Any, kind: type[Read], repeated: list[Violation], *, strict: bool) -> Read:
    """Convert as a whole; where that fails, field by field, so that all violations are told at once."""
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
    """A field that there is not, with the one that was probably meant."""
    meant = nearest(field[:_LONGEST_NAME], names)
    path = f"{inside}.{field}".removeprefix(".")[:_LONGEST_NAME]
    if meant is None:
        return Violation(path, "unknown", value=value)
    return Violation(path, "unknown", "meant", value, {"name": meant})


def _violation(path: str, value: Any, error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> Violation:
    """What is wrong, by the type that the field has: nothing of the parser's own words is told."""
    message = str(error)
    inside = _PATH_IN_MESSAGE.search(message)
    path += inside["path"] if inside else ""
    named = _NAME_IN_MESSAGE.search(message)
    if named and "unknown field" in message:
        return _unknown(named["name"], names_at(kind, path), value, path)
    if named:
        return Violation(f"{path}.{named['name']}".removeprefix("."), "required", value=value)
    code = next((code for sign, code in _CODES.items() if sign in message), "type")
    expected = Expected("key") if inside and inside["key"] else expected_at(kind, path) or Expected("")
    return Violation(path.removeprefix(".") or "body", code, expected.name, value, expected.arguments)
