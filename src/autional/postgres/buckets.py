"""Split tenants: one that outgrows a machine is split into buckets by its users, and each query goes where it belongs.

Each bucket is a tenant of its own to the database, with a home of its own: a user is whole in one of them. What a query
is about follows from a line of its text (`Place`); one that has no such line is refused for a split tenant.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from asyncpg import Record

from autional.core import ids, problems
from autional.core.problems import Problem

_PLACE = re.compile(
    r"^-- of (?:(?P<whole>the whole tenant)|the (?P<first>tenant)|each bucket(?:(?P<sum>, added up)| by (?P<by>\w+))?"
    r"|the (?P<one>user|sessions?|token) \$(?P<at>\d+)(?:\.(?P<field>\w+))?(?:, else the token \$(?P<token>\d+))?)$",
    re.MULTILINE,
)
_IN_JSON = re.compile("[0-9a-f]{32}")


class Place(NamedTuple):
    """Where a query on a split tenant goes: to the bucket of a user or session, to the first, to each, or to none.

    The first has what there is once in a tenant. To none go queries on the row of the whole tenant.
    """

    of: Literal["whole", "tenant", "user", "session", "sessions", "token", "each"]
    argument: int = 0
    field: str | None = None
    """The attribute of that argument which says it; None: the argument itself."""
    token: int | None = None
    """The argument with a token's id that says it where that one is null."""
    adds_up: bool = False
    """Whether the rows of the buckets become one (`added_up`)."""
    by: str | None = None
    """The query that answers for all buckets, given in an array."""

    @classmethod
    def in_text(cls, text: str) -> "Place | None":
        """What a line says like `-- of the user $3`, `-- of the session $2.session_id` or `-- of the tenant`."""
        found = _PLACE.search(text)
        if found is None:
            return None
        of: Any = "whole" if found["whole"] else found["first"] or found["one"] or "each"
        token = int(found["token"]) - 1 if found["token"] else None
        return cls(of, int(found["at"] or 1) - 1, found["field"], token, bool(found["sum"]), found["by"])


class Buckets:
    """How many buckets each split tenant has."""

    def __init__(self) -> None:
        self._counts: Mapping[str, int] = {}

    def renew(self, counts: Mapping[str, int]) -> None:
        """Take what is known now."""
        self._counts = counts

    def of(self, tenant_id: str) -> list[str]:
        """The buckets of a tenant; of one that is not split itself alone."""
        count = self._counts.get(tenant_id)
        return [tenant_id] if count is None else [ids.bucket(tenant_id, number) for number in range(1, count + 1)]

    def of_user(self, tenant_id: str, user_id: str) -> str:
        """The bucket that has all of a user."""
        count = self._counts.get(tenant_id)
        return tenant_id if count is None else ids.bucket_of_user(tenant_id, user_id, count)

    def has(self, tenant_id: object) -> bool:
        """Whether a tenant is split."""
        return bool(self._counts) and isinstance(tenant_id, str) and tenant_id in self._counts

    def calls(self, place: Place | None, arguments: tuple[object, ...]) -> list[tuple[object, ...]]:
        """The calls that a call of a query about a split tenant, its first argument, comes to.

        Raises the Problem NOT_WHERE_SPLIT for a query that has no place.
        """
        if place is None:
            raise Problem(problems.NOT_WHERE_SPLIT)
        if place.of == "whole":
            return [arguments]
        if place.by is not None:
            return [(self.of(str(arguments[0])), *arguments[1:])]
        return [(name, *arguments[1:]) for name in self._places(str(arguments[0]), place, arguments)]

    def _places(self, tenant_id: str, place: Place, arguments: Sequence[object]) -> Sequence[str]:
        if place.of == "tenant":
            return [ids.bucket(tenant_id, 1)]
        if place.of == "each":
            return self.of(tenant_id)
        given, is_user = _given(place, arguments), place.of == "user"
        if given is None and place.token is not None:
            given, is_user = arguments[place.token], False
        if given is None:
            raise Problem(problems.NOT_WHERE_SPLIT)
        if is_user:
            return [self.of_user(tenant_id, given)]
        named = given if place.of == "sessions" else [given]
        return sorted({self._of_id(tenant_id, one) for one in named}, key=ids.home)  # as locks are taken elsewhere

    def _of_id(self, tenant_id: str, name: str) -> str:
        """The bucket of a session or token by its id, as callers have it or as PostgreSQL reads it in JSON."""
        stored = bytes.fromhex(name) if _IN_JSON.fullmatch(name) else ids.stored(name)
        return ids.bucket_of_session(tenant_id, stored, self._counts[tenant_id])


def _given(place: Place, arguments: Sequence[object]) -> Any:
    given: Any = arguments[place.argument]
    if given is None or place.field is None:
        return given
    return given[place.field] if isinstance(given, dict) else getattr(given, place.field)


def joined(place: Place | None, found: Sequence[list[Record]]) -> list[Record]:
    """The rows of a query from what each bucket answered."""
    if place is None or not place.adds_up:
        return [row for rows in found for row in rows]
    total = added_up([rows[0] if rows else None for rows in found])
    return [] if total is None else [total]


def added_up(rows: Sequence[Record | None]) -> Any:
    """The sum of the rows of all buckets, of numbers alone; None if one has none."""
    known = [dict(row) for row in rows if row is not None]
    if len(known) < len(rows):
        return None
    return {column: sum(row[column] for row in known) for column in known[0]}
