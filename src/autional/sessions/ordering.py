"""Orders of lists of sessions: each follows an index, and a position in it is a place to go on from."""

from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec

from autional.sessions.filters import Selection, SessionFilter
from autional.sessions.model import Session

Order = Literal["-created_at", "created_at", "-risk_score", "user_id", "-user_id", "expires_at", "-ended_at"]
Place = tuple[int | str, datetime, str]
"""What an order compares before the time (0: nothing), a time, and the id of a session."""


class Ordering(NamedTuple):
    """An order as statements say it."""

    order_by: str
    reversed: str
    after: str
    """The part that selects what comes after a place."""
    compared: tuple[int, ...]
    """Which elements of a place that part is given."""
    only: str = "true"
    """What holds for all sessions of the list: that of the index."""


ORDERINGS: dict[str, Ordering] = {
    "-created_at": Ordering("created_at desc, session_id desc", "created_at, session_id", "before", (1, 2)),
    "created_at": Ordering("created_at, session_id", "created_at desc, session_id desc", "after", (1, 2)),
    "-risk_score": Ordering(
        "risk_score desc, created_at desc, session_id desc",
        "risk_score, created_at, session_id",
        "before risk",
        (0, 1, 2),
        "risk_score > 0",
    ),
    "user_id": Ordering(
        "user_id using ~<~, created_at, session_id",
        "user_id using ~>~, created_at desc, session_id desc",
        "after user",
        (0, 1, 2),
    ),
    "-user_id": Ordering(
        "user_id using ~>~, created_at desc, session_id desc",
        "user_id using ~<~, created_at, session_id",
        "before user",
        (0, 1, 2),
    ),
    "expires_at": Ordering(
        "expiry_minute, session_id",
        "expiry_minute desc, session_id desc",
        "after expiry",
        (0, 2),
        "state = 'live' and expiry_minute > 0",
    ),
    "revoked": Ordering(
        "ended_at desc, session_id desc",
        "ended_at, session_id",
        "before end",
        (1, 2),
        "state = 'revoked' and ended_at is not null",
    ),
    "expired": Ordering(
        "ended_at desc, session_id desc",
        "ended_at, session_id",
        "before end",
        (1, 2),
        "state = 'expired' and ended_at is not null",
    ),
    "overdue": Ordering(
        "idle_expires_at desc, session_id desc",
        "idle_expires_at, session_id",
        "before deadline",
        (1, 2),
        "state = 'live' and expiry_minute > 0",
    ),
}

_ENDED = {"revoked": ("revoked",), "expired": ("expired", "overdue"), "ended": ("revoked", "expired", "overdue")}


_STATUSES = {"expires_at": {"active"}, "-ended_at": set(_ENDED)}


def filter_in(order: Order, only: SessionFilter) -> SessionFilter | None:
    """What a list in an order selects: by risk no sessions without a score. None if the order is for another status."""
    if only.status not in _STATUSES.get(order, {only.status}):
        return None
    if order == "-risk_score":  # the index by risk holds no others
        return msgspec.structs.replace(only, min_risk=max(1, only.min_risk or 0))
    return only


def orderings_of(order: Order, status: str) -> tuple[str, ...]:
    """The orderings that a list consists of; more than one if no single index has all of it."""
    return _ENDED[status] if order == "-ended_at" else (order,)


def part_after(selection: Selection, ordering: Ordering, after: Place | None) -> Selection:
    """What of a selection comes after a place."""
    if after is None:
        return selection
    return selection.and_also(ordering.after, *(after[element] for element in ordering.compared))


def place_of(session: Session, order: Order) -> Place:
    """The place of a session in an order."""
    if order == "-risk_score":
        return session.risk_score, session.created_at, session.session_id
    if order in {"user_id", "-user_id"}:
        return session.user_id, session.created_at, session.session_id
    if order == "expires_at":
        return int(session.idle_expires_at.timestamp() // 60), session.created_at, session.session_id
    if order == "-ended_at":
        return 0, session.ended_at or datetime.max.replace(tzinfo=UTC), session.session_id
    return 0, session.created_at, session.session_id
