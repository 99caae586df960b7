import pytest

from autional.api.application import UndeclaredAccessError, application
from autional.api.kernel import Operation
from autional.api.meta import alive
from autional.api.operations import OPERATIONS
from autional.i18n import texts
from autional.problems import CATALOGUE
from autional.service import Service


def test_an_operation_that_does_not_say_who_may_call_does_not_start(service: Service) -> None:
    for access in (frozenset(), frozenset({"nobody"}), "somebody"):
        with pytest.raises(UndeclaredAccessError):
            application(service, [Operation("GET", "/open", access, alive)])  # type: ignore[arg-type]


def test_no_operation_is_declared_twice() -> None:
    declared = [(operation.method, operation.path) for operation in OPERATIONS]
    assert len(set(declared)) == len(declared)


def test_every_problem_has_its_texts_and_a_code_of_its_own() -> None:
    assert texts().keys() - {"violations"} == CATALOGUE.keys()
    assert all(texts()[slug].keys() == {"title", "detail", "remedy"} for slug in CATALOGUE)
    assert len({kind.code for kind in CATALOGUE.values()}) == len(CATALOGUE)
