"""Sessions: the types that the other modules pass around."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from autional.core.authority import Role
from autional.core.formats import AuthenticationMethod, ClientHint, IpAddress, ShortText, UserAgent, UserId
from autional.postgres.queries import Row
from autional.risk.device import DeviceType
from autional.risk.scoring import Fact
from autional.tokens.model import TokenPair

Status = Literal["active", "expired", "revoked"]

SESSION_PREFIX = "sess"
SIGNED_OUT = "signed_out"
SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
GLOBAL_TOKEN_REVOCATION = "global_token_revocation"
ENDED_BY_ADMINISTRATOR = "ended_by_administrator"


MOST_ACTORS = 4


class Actor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who acts for the user, and for whom that one acts (RFC 8693 §4.1)."""

    sub: UserId
    act: "Actor | None" = None


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"user_id": "auth_user_id"}):
    """A user who has just been authenticated, as described by whoever authenticated the user.

    With `act` it is a session of an agent that acts for the user; it ends with the session of the user from which it
    was begun (`parent_session_id`), and proves nothing that this one does not.
    """

    user_id: UserId
    act: Actor | None = None
    amr: Annotated[list[AuthenticationMethod], Meta(max_length=16)] = msgspec.field(default_factory=list)
    app_id: ShortText | None = None
    browser: ShortText | None = None
    client_hints: Annotated[dict[ClientHint, UserAgent], Meta(max_length=16)] | None = None
    device_fingerprint: ShortText | None = None
    device_id: UserId | None = None
    device_type: DeviceType | None = None
    ip: IpAddress | None = None
    os: ShortText | None = None
    parent_session_id: UserId | None = None
    role: Role = "user"
    user_agent: UserAgent | None = None


class Session(NamedTuple):
    """A session at one instant; `status` takes the deadlines into account."""

    tenant_id: str
    session_id: str
    user_id: str
    role: Role
    aal: int
    amr: Sequence[str]
    device_type: DeviceType
    app_id: str | None
    device_id: str | None
    browser: str | None
    os: str | None
    user_agent: str | None
    ip: str | None
    country: str | None
    city: str | None
    device_model: str | None
    device_fingerprint: str | None
    risk_score: int
    risk_facts: Mapping[Fact, float]
    """How strongly each fact counts by which it differs from the user's habits."""
    created_at: datetime
    last_active_at: datetime
    expires_at: datetime
    idle_expires_at: datetime
    begun_from: Sequence[str] | None
    """The session from which an agent's was begun, that from which this one was begun, and so on."""
    act: Mapping[str, Any] | None
    """Who acts for the user."""
    authenticated_at: datetime | None
    """When the user authenticated; None: when the session began."""
    status: Status
    revoked_at: datetime | None = None
    revoke_reason: str | None = None
    ended_at: datetime | None = None
    """When it was revoked or expired."""


_STORED = [
    name for name in Session._fields if name not in {"tenant_id", "status", "revoked_at", "revoke_reason", "ended_at"}
]


class IdempotentRequest(NamedTuple):
    """What identifies a repeat of a request: the key of a client, and a hash of the request."""

    idempotency_key: str
    request_sha256: bytes


class Created(NamedTuple):
    """A new session and its tokens."""

    session: Session
    tokens: TokenPair


def session_of(row: Row, tenant_id: str) -> Session:
    """The session of a tenant in a row, as it is at the row's `seen_at`."""
    known = {name: row[name] for name in _STORED}
    revoked = row["state"] == "revoked"
    over = row["state"] == "expired" or row["idle_expires_at"] <= row["seen_at"]
    return Session(
        tenant_id=tenant_id,
        **known | {"amr": row["amr"].split(), "ip": str(row["ip"]) if row["ip"] is not None else None},
        status="revoked" if revoked else "expired" if over else "active",
        revoked_at=row["ended_at"] if revoked else None,
        revoke_reason=row["end_reason"],
        ended_at=row["ended_at"] or (row["idle_expires_at"] if over else None),
    )
