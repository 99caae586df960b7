from string import Formatter
from typing import Any

import pytest

from autional.access.caller import Access
from autional.api.application import UndeclaredError, application
from autional.api.meta.routes import alive
from autional.api.model import Operation
from autional.api.operations import OPERATIONS
from autional.core.i18n import DEFAULT, LANGUAGES, texts
from autional.core.problems import CATALOGUE
from autional.runtime.service import Service


def test_an_operation_that_does_not_say_who_may_call_does_not_start(service: Service) -> None:
    nobody: Any = {"nobody"}
    with pytest.raises(UndeclaredError):
        application(service, [Operation("x", "GET", "/sessions/{session_id}", Access(anyone=True), alive)])
    for access in (Access(), Access(frozenset(nobody))):
        with pytest.raises(UndeclaredError):
            application(service, [Operation("x", "GET", "/open", access, alive)])


def test_no_operation_is_declared_twice() -> None:
    declared = [(operation.method, operation.path) for operation in OPERATIONS]
    assert len(set(declared)) == len(declared)


def test_every_problem_has_its_texts_and_a_code_of_its_own() -> None:
    for language in LANGUAGES:
        assert texts(language).keys() - {"expected", "reasons", "violations", "page", "risk"} == CATALOGUE.keys()
        assert all(texts(language)[slug].keys() == {"title", "detail", "remedy"} for slug in CATALOGUE)
    assert len({kind.code for kind in CATALOGUE.values()}) == len(CATALOGUE)


def test_a_text_has_the_same_arguments_in_every_language() -> None:
    def arguments(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text)} - {None}

    for language in LANGUAGES:
        for section, named in texts(DEFAULT).items():
            if section == "reasons":
                continue  # their own English text
            assert named.keys() == texts(language)[section].keys()
            for name, text in named.items():
                assert arguments(text) == arguments(texts(language)[section][name]), (language, section, name)
