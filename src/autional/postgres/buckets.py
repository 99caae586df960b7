"""Split tenants: one that outgrows a machine is split into buckets by its users, and each query goes where it belongs.

Each bucket is a tenant of its own to the database, with a home of its own: a user is whole in one of them. What a query
is about follows from a line of its text (`Place`); one that has no such line is refused for a split tenant.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from asyncpg import Record

from autional.core import ids, problems
from autional.core.problems import Problem

_PLACE = re.compile(
    r"^-- of (?:(?P<whole>no tenant|the whole tenant)|the (?P<one>tenant|user|session)"
    r"(?: \$(?P<at>\d+)(?:\.(?P<field>\w+))?(?:, else \$(?P<other>\d+))?)?|each bucket(?P<sum>, added up)?)$",
    re.MULTILINE,
)
_IN_JSON = re.compile("[0-9a-f]{32}")


class Place(NamedTuple):
    """Where a query on a split tenant goes: to the bucket of a user or session, to the first, to each, or to none.

    The first has what there is once in a tenant. To none go queries on the row of the whole tenant, or on no tenant.
    """

    of: Literal["whole", "tenant", "user", "session", "each"]
    argument: int = 0
    field: str | None = None
    """The attribute of that argument which says it; None: the argument itself."""
    other: int | None = None
    """The argument that says it where that one is null: the id of a token begins like that of its session."""
    adds_up: bool = False
    """Whether the rows of the buckets become one (`added_up`)."""

    @classmethod
    def in_text(cls, text: str) -> "Place | None":
        """What a line says like `-- of the user $3`, `-- of the session $2.session_id` or `-- of the tenant`."""
        found = _PLACE.search(text)
        if found is None:
            return None
        of: Any = "whole" if found["whole"] else found["one"] or "each"
        other = int(found["other"]) - 1 if found["other"] else None
        return cls(of, int(found["at"] or 1) - 1, found["field"], other, bool(found["sum"]))


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

    def is_split(self, arguments: tuple[object, ...]) -> bool:
        """Whether a query with these arguments is about a split tenant, which is its first argument."""
        return bool(self._counts and arguments) and arguments[0] in self._counts

    def calls(self, place: Place | None, arguments: tuple[object, ...]) -> list[tuple[object, ...]]:
        """The calls that a call of a query about a split tenant comes to.

        Raises the Problem NOT_WHERE_SPLIT for a query that has no place.
        """
        tenant_id = str(arguments[0])
        if place is None:
            raise Problem(problems.NOT_WHERE_SPLIT)
        if place.of == "whole":
            return [arguments]
        if place.of == "each":
            return [(name, *arguments[1:]) for name in self.of(tenant_id)]
        return [(self._one(tenant_id, place, arguments), *arguments[1:])]

    def _one(self, tenant_id: str, place: Place, arguments: Sequence[object]) -> str:
        count = self._counts[tenant_id]
        given: Any = arguments[place.argument]
        if place.field is not None:
            given = given[place.field] if isinstance(given, dict) else getattr(given, place.field)
        if given is None and place.other is not None:
            given = arguments[place.other]
        if given is None:
            raise Problem(problems.NOT_WHERE_SPLIT)
        if place.of == "user":
            return self.of_user(tenant_id, given)
        if place.of == "session":
            return ids.bucket_of_session(tenant_id, _stored(given), count)
        return ids.bucket(tenant_id, 1)


def joined(place: Place | None, found: Sequence[list[Record]]) -> list[Record]:
    """The rows of a query from what each bucket answered."""
    if place is None or not place.adds_up:
        return [row for rows in found for row in rows]
    total = added_up([rows[0] if rows else None for rows in found])
    return [] if total is None else [total]


def added_up(rows: Sequence[Record | None]) -> Any:
    """The sum of the rows of all buckets; None if one has none.

    Numbers add up, in objects too. Of instants it has the earliest, in columns that end with `_until` the latest.
    """
    known = [dict(row) for row in rows if row is not None]
    if len(known) < len(rows):
        return None
    return {column: _sum(column, [row[column] for row in known]) for column in known[0]}


def _sum(column: str, values: list[Any]) -> Any:
    if isinstance(values[0], dict):
        return dict(sum(map(Counter, values), Counter()))
    if isinstance(values[0], datetime):
        return max(values) if column.endswith("_until") else min(values)
    return sum(values)


def _stored(session_id: str) -> bytes:
    """The bytes of an id as callers have it, or as PostgreSQL reads it in JSON."""
    return bytes.fromhex(session_id) if _IN_JSON.fullmatch(session_id) else ids.stored(session_id)
