"""Streams of security events (OpenID SSF 1.0): made by a receiver for itself, pushed to it or polled by it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from autional.core import ids, problems
from autional.core.problems import Problem, Violation
from autional.core.sealing import seal
from autional.events.log import Kind, event_of
from autional.events.message import Telling
from autional.events.receivers import RECEIVER_PREFIX, Receiver, Status, begins_at, get_receiver
from autional.events.security_events import (
    KINDS_OF,
    STREAM_UPDATED,
    VERIFICATION,
    control_token,
    security_event_token,
)
from autional.postgres.queries import Queries, Row
from autional.tokens.jwt import Issuer

STREAMS = {"ssf_push", "ssf_poll"}
"""The protocols of streams."""
_MOST_EXCLUDED = 10_000
GONE = "the event is not on record any more"


class Stream(NamedTuple):
    """What a receiver asks of a stream: pushed to a URL, or (None) polled."""

    url: str | None
    event_types: Sequence[str] | None
    audience: str
    description: str = ""
    authorization: str | None = None
    """The Authorization header of what is pushed (RFC 8935 §2.1)."""


async def create_stream(
    queries: Queries, tenant_id: str, owner_key: str, asked: Stream, key: bytes, at: datetime | None
) -> str:
    """Make a stream and return its id. `key` seals the header. Raises the Problem TOO_MANY_RECEIVERS."""
    stream_id = ids.new_id(RECEIVER_PREFIX, at)
    protocol, *stored = _stored(asked, stream_id, key)
    given = protocol, asked.url, asked.audience, asked.description, *stored, owner_key
    begins = await begins_at(queries, tenant_id, at)
    await queries.rows("insert_stream", tenant_id, stream_id, *given, *begins)
    await queries.rows("note_told_sessions", tenant_id)
    return stream_id


async def update_stream(queries: Queries, tenant_id: str, stream_id: str, asked: Stream, key: bytes) -> None:
    """Have a stream as it is asked for now. Raises the Problem STREAM_NOT_FOUND."""
    protocol, *stored = _stored(asked, stream_id, key)
    given = protocol, asked.url, asked.description, *stored
    if not await queries.rows("update_stream", tenant_id, stream_id, *given):
        raise Problem(problems.STREAM_NOT_FOUND)
    await queries.rows("note_told_sessions", tenant_id)


async def own_stream(queries: Queries, tenant_id: str, owner_key: str | None, stream_id: str) -> Receiver:
    """A stream that this API key made. Raises the Problem STREAM_NOT_FOUND."""
    try:
        found = await get_receiver(queries, tenant_id, stream_id)
    except Problem:
        raise Problem(problems.STREAM_NOT_FOUND) from None
    if found.protocol not in STREAMS or owner_key is None or found.owner_key != owner_key:
        raise Problem(problems.STREAM_NOT_FOUND)
    return found


async def verify(queries: Queries, tenant_id: str, stream_id: str, state: str | None) -> None:
    """Send an event over a stream that says that it works (SSF 1.0 §8.1.4)."""
    await _control(queries, tenant_id, stream_id, {VERIFICATION: {} if state is None else {"state": state}})


async def tell_status(queries: Queries, tenant_id: str, stream_id: str, status: Status, reason: str | None) -> None:
    """Tell a stream of its status (SSF 1.0 §8.1.5)."""
    told = {"status": status} | ({"reason": reason} if reason else {})
    await _control(queries, tenant_id, stream_id, {STREAM_UPDATED: told})


async def exclude(queries: Queries, tenant_id: str, stream_id: str, user_id: str) -> None:
    """Tell a stream nothing about a user any more. Raises the Problem INVALID_PARAMETER."""
    if not await queries.rows("exclude_from_stream", tenant_id, stream_id, user_id, _MOST_EXCLUDED):
        reason = "There are too many: at most 10,000 users can be left out"
        raise Problem(problems.INVALID_PARAMETER, violations=[Violation("subject", "value", reason)])


async def include(queries: Queries, tenant_id: str, stream_id: str, user_id: str) -> None:
    """Tell a stream about a user again."""
    await queries.rows("include_in_stream", tenant_id, stream_id, user_id)


async def acknowledge(
    queries: Queries, tenant_id: str, stream_id: str, taken: Sequence[str], refused: Mapping[str, str]
) -> None:
    """Note which security event tokens, by `jti`, a receiver has taken, and why it refused others (RFC 8936 §2.4)."""
    said: list[tuple[int | None, str | None]] = [(_position(stream_id, jti), None) for jti in taken]
    said += [(_position(stream_id, jti), reason) for jti, reason in refused.items()]
    known = [(place, reason) for place, reason in said if place is not None]
    if known:
        places, reasons = zip(*known, strict=True)
        await queries.rows("acknowledge_deliveries", tenant_id, stream_id, list(places), list(reasons))


async def poll(queries: Queries, issuer: Issuer, tenant_id: str, stream_id: str, most: int) -> dict[str, str]:
    """The security event tokens that a receiver has not taken yet, by `jti`; one of each subject."""
    found: dict[str, str] = {}
    gone: list[int] = []
    taken = await queries.row("take_deliveries", tenant_id, stream_id, most)
    positions = taken["positions"] if taken else []
    for row in await queries.rows("told_deliveries", tenant_id, [stream_id] * len(positions), positions):
        token = token_of(row, issuer)
        if token is None:
            gone.append(row["position"])
        else:
            found[message_id(row)] = token
    if gone:
        await queries.rows("acknowledge_deliveries", tenant_id, stream_id, gone, [GONE] * len(gone))
    return found


def token_of(row: Row, issuer: Issuer) -> str | None:
    """The security event token of a delivery; None if what it is about is not on record any more."""
    telling = Telling(row["tenant_id"], message_id(row), row["audience"], issuer, row["now"])
    if row["control"] is not None:
        return control_token(telling, row["receiver_id"], row["control"])
    if row["revocation_id"] is None:
        return None
    return security_event_token(event_of(row), telling, row["event_types"])


def message_id(row: Row) -> str:
    """The id of a delivery, which stays the same when it is repeated."""
    return f"{row['receiver_id']}_{row['position']}"


def _position(stream_id: str, jti: str) -> int | None:
    of_stream, _, place = jti.rpartition("_")
    try:
        return int(place) if of_stream == stream_id and abs(int(place)) < 2**62 else None
    except ValueError:
        return None


def _stored(asked: Stream, stream_id: str, key: bytes) -> tuple[str, list[Kind], list[str] | None, bytes | None]:
    """The protocol of a stream, the kinds and types of events that it asks for, and its sealed header."""
    types = list(asked.event_types) if asked.event_types is not None else None
    kinds: set[Kind] = {kind for name in (KINDS_OF if types is None else types) for kind in KINDS_OF.get(name, ())}
    header = asked.authorization
    sealed = seal(key, stream_id, header.encode()) if header is not None else None
    return "ssf_poll" if asked.url is None else "ssf_push", sorted(kinds), types, sealed


async def _control(queries: Queries, tenant_id: str, stream_id: str, events: dict[str, Any]) -> None:
    await queries.rows("add_control", tenant_id, stream_id, events)
