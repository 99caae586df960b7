"""Security event tokens (RFC 8417) of CAEP 1.0, as OpenID SSF 1.0 has them."""

from collections.abc import Sequence
from typing import Any

from autional.events.log import Event, Kind
from autional.events.message import Telling

_CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
SESSION_REVOKED = f"{_CAEP}session-revoked"
SESSION_ESTABLISHED = f"{_CAEP}session-established"
ASSURANCE_LEVEL_CHANGE = f"{_CAEP}assurance-level-change"
TOKEN_CLAIMS_CHANGE = f"{_CAEP}token-claims-change"
VERIFICATION = "https://schemas.openid.net/secevent/ssf/event-type/verification"
STREAM_UPDATED = "https://schemas.openid.net/secevent/ssf/event-type/stream-updated"

KINDS_OF: dict[str, tuple[Kind, ...]] = {
    SESSION_REVOKED: ("session", "token", "user", "tenant"),
    SESSION_ESTABLISHED: ("established",),
    ASSURANCE_LEVEL_CHANGE: ("assurance",),
    TOKEN_CLAIMS_CHANGE: ("assurance",),
}
"""The kinds of rows of the log that an event type tells of."""


def security_event_token(event: Event, telling: Telling, event_types: Sequence[str] | None) -> str | None:
    """An event as a signed token, with those of its types that a stream asked for (RFC 8417 §2.2; CAEP 1.0 §3).

    None where it is about a person who was erased, and names no session or token.
    """
    subject = subject_of(event, telling)
    if subject is None:
        return None
    events = {name: said for name, said in events_of(event).items() if name in (event_types or KINDS_OF)}
    return _signed(telling, subject, events, f"{telling.tenant_id}_{event.revocation_id}")


def control_token(telling: Telling, stream_id: str, events: dict[str, Any]) -> str:
    """What a stream is told about itself (SSF 1.0 §8.1.4, §8.1.5)."""
    return _signed(telling, {"format": "opaque", "id": stream_id}, events, telling.message_id)


def _signed(telling: Telling, subject: dict[str, Any], events: dict[str, Any], transaction: str) -> str:
    """A security event token: without `sub` and `exp`, which are of other kinds of tokens (SSF 1.0 §4.1).

    `transaction` is the same in every stream (RFC 8417 §2.2).
    """
    claims = {
        "iss": telling.iss,
        "aud": telling.audience,
        "iat": telling.now,
        "jti": telling.message_id,
        "txn": transaction,
        "sub_id": subject,
        "events": events,
    }
    return telling.issuer.current_ring.sign_as("secevent+jwt", claims)


def events_of(event: Event) -> dict[str, Any]:
    """The events of a row of the log, by type."""
    common = {"event_timestamp": int(event.at.timestamp())}
    if event.kind == "established":
        return {SESSION_ESTABLISHED: common}
    if event.kind == "assurance":
        level = {"namespace": "NIST-AAL", "current_level": f"nist-{event.reason}"}
        return {
            ASSURANCE_LEVEL_CHANGE: common | level | {"change_direction": "increase"},
            TOKEN_CLAIMS_CHANGE: common | {"claims": {"acr": event.reason}},
        }
    by_user = event.by_user is not None and event.by_user == event.user_id
    entity = "user" if by_user else "admin" if event.by_user or event.by_key else "system"
    return {SESSION_REVOKED: common | {"initiating_entity": entity, "reason_admin": {"en": event.reason}}}


def subject_of(event: Event, telling: Telling) -> dict[str, Any] | None:
    """Whom a row is about (RFC 9493 §3; SSF 1.0 §3): a token, a session with its user, a user, or all of the tenant.

    Without the user where the person was erased; None if that leaves nothing.
    """
    name = telling.iss
    if event.kind == "token":
        return {"format": "jwt_id", "iss": name, "jti": event.subject_id}
    if event.kind == "tenant":
        return {"format": "complex", "tenant": {"format": "opaque", "id": telling.tenant_id}}
    parts: dict[str, Any] = {}
    if event.user_id is not None:
        parts["user"] = {"format": "iss_sub", "iss": name, "sub": event.user_id}
    if event.subject_id is not None:
        parts["session"] = {"format": "opaque", "id": event.subject_id}
    if parts.keys() == {"user"}:
        user: dict[str, Any] = parts["user"]
        return user
    return {"format": "complex", **parts} if parts else None


def named_user(subject: dict[str, Any]) -> str | None:
    """The user whom a subject identifier names: `iss_sub`, `opaque`, or a complex one with such a user."""
    if subject.get("format") == "complex" and isinstance(subject.get("user"), dict):
        subject = subject["user"]
    match subject:
        case {"format": "iss_sub", "iss": str(), "sub": str(user_id)} | {"format": "opaque", "id": str(user_id)}:
            return user_id
    return None
