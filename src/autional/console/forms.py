"""From the fields of a form to the body of a request."""

import re
from collections.abc import Iterable
from typing import Any

from autional.console.view import View
from autional.core import problems
from autional.core.problems import Problem, Violation


def body_of(view: View, texts: Iterable[str], numbers: Iterable[str] = ()) -> dict[str, Any]:
    """The fields that are filled in, by name; a name with dots stands inside an object."""
    body: dict[str, Any] = {}
    for name in texts:
        _put(body, name, view.field(name))
    for name in numbers:
        _put(body, name, number_in(view.field(name)))
    return body


def number_in(text: str) -> str | int:
    """The number in a text; any other text as it is, to be refused as one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def must_be_typed(view: View, expected: str, *, digits: bool = False) -> None:
    """Refuse what hits many unless its name has been typed, or its number, with separators or without.

    Raises the Problem INVALID_PARAMETER.
    """
    typed = view.field("confirmation")
    if (re.sub(r"\D", "", typed) if digits else typed) != expected.strip():
        wrong = [Violation("confirmation", "value", "Must be typed as it is shown")]
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)


def _put(body: dict[str, Any], name: str, value: str | int) -> None:
    if value == "":
        return
    *outer, last = name.split(".")
    for one in outer:
        body = body.setdefault(one, {})
    body[last] = value
