"""Which sessions are meant: the filters of lists and of revocations, as one statement that fits them.

A statement is put together from the named parts of sql/parts/ and planned for the values at hand, since
no one plan fits every combination.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from autional.core.formats import NO_SECRET, Network, Timestamp, UserId
from autional.postgres.queries import named_parts
from autional.risk.user_agents import DeviceType

Short = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_SECRET)]
Score = Annotated[int, Meta(ge=0, le=100)]
Order = Literal["-created_at", "created_at", "-risk_score"]


class SessionFilter(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which sessions: all conditions must hold; instants are inclusive at the start and exclusive at the end."""

    status: Literal["active", "expired", "revoked", "all"] = "active"
    user_id: UserId | None = None
    search: Short | None = None
    device_type: DeviceType | None = None
    device_id: Short | None = None
    app_id: Short | None = None
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}(?![\s\S])")] | None = None
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
        """Whether the statistics know how many there are."""
        return set(self.given()) <= {"status", "user_id"}

    def given(self) -> dict[str, Any]:
        """The filters that are set, by name; the status always is."""
        values = {name: getattr(self, name) for name in SessionFilter.__struct_fields__}
        return {name: value for name, value in values.items() if value is not None}


def read(stored: object) -> SessionFilter:
    """A filter that was written."""
    return msgspec.convert(stored, SessionFilter, dec_hook=lambda kind, text: kind(text))


class Selection(NamedTuple):
    """The conditions of a filter at one instant, with what they compare to; the tenant is the first of that."""

    conditions: str
    arguments: tuple[object, ...]

    def and_also(self, part: str, *values: object) -> "Selection":
        """The same with one more part of sql/parts/."""
        places = [f"${number}" for number in range(len(self.arguments) + 1, len(self.arguments) + 1 + len(values))]
        condition = named_parts()[part].format(*places)
        return Selection(f"{self.conditions} and {condition}", self.arguments + values)

    def statement(self, query: str, **parts: str) -> str:
        """A named query with these conditions in it."""
        return named_parts()[query].format(conditions=self.conditions, **parts)


def selection(tenant_id: str, wanted: SessionFilter, now: datetime) -> Selection:
    """What a filter means at an instant."""
    chosen = Selection("true", (tenant_id,))
    for part, values in _parts(wanted, now):
        chosen = chosen.and_also(part, *values)
    return chosen


def _parts(wanted: SessionFilter, now: datetime) -> Iterator[tuple[str, Sequence[object]]]:
    for name, value in wanted.given().items():
        if name == "status":
            if value != "all":
                yield f"filter status {value}", () if value == "revoked" else (now,)
        elif name == "search":
            like = _like(value)
            yield ("filter search session", (value, like)) if value.startswith("sess_") else ("filter search", (like,))
        elif name == "ip":
            yield "filter ip", (ip_network(value),)
        else:
            yield f"filter {name}", (value.value if isinstance(value, Timestamp) else value,)


def _like(prefix: str) -> str:
    escaped = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%"
