"""Parsing of queries, bodies and forms into typed values; all violations are reported at once."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from autional.api.violations import violations_of
from autional.core import problems
from autional.core.problems import Problem, Violation

Read = TypeVar("Read", bound=msgspec.Struct)

_LONGEST_QUERY = 8192
_LONGEST_NAME = 100
_MOST_VIOLATIONS = 20


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The type of a query or body in which nothing is allowed."""


def _custom(kind: type, given: Any) -> Any:
    if not isinstance(given, str):
        raise TypeError("Expected a text")
    try:
        return kind(given)
    except ValueError as error:
        raise ValueError(f"Invalid form: {error}") from None


def query_reader(kind: type[Read]) -> Callable[[bytes], Read]:
    """The function that reads query strings as values of a type.

    It raises the Problems MALFORMED_REQUEST, INVALID_PARAMETER.
    """
    without = None if any(field.required for field in msgspec.structs.fields(kind)) else kind()

    def read(raw: bytes) -> Read:
        if not raw and without is not None:
            return without
        if len(raw) > _LONGEST_QUERY:
            raise Problem(problems.MALFORMED_REQUEST)
        pairs = _pairs(raw)
        return _typed(dict(pairs), kind, _repeated(pairs), from_text=True)

    return read


def _repeated(pairs: list[tuple[str, str]]) -> list[Violation]:
    if len(pairs) < 2:
        return []
    return [
        Violation(name[:_LONGEST_NAME], "repeated")
        for name, times in Counter(name for name, _ in pairs).items()
        if times > 1
    ]


def form_reader(kind: type[Read]) -> Callable[[bytes], Read]:
    """The function that reads forms as values of a type; unknown parameters are ignored (RFC 6749 §3.2).

    It raises the Problems MALFORMED_REQUEST, INVALID_PARAMETER.
    """
    fields = msgspec.structs.fields(kind)
    several = {field.encode_name for field in fields if field.default_factory is list}
    known = {field.encode_name for field in fields} - several

    def read(raw: bytes) -> Read:
        pairs = [(name, text) for name, text in _pairs(raw) if text]  # without a value is as if omitted (§3.2)
        given: dict[str, Any] = {name: text for name, text in pairs if name in known}
        for name, text in pairs:
            if name in several:
                given.setdefault(name, []).append(text)
        return _typed(given, kind, _repeated([pair for pair in pairs if pair[0] not in several]), from_text=True)

    return read


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        text = raw.decode("ascii")
        if "%" in text or "+" in text or "&" in text:
            return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise Problem(problems.MALFORMED_REQUEST) from None
    name, _, value = text.partition("=")
    return [(name, value)] if text else []


def body_reader(kind: type[Read]) -> Callable[[bytes], Read]:
    """The function that reads JSON bodies as values of a type.

    It raises the Problems MALFORMED_JSON, INVALID_PARAMETER.
    """
    decode = msgspec.json.Decoder(kind, dec_hook=_custom).decode
    has_faults = hasattr(kind, "faults")

    def read(raw: bytes) -> Read:
        try:
            try:
                read = decode(raw or b"{}")
            except msgspec.ValidationError:
                read = _typed(_untyped(raw), kind, [], from_text=False)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Problem(problems.MALFORMED_JSON) from None
        faults: list[Violation] = read.faults() if has_faults else []  # type: ignore[attr-defined]
        if faults:
            raise Problem(problems.INVALID_PARAMETER, violations=faults)
        return read

    return read


def _untyped(raw: bytes) -> Any:
    """The JSON value, with numbers beyond 64 bits as well."""
    try:
        return msgspec.json.decode(raw or b"{}")
    except msgspec.ValidationError:
        return json.loads(raw, parse_int=lambda digits: int(digits[:400]))


def _typed(given: Any, kind: type[Read], repeated: list[Violation], *, from_text: bool) -> Read:
    """The value as its type. Raises the Problem INVALID_PARAMETER with all violations, up to a bound."""
    # msgspec takes the text null for none, and `?min_risk=null` must not mean every risk
    if not repeated and not (from_text and "null" in map(str.lower, filter(_is_text, given.values()))):
        with suppress(msgspec.ValidationError):
            return msgspec.convert(given, kind, strict=not from_text, dec_hook=_custom)
    found = repeated + violations_of(kind, given, from_text=from_text)
    if not found and from_text:
        return msgspec.convert(given, kind, strict=False, dec_hook=_custom)
    raise Problem(problems.INVALID_PARAMETER, violations=(found or [Violation("body", "type")])[:_MOST_VIOLATIONS])


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
