"""What receivers are told of an event, by whichever channel."""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from autional.events.log import Event, Kind
from autional.tokens.blacklist import TokenType
from autional.tokens.jwt import Issuer

EventType = Literal[
    "session.revoked",
    "token.revoked",
    "user.tokens_revoked",
    "tenant.tokens_revoked",
    "token.restored",
    "tenant.restored",
    "session.established",
    "session.assurance_changed",
    "session.tokens_revoked",
    "alert.raised",
    "alert.ended",
]
_TYPES: dict[Kind, EventType] = {
    "session": "session.revoked",
    "token": "token.revoked",
    "user": "user.tokens_revoked",
    "tenant": "tenant.tokens_revoked",
    "restored": "token.restored",
    "established": "session.established",
    "assurance": "session.assurance_changed",
    "tokens": "session.tokens_revoked",
    "alert": "alert.raised",
}
_OF_TOKENS = {"token", "restored"}


class AlertNumbers(msgspec.Struct):
    """So many in an hour, and so many expected."""

    measure: str
    count: int
    expected: float


class Message(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An event of a tenant, in the order of `position`. Without `user_id` where the person has been erased."""

    type: EventType
    id: str
    tenant_id: str
    position: int
    at: datetime
    reason: str
    session_id: str | None = None
    token_id: str | None = None
    user_id: str | None = None
    token_type: TokenType | None = None
    """Of which tokens, where it is not all of them."""
    generation: int | None = None
    """Access tokens of the session, or of the tenant, whose own generation (`gen`) is lower are over."""
    disabled: bool = False
    """Whether nothing of the tenant is valid until it is restored."""
    alert: AlertNumbers | None = None


class Telling(NamedTuple):
    """What a receiver is told in, under an id that stays the same when it is told again."""

    tenant_id: str
    message_id: str
    audience: str
    issuer: Issuer
    now: int
    """Seconds since 1970."""

    @property
    def iss(self) -> str:
        """Who tells."""
        return self.issuer.of(self.tenant_id)


def type_of(event: Event) -> EventType:
    """The type of an event, as receivers know it."""
    if event.kind == "alert" and (event.details or {}).get("what") == "ended":
        return "alert.ended"
    if event.kind == "restored" and event.subject_id is None:
        return "tenant.restored"
    return _TYPES[event.kind]


def message_of(event: Event, tenant_id: str) -> Message:
    """What receivers are told of an event. Who ended it is told to administrators only, in the log."""
    is_of_token = event.kind in _OF_TOKENS
    details = event.details or {}
    is_alert = event.kind == "alert"
    return Message(
        type=type_of(event),
        id=str(event.revocation_id),
        tenant_id=tenant_id,
        position=event.position,
        at=event.at,
        reason=event.reason,
        session_id=None if is_of_token else event.subject_id,
        token_id=event.subject_id if is_of_token else None,
        user_id=event.user_id,
        token_type=None if is_alert else details.get("token_type"),
        generation=None if is_alert else details.get("generation"),
        disabled=not is_alert and details.get("disabled", False),
        alert=msgspec.convert(details, AlertNumbers) if is_alert and details else None,
    )
