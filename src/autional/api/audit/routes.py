"""The audit log of a tenant."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from autional.api import paging
from autional.api.model import Call
from autional.api.schemas import Cursor, Instant, PageSize, RequestModel, ResponseModel
from autional.audit import checkpoints, verification
from autional.audit import log as audit_log
from autional.audit.log import Action, AuditQuery, Entry
from autional.core import cursors, master_key
from autional.core.formats import NO_SECRET, ShortText, Timestamp, datetime_of


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


class VerificationResponse(ResponseModel, omit_defaults=False):
    """Whether a log is intact; `broken_at` is the first entry that does not match."""

    intact: bool
    entries: int
    erased: int
    head: str
    broken_at: int | None
    timestamp: Instant


class CheckpointResponse(ResponseModel):
    """A checkpoint as a compact JWS (RFC 7515)."""

    checkpoint: str
    timestamp: Instant


async def listed(call: Call, query: AuditListQuery) -> AuditListResponse:
    """List the audit log.

    What administrators and services did in the tenant, newest first.
    """
    return await _listed(call, query, call.caller.tenant_id)


async def list_of_platform(call: Call, query: AuditListQuery) -> AuditListResponse:
    """List the audit log of the platform.

    What was done to what belongs to no tenant: signing keys, API keys of all tenants, deletions of tenants.
    """
    return await _listed(call, query, audit_log.PLATFORM)


async def verified(call: Call) -> VerificationResponse:
    """Verify the audit log.

    Recomputes its hash chain from the first entry to the last. That the end was cut off, or the whole replaced, is
    only seen with a checkpoint that was stored elsewhere.
    """
    return await _verified(call, call.caller.tenant_id)


async def verify_platform(call: Call) -> VerificationResponse:
    """Verify the audit log of the platform.

    Like that of a tenant.
    """
    return await _verified(call, audit_log.PLATFORM)


async def checkpoint(call: Call) -> CheckpointResponse:
    """Get a signed checkpoint of the audit log.

    Store it elsewhere: `autional audit verify --checkpoint` finds then whether the log still contains that state.
    """
    key = checkpoints.signing_key(master_key.master_key(call.service.settings))
    signed = await checkpoints.signed_now(call.database, call.caller.tenant_id, key)
    return CheckpointResponse(checkpoint=signed, timestamp=call.now)


async def _listed(call: Call, query: AuditListQuery, log: str) -> AuditListResponse:
    audit_query = AuditQuery(query.action, query.actor, query.about, datetime_of(query.from_), datetime_of(query.to))
    place = paging.place_in(call, query.cursor, _bound_to(query, log))
    before = None if place is None else int(place)
    found = await audit_log.list_entries(call.database, log, audit_query, query.page_size + 1, before)
    shown = found[: query.page_size]
    more = len(found) > len(shown)
    return AuditListResponse(
        items=[_entry(entry) for entry in shown],
        timestamp=call.now,
        next_cursor=_cursor(call, query, log, shown[-1].sequence) if more else None,
    )


async def _verified(call: Call, log: str) -> VerificationResponse:
    found = await verification.verify(call.database, call.service.subject_key, log)
    return VerificationResponse(
        intact=found.broken_at is None,
        entries=found.entries,
        erased=found.erased,
        head=found.head.hex(),
        broken_at=found.broken_at,
        timestamp=call.now,
    )


def _cursor(call: Call, query: AuditListQuery, log: str, sequence: int) -> str:
    return cursors.write(call.service.cursor_key, [sequence], _bound_to(query, log))


def _bound_to(query: AuditListQuery, log: str) -> list[str | None]:
    return [log, "audit", query.action, query.actor, query.about, query.from_, query.to]


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
