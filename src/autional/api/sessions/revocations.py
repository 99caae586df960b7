"""The record of revocations, and the jobs that revoke many sessions."""

from datetime import timedelta

import msgspec

from autional.api import paging
from autional.api.model import Call
from autional.api.paging import Position
from autional.api.schemas import Instant, ListResponse, PageQuery, ResponseModel
from autional.api.sessions.bulk_revocation import job_response
from autional.api.sessions.bulk_revocation_schemas import JobResponse
from autional.api.sessions.responses import revoked_by
from autional.api.sessions.schemas import RevokedBy
from autional.core.formats import ShortText, Timestamp, UserId, datetime_of
from autional.postgres.queries import Size, database_time
from autional.sessions.bulk_revocation import list_jobs
from autional.sessions.lifecycle import Revoker
from autional.sessions.revocations import Revocation, RevocationFilter, list_revocations

_DEFAULT_SPAN = timedelta(days=1)
_SOON = timedelta(microseconds=1)


class RevocationListQuery(PageQuery):
    """Which revocations: of the last day unless a span is given."""

    request_id: ShortText | None = None
    job_id: ShortText | None = None
    user_id: UserId | None = None
    from_: Timestamp | None = msgspec.field(name="from", default=None)
    to: Timestamp | None = None


class RevocationResponse(ResponseModel):
    """Something that was ended before its time."""

    id: str
    at: Instant
    kind: str
    reason: str
    revoked_by: RevokedBy
    subject_id: str | None = None
    user_id: str | None = None


class RevocationListResponse(ListResponse, kw_only=True):
    """Part of the record of revocations."""

    items: list[RevocationResponse]


class JobListResponse(ListResponse, kw_only=True):
    """Part of the jobs of a tenant."""

    items: list[JobResponse]


async def list_tenant_revocations(call: Call, query: RevocationListQuery) -> RevocationListResponse:
    """List revocations.

    What was ended before its time, by whom and why, newest first: of the last day, unless a span is given.
    """
    listed = ["revocations", query.request_id, query.job_id, query.user_id, query.from_, query.to]
    part = paging.part_of(call, query, listed)
    end = datetime_of(query.to) or await database_time(call.database, call.at) + _SOON
    start = datetime_of(query.from_) or end - _DEFAULT_SPAN
    only = RevocationFilter(start, end, query.request_id, query.job_id, query.user_id)
    found, size = await list_revocations(call.database, call.caller.tenant_id, only, part.bounds)
    places = [Position(one.at, str(one.revocation_id)) for one in found]
    info = paging.page_info(call, query, listed, places, size)
    items = [revocation_response(one) for one in found[: query.page_size]]
    return RevocationListResponse(items=items, pagination=info, total=info.total, timestamp=call.now)


async def list_tenant_jobs(call: Call, query: PageQuery) -> JobListResponse:
    """List revocation jobs.

    Those of the last 30 days, newest first.
    """
    part = paging.part_of(call, query, ["jobs"])
    found, total = await list_jobs(call.database, call.caller.tenant_id, part.bounds)
    places = [Position(job.created_at, job.job_id) for job in found]
    info = paging.page_info(call, query, ["jobs"], places, Size(total))
    items = [job_response(job) for job in found[: query.page_size]]
    return JobListResponse(items=items, pagination=info, total=total, timestamp=call.now)


def revocation_response(one: Revocation) -> RevocationResponse:
    """A revocation as administrators see it."""
    return RevocationResponse(
        id=str(one.revocation_id),
        at=one.at,
        kind=one.kind,
        reason=one.reason,
        subject_id=one.subject_id,
        user_id=one.user_id,
        revoked_by=revoked_by(
            Revoker(one.by_user, one.by_tenant, one.by_key, one.job_id, one.request_id, audit_sequence=None)
        ),
    )
