"""Filters of sessions, for lists and revocations.

A statement is composed of the parts in sql/queries/sessions/filters.sql and planned for the actual values, since no
single plan suits every combination.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from autional.core import ids
from autional.core.formats import NO_SECRET, Country, Network, Timestamp, UserId
from autional.postgres.queries import named_parts
from autional.risk.device import DeviceType

Short = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_SECRET)]
Score = Annotated[int, Meta(ge=0, le=100)]


class SessionFilter(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which sessions: all conditions must hold; instants are inclusive at the start and exclusive at the end."""

    status: Literal["active", "expired", "revoked", "ended", "all"] = "active"
    user_id: UserId | None = None
    search: Short | None = None
    device_type: DeviceType | None = None
    device_id: Short | None = None
    app_id: Short | None = None
    actor: UserId | None = None
    parent_session_id: UserId | None = None
    country: Country | None = None
    ip: Network | None = None
    amr: Short | None = None
    aal: Annotated[int, Meta(ge=1, le=3)] | None = None
    min_risk: Score | None = None
    max_risk: Score | None = None
    created_from: Timestamp | None = None
    created_to: Timestamp | None = None
    active_from: Timestamp | None = None
    active_to: Timestamp | None = None

    @property
    def is_of_statistics(self) -> bool:
        """Whether the statistics already know the number of these sessions."""
        return set(self.given()) <= {"status", "user_id"} or set(self.given()) <= {"status", "device_type"}

    def given(self) -> dict[str, Any]:
        """The filters that are set, by name; always with the status."""
        values = {name: getattr(self, name) for name in SessionFilter.__struct_fields__}
        return {name: value for name, value in values.items() if value is not None}


def read(stored: object) -> SessionFilter:
    """A stored filter."""
    return msgspec.convert(stored, SessionFilter, dec_hook=lambda kind, text: kind(text))


class Selection(NamedTuple):
    """The conditions of a filter at one instant, and their arguments; the tenant is the first argument."""

    conditions: str
    arguments: tuple[object, ...]

    def and_also(self, part: str, *values: object) -> "Selection":
        """The same selection with one more condition."""
        places = [f"${number}" for number in range(len(self.arguments) + 1, len(self.arguments) + 1 + len(values))]
        condition = named_parts()[part].format(*places)
        return Selection(f"{self.conditions} and {condition}", self.arguments + values)

    def statement(self, query: str, **parts: str) -> str:
        """A statement with these conditions."""
        return named_parts()[query].format(conditions=self.conditions, **parts)


def of_tenant(tenant_id: str) -> Selection:
    """All sessions of a tenant."""
    return Selection("true", (tenant_id,))


def selection(start: Selection, session_filter: SessionFilter, now: datetime) -> Selection:
    """A selection with the conditions of a filter at an instant."""
    chosen = start
    for part, values in _parts(session_filter, now):
        chosen = chosen.and_also(part, *values)
    return chosen


def _parts(session_filter: SessionFilter, now: datetime) -> Iterator[tuple[str, Sequence[object]]]:
    for name, value in session_filter.given().items():
        if name == "status":
            if value != "all":
                yield f"filter status {value}", () if value == "revoked" else (now,)
        elif name == "search":
            pattern = like(value)
            if value.startswith("sess_"):
                yield "filter search session", (*ids.first_and_last(value), pattern)
            else:
                yield "filter search", (pattern,)
        elif name == "ip":
            yield "filter ip", (ip_network(value),)
        else:
            yield f"filter {name}", (value.value if isinstance(value, Timestamp) else value,)


def like(prefix: str) -> str:
    """The pattern of texts that begin in some way."""
    escaped = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%"
