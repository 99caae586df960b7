"""Receivers: who is told of the events of a tenant, by which protocol, and how that goes."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from autional.core import ids, problems
from autional.core.problems import Problem
from autional.core.sealing import seal
from autional.events.log import Kind
from autional.postgres.queries import Queries, Row

Status = Literal["enabled", "paused", "disabled"]
Standing = Literal["active", "suspended", "paused", "disabled"]
State = Literal["waiting", "delivered", "dead"]
Protocol = Literal["webhook", "backchannel_logout", "global_token_revocation", "ssf_push", "ssf_poll"]
RECEIVER_PREFIX = "rcv"
SECRET_PREFIX = "whsec_"
MOST_RECEIVERS = 100
OVERLAP = timedelta(hours=24)
"""For how long what is signed by a new secret is signed by the one before it too."""
_SECRET_BYTES = 32

REVOCATIONS: tuple[Kind, ...] = ("session", "token", "user", "tenant", "restored")
KINDS: Mapping[Protocol, tuple[Kind, ...]] = {
    "webhook": (*REVOCATIONS, "established", "assurance", "tokens", "alert"),
    "backchannel_logout": ("session", "user"),
    "global_token_revocation": ("user",),
    "ssf_push": ("session", "token", "user", "tenant", "established", "assurance"),
    "ssf_poll": ("session", "token", "user", "tenant", "established", "assurance"),
}
"""The kinds of events that a protocol can tell of."""


class NewReceiver(NamedTuple):
    """A receiver to be told."""

    protocol: Protocol
    url: str | None
    audience: str
    kinds: Sequence[str]
    app_id: str | None = None
    description: str = ""


class Receiver(NamedTuple):
    """A receiver, what it still has to be told and what it never was."""

    receiver_id: str
    protocol: Protocol
    url: str | None
    audience: str
    app_id: str | None
    description: str
    kinds: list[str]
    created_at: datetime
    status: Status
    status_reason: str | None
    owner_key: str | None
    event_types: list[str] | None
    failures: int
    suspended_until: datetime | None
    overlap_until: datetime | None
    secrets: int
    waiting: int
    waiting_since: datetime | None
    dead: int
    last_answer: str | None
    attempted_at: datetime | None

    @property
    def standing(self) -> Standing:
        """Whether it is told now."""
        if self.status != "enabled":
            return self.status
        return "suspended" if self.suspended_until else "active"


class Delivery(NamedTuple):
    """What a receiver was or is to be told."""

    position: int
    state: State
    event_at: datetime
    due_at: datetime
    attempts: int
    attempted_at: datetime | None
    lag: float | None
    answer: str | None
    revocation_id: int | None
    kind: str | None


async def add_receiver(
    queries: Queries, tenant_id: str, new: NewReceiver, key: bytes, at: datetime | None
) -> tuple[str, str | None]:
    """Add a receiver; returns its id and, for a webhook, the secret that signs, which cannot be shown again.

    `key` seals the secret. Raises the Problem TOO_MANY_RECEIVERS.
    """
    receiver_id = ids.new_id(RECEIVER_PREFIX, at)
    secret = new_secret() if new.protocol == "webhook" else None
    sealed = [seal(key, receiver_id, secret.encode())] if secret else []
    given = new.protocol, new.url, new.audience, new.app_id, new.description, list(new.kinds)
    begins = await begins_at(queries, tenant_id, at)
    await queries.rows("insert_receiver", tenant_id, receiver_id, *given, sealed, *begins)
    await queries.rows("note_told_sessions", tenant_id)
    return receiver_id, secret


async def begins_at(queries: Queries, tenant_id: str, at: datetime | None) -> tuple[datetime, int]:
    """When a new receiver of a tenant begins, and where in its log. Raises the Problem TOO_MANY_RECEIVERS."""
    row = await queries.row("room_for_receiver", tenant_id, MOST_RECEIVERS, at)
    if row is None:
        raise Problem(problems.TOO_MANY_RECEIVERS, limit=MOST_RECEIVERS)
    return row["at"], row["position"]


async def list_receivers(queries: Queries, tenant_id: str) -> list[Receiver]:
    """The receivers of a tenant, in the order in which they were added."""
    return [_receiver(row) for row in await queries.rows("receivers", tenant_id, None)]


async def get_receiver(queries: Queries, tenant_id: str, receiver_id: str) -> Receiver:
    """A receiver. Raises the Problem RECEIVER_NOT_FOUND."""
    row = await queries.row("receivers", tenant_id, receiver_id)
    if row is None:
        raise Problem(problems.RECEIVER_NOT_FOUND)
    return _receiver(row)


async def change_receiver(
    queries: Queries,
    tenant_id: str,
    receiver_id: str,
    *,
    url: str | None = None,
    description: str | None = None,
    kinds: Sequence[str] | None = None,
    status: Status | None = None,
    reason: str | None = None,
) -> None:
    """Change what is given (None: as it was). Raises the Problem RECEIVER_NOT_FOUND."""
    changed = url, description, list(kinds) if kinds is not None else None, status, reason
    if not await queries.rows("update_receiver", tenant_id, receiver_id, *changed):
        raise Problem(problems.RECEIVER_NOT_FOUND)
    await queries.rows("note_told_sessions", tenant_id)


async def rotate_secret(queries: Queries, tenant_id: str, receiver_id: str, key: bytes) -> tuple[str, datetime]:
    """A new secret of a webhook, and until when the one before it signs too.

    Raises the Problems RECEIVER_NOT_FOUND, RECEIVER_WITHOUT_SECRET.
    """
    secret = new_secret()
    sealed = [seal(key, receiver_id, secret.encode())]
    row = await queries.row("rotate_receiver_secret", tenant_id, receiver_id, sealed, OVERLAP)
    if row is None:
        await get_receiver(queries, tenant_id, receiver_id)
        raise Problem(problems.RECEIVER_WITHOUT_SECRET)
    return secret, row["overlap_until"]


async def delete_receiver(queries: Queries, tenant_id: str, receiver_id: str) -> None:
    """Remove a receiver, with the record of what it was told. Raises the Problem RECEIVER_NOT_FOUND."""
    if not await queries.rows("delete_receiver", tenant_id, receiver_id):
        raise Problem(problems.RECEIVER_NOT_FOUND)
    await queries.rows("note_told_sessions", tenant_id)


async def list_deliveries(
    queries: Queries, tenant_id: str, receiver_id: str, state: str | None, before: int | None, most: int
) -> list[Delivery]:
    """What a receiver was or is to be told, newest first."""
    rows = await queries.rows("deliveries", tenant_id, receiver_id, state, before, most)
    return [Delivery(*(row[name] for name in Delivery._fields)) for row in rows]


async def replay(queries: Queries, tenant_id: str, receiver_id: str, positions: Sequence[int] | None) -> int:
    """Have dead deliveries (None: all of them) tried again; returns how many."""
    row = await queries.row("replay_deliveries", tenant_id, receiver_id, list(positions) if positions else None)
    return int(row["replayed"]) if row else 0


def new_secret() -> str:
    """A secret that signs webhooks, in the form of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _receiver(row: Row) -> Receiver:
    return Receiver(*(row[name] for name in Receiver._fields))
