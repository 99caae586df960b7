"""The timeline of a session, from what several operations know of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from autional.api.audit.routes import AuditEntry
from autional.api.sessions.schemas import SessionResponse
from autional.api.tokens.schemas import RefreshTokenInfo


class Event(NamedTuple):
    """Something that happened to a session."""

    at: datetime
    kind: str
    who: str | None = None
    """Who did it, where that is on record."""
    detail: str | None = None
    sequence: int | None = None
    """The entry of the audit log."""


def timeline_of(
    session: SessionResponse, chain: Sequence[RefreshTokenInfo], entries: Sequence[AuditEntry]
) -> list[Event]:
    """What happened to a session, the latest first."""
    events = [Event(session.created_at, "began", detail=session.amr or None)]
    if session.last_active_at > session.created_at:
        events.append(Event(session.last_active_at, "last_active"))
    events += [
        Event(token.consumed_at, "repeated" if token.repeated else "refreshed", detail=token.id)
        for token in chain
        if token.consumed_at is not None
    ]
    events += [Event(entry.at, "audit", entry.details.get("actor"), entry.action, entry.sequence) for entry in entries]
    if session.ended_at is not None:
        by = session.revoked_by
        events.append(
            Event(
                session.ended_at,
                session.status,
                by.id if by else None,
                session.revoke_reason,
                by.audit_sequence if by else None,
            )
        )
    return sorted(events, key=lambda event: event.at, reverse=True)
