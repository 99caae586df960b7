"""Admission: how many requests a worker works on at once. What is beyond is refused early, while it costs little.

A queue that grows without bound makes every answer late, and then useless.
"""

import random
from collections import Counter

from autional.core import problems
from autional.core.problems import Problem

_ALWAYS = {"/healthz", "/readyz"}
_LONGEST_RETRY = 3


class Admission:
    """The requests at work in this process, by what each caller presents: none holds more than half of the places."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._share = max(1, places // 2)
        self._held = 0
        self._by_caller: Counter[bytes] = Counter()

    def enter(self, route: str, caller: bytes) -> None:
        """Take a place. Raises the Problem OVERLOADED."""
        held = self._by_caller[caller]
        if route not in _ALWAYS and (self._held >= self._places or held >= self._share):
            raise Problem(problems.OVERLOADED, retry_after=random.randint(1, _LONGEST_RETRY))  # noqa: S311 - spreads them
        self._held += 1
        self._by_caller[caller] = held + 1

    def leave(self, caller: bytes) -> None:
        """Give a place back."""
        self._held -= 1
        self._by_caller[caller] -= 1
        if not self._by_caller[caller]:
            del self._by_caller[caller]
