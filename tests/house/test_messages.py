"""Every problem and violation reads well in both languages, and in no parser's words."""

import ast
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autional.api.operations import OPERATIONS
from autional.api.problem_body import problem_page
from autional.api.request_parsing import Nothing, _custom, body_reader
from autional.api.violations import violations_of
from autional.core import i18n
from autional.core.problems import CATALOGUE, Problem

SOURCE = Path(str(files("autional")))
PARSER = re.compile(r"`|Expected|got|\bstr\b|\bint\b|\benum\b|regex|\$|None|null|[{}]")
TYPES = sorted({kind for row in OPERATIONS for kind in (row.query, row.body) if kind is not Nothing}, key=str)


def violations_in(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Violation"]


def reasons() -> set[str]:
    """Every reason that stands in the source as a text."""
    calls = [call for path in SOURCE.rglob("*.py") for call in violations_in(path)]
    found = [call.args[2] for call in calls if len(call.args) > 2]
    return {str(node.value) for node in found if isinstance(node, ast.Constant)} - {"meant"}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_reason_is_a_sentence_and_is_translated(language: str) -> None:
    for reason in reasons():
        assert re.match(r"[A-Z].*[^.]$", reason), reason
        told = i18n.violation("value", reason, {}, language)
        assert not PARSER.search(told), told
        assert language == i18n.DEFAULT or re.search("[\u4e00-\u9fff]", told), reason


def test_both_languages_have_the_same_texts() -> None:
    english, chinese = (i18n.texts(language) for language in i18n.LANGUAGES)
    for section in english.keys() - {"reasons"}:
        assert english[section].keys() == chinese[section].keys(), section


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("slug", CATALOGUE)
def test_every_problem_has_a_page_without_holes(slug: str, language: str) -> None:
    page = problem_page(slug, language) or ""
    assert "{" not in re.sub(r"<style>.*?</style>", "", page)
    told = i18n.texts(language)[slug]
    assert all(told[part] for part in ("title", "detail", "remedy"))


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_field_says_what_it_may_hold(kind: type[msgspec.Struct], language: str) -> None:
    for field in msgspec.structs.fields(kind):
        found = violations_of(kind, {field.encode_name: object()}, from_text=False)
        [one] = [violation for violation in found if violation.field == field.encode_name]
        said = i18n.violation(one.code, one.reason, one.arguments, language)
        assert one.reason, field.encode_name
        assert not PARSER.search(said), (field.encode_name, said)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("from_text", [False, True])
def test_a_value_has_violations_exactly_if_it_is_not_of_its_type(kind: type[msgspec.Struct], from_text: bool) -> None:
    values = [
        *WRONG,
        "12",
        "007",
        "true",
        "TRUE",
        "0",
        "1h",
        "2026-01-01T00:00:00Z",
        "192.0.2.1",
        "eyJhbGciOi.",
        "CN",
    ]
    values += [
        {"aal1": {"idle_timeout": "1h"}},
        {"desktop": 1},
        {"user": "x"},
        {"ip": "192.0.2.1"},
        ["pwd"],
        ["x"] * 200,
    ]
    values = [value for value in values if isinstance(value, str)] if from_text else values
    whole = {field.encode_name: "x" for field in msgspec.structs.fields(kind) if field.required}
    for field in msgspec.structs.fields(kind):
        for value in values:
            given = whole | {field.encode_name: value}
            try:
                msgspec.convert(given, kind, strict=not from_text, dec_hook=_custom)
            except msgspec.ValidationError:
                assert violations_of(kind, given, from_text=from_text), given
            else:
                assert not violations_of(kind, given, from_text=from_text), given


TYPES_OF_DEVICES = "bot, desktop, mobile, other, tablet, tv"
FORM = "without control characters, tokens or API keys"
WRONG: list[Any] = [None, 1, -1, 1.5, True, "", "x", [], ["x"], {}, {"x": 1}, "\x00", 10**30, [None], [[]]]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_no_violation_speaks_as_a_parser(kind: type[msgspec.Struct]) -> None:
    told = 0
    for field in msgspec.structs.fields(kind):
        for value in WRONG:
            try:
                body_reader(kind)(msgspec.json.encode({field.encode_name: value, "unknown_field": 1}))
            except Problem as problem:
                for one in problem.violations:
                    for language in i18n.LANGUAGES:
                        said = i18n.violation(one.code, one.reason, one.arguments, language)
                        assert not PARSER.search(said), (field.encode_name, value, said)
                        told += 1
    assert told > 0


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"filter": {"app": "x"}}, "filter.app", "There is no such field: app_id was probably meant"),
        ({"filtr": {}}, "filtr", "There is no such field: filter was probably meant"),
        ({"zzzzz": 1}, "zzzzz", "There is no such field"),
        ({"filter": {"device_type": "phone"}}, "filter.device_type", f"Must be one of: {TYPES_OF_DEVICES}"),
        ({"session_ids": ["x", 5]}, "session_ids[1]", f"Must be text of 1 to 128 characters, {FORM}"),
        ({"session_ids": []}, "session_ids", "Must be a list of 1 to 100"),
        ({"filter": {"ip": "x"}}, "filter.ip", "Must be an IPv4 or IPv6 address or CIDR block without a zone"),
        ({"filter": {"min_risk": 101}}, "filter.min_risk", "Must be a whole number from 0 to 100"),
        ({"keep_own": "yes"}, "keep_own", "Must be true or false"),
    ],
)  # fmt: skip
def test_a_violation_names_what_is_allowed_and_the_nearest_right_word(body: Any, field: str, said: str) -> None:
    kind = next(row.body for row in OPERATIONS if row.path == "/admin/sessions/revoke")
    with pytest.raises(Problem) as raised:
        body_reader(kind)(msgspec.json.encode(body))
    [one] = raised.value.violations
    assert (one.field, i18n.violation(one.code, one.reason, one.arguments)) == (field, said)
