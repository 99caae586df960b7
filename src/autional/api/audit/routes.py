"""The audit log of a tenant."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from autional.api.model import Call
from autional.api.schemas import Cursor, Instant, PageSize, RequestModel, ResponseModel
from autional.audit import log as audit_log
from autional.audit.log import Action, AuditQuery, Entry
from autional.core import cursors, problems
from autional.core.formats import NO_SECRET, ShortText, Timestamp, datetime_of
from autional.core.problems import Problem, Violation


class AuditListQuery(RequestModel):
    """Which entries of the audit log."""

    action: Action | None = None
    actor: ShortText | None = None
    about: Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_SECRET)] | None = None
    from_: Timestamp | None = msgspec.field(name="from", default=None)
    to: Timestamp | None = None
    page_size: PageSize = 20
    cursor: Cursor | None = None


class AuditEntry(ResponseModel, omit_defaults=False):
    """An entry of the audit log."""

    sequence: int
    at: Instant
    action: str
    request_id: str
    hash: str
    details: dict[str, Any]
    erased: bool


class AuditListResponse(ResponseModel, omit_defaults=False):
    """Part of the audit log, newest first."""

    items: list[AuditEntry]
    timestamp: Instant
    next_cursor: str | None = None


async def listed(call: Call, query: AuditListQuery) -> AuditListResponse:
    """List the audit log.

    What administrators and services did in the tenant, newest first.
    """
    audit_query = AuditQuery(query.action, query.actor, query.about, datetime_of(query.from_), datetime_of(query.to))
    before = _position(call, query)
    found = await audit_log.list_entries(call.database, call.caller.tenant_id, audit_query, query.page_size + 1, before)
    shown = found[: query.page_size]
    more = len(found) > len(shown)
    return AuditListResponse(
        items=[_entry(entry) for entry in shown],
        timestamp=call.now,
        next_cursor=_cursor(call, query, shown[-1].sequence) if more else None,
    )


def _position(call: Call, query: AuditListQuery) -> int | None:
    if query.cursor is None:
        return None
    try:
        [sequence] = cursors.read(call.service.cursor_key, query.cursor, _bound_to(call, query))
    except ValueError as error:
        violations = [Violation("cursor", "format", str(error))]
        raise Problem(problems.INVALID_PARAMETER, violations=violations) from None
    return int(sequence)


def _cursor(call: Call, query: AuditListQuery, sequence: int) -> str:
    return cursors.write(call.service.cursor_key, [sequence], _bound_to(call, query))


def _bound_to(call: Call, query: AuditListQuery) -> list[str | None]:
    return [call.caller.tenant_id, "audit", query.action, query.actor, query.about, query.from_, query.to]


def _entry(entry: Entry) -> AuditEntry:
    return AuditEntry(
        sequence=entry.sequence,
        at=entry.at,
        action=entry.action,
        request_id=entry.request_id,
        hash=entry.hash.hex(),
        details=entry.details,
        erased=entry.erased,
    )
