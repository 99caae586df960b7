"""Admission: how many requests a worker works on at once. What is beyond is refused early, while it costs little.

A queue that grows without bound makes every answer late, and then useless.
"""

import random
from collections import Counter

from autional.core import problems
from autional.core.formats import client_key
from autional.core.problems import Problem

_LONGEST_RETRY = 3


class Admission:
    """The requests at work in this process, by the address of their callers: each may hold half of the places."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._share = max(1, places // 2)
        self._held = 0
        self._by_caller: Counter[str] = Counter()

    @staticmethod
    def caller(address: str) -> str:
        """Who calls, as far as that is known before a credential is verified: an address, or its IPv6 network."""
        return client_key(address) if ":" in address else address

    def enter(self, caller: str) -> None:
        """Take a place. Raises the Problem OVERLOADED."""
        if self._held >= self._places or self._by_caller[caller] >= self._share:
            raise Problem(problems.OVERLOADED, retry_after=random.randint(1, _LONGEST_RETRY))  # noqa: S311 - spreads them
        self._held += 1
        self._by_caller[caller] += 1

    def leave(self, caller: str) -> None:
        """Give a place back."""
        self._held -= 1
        self._by_caller[caller] -= 1
        if not self._by_caller[caller]:
            del self._by_caller[caller]
