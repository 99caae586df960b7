"""A worker works on a bounded number of requests, and no caller has all of them."""

import pytest

from autional.api.admission import Admission
from autional.core import problems
from autional.core.problems import Problem


def refused(admission: Admission, caller: bytes, route: str = "/sessions") -> bool:
    try:
        admission.enter(route, caller)
    except Problem as problem:
        return problem.kind is problems.OVERLOADED and problem.retry_after in {1, 2, 3}
    return False


def test_no_caller_has_more_than_half_and_all_together_no_more_than_there_are() -> None:
    admission = Admission(8)
    assert [refused(admission, b"one") for _ in range(5)] == [False] * 4 + [True]
    assert [refused(admission, b"other") for _ in range(5)] == [False] * 4 + [True]
    assert refused(admission, b"third")
    admission.leave(b"one")
    assert not refused(admission, b"third")
    assert refused(admission, b"one")


@pytest.mark.parametrize("route", ["/healthz", "/readyz"])
def test_who_asks_for_health_is_always_answered(route: str) -> None:
    admission = Admission(2)
    assert not any(refused(admission, b"balancer", route) for _ in range(5))
    assert refused(admission, b"one")
    for _ in range(5):
        admission.leave(b"balancer")
    assert not refused(admission, b"one")
