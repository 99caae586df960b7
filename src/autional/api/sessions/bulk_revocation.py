"""Revocation of many sessions: those that are named, or those that a filter selects."""

from autional.access.caller import Caller
from autional.api.model import Call, may_raise
from autional.api.sessions.bulk_revocation_schemas import (
    BatchRevokeResponse,
    JobResponse,
    RevocationPreview,
    RevokeManyRequest,
)
from autional.core import problems
from autional.core.problems import Problem, Violation
from autional.postgres.queries import database_time
from autional.sessions import bulk_revocation
from autional.sessions.bulk_revocation import Job, cancel_job, confirm_revocation, find_job, preview_revocation
from autional.sessions.filters import SessionFilter
from autional.sessions.lifecycle import revoke_sessions
from autional.sessions.model import ENDED_BY_ADMINISTRATOR


async def revoke_many(call: Call, body: RevokeManyRequest) -> BatchRevokeResponse:
    """Revoke many sessions.

    Either the sessions with given ids, at once, or all that a filter selects. For a filter send `dry_run` first:
    the answer counts what is selected and has a token. Send the same filter with that token to start a job that
    revokes them.
    """
    _check(body)
    if body.session_ids is not None:
        return await _end_named(call, body, body.session_ids)
    session_filter = body.filter or SessionFilter()
    if body.dry_run:
        return await _shown(call, body, session_filter)
    return await _started(call, body, session_filter)


@may_raise(problems.JOB_NOT_FOUND)
async def get_job(call: Call, job_id: str) -> JobResponse:
    """Get the progress of a revocation job."""
    return job_response(await find_job(call.database, call.caller.tenant_id, job_id))


@may_raise(problems.JOB_NOT_FOUND)
async def cancel_revocation_job(call: Call, job_id: str) -> JobResponse:
    """Cancel a revocation job.

    Sessions that it has ended stay ended.
    """
    return job_response(await cancel_job(call.database, call.caller.tenant_id, job_id, call.at))


def _check(body: RevokeManyRequest) -> None:
    wrong = []
    if (body.session_ids is None) == (body.filter is None):
        wrong.append(Violation("session_ids", "value", "Send either session_ids or a filter"))
    if body.session_ids is not None and (body.dry_run or body.dry_run_token):
        wrong.append(Violation("dry_run", "value", "Is for a filter only"))
    if body.filter is not None and body.dry_run == (body.dry_run_token is not None):
        wrong.append(Violation("dry_run_token", "required", "Must be present: the token of the dry run of this filter"))
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)


async def _end_named(call: Call, body: RevokeManyRequest, session_ids: list[str]) -> BatchRevokeResponse:
    """End the named sessions; those that this tenant does not have, and a kept one, are listed as failed."""
    named = list(dict.fromkeys(session_ids))
    ended = [name for name in named if name != _kept(call, body)]
    known = await revoke_sessions(
        call.database, call.caller.tenant_id, ended, body.reason or ENDED_BY_ADMINISTRATOR, call.at
    )
    return BatchRevokeResponse(
        succeeded=[name for name in named if name in known],
        failed=[name for name in named if name not in known],
        total=len(named),
    )


async def _shown(call: Call, body: RevokeManyRequest, session_filter: SessionFilter) -> BatchRevokeResponse:
    async with call.database.transaction() as queries:
        now = await database_time(queries, call.at)
        found, job_id = await preview_revocation(
            queries,
            call.caller.tenant_id,
            session_filter,
            now,
            kept_session=_kept(call, body),
            requested_by=_name(call.caller),
        )
    preview = RevocationPreview(
        sessions=found.sessions,
        users=found.users,
        by_device_type=found.by_device_type,
        by_status=found.by_status,
        revocable=found.revocable,
        dry_run_token=job_id,
        expires_at=now + bulk_revocation.PREVIEW_LIFETIME,
    )
    return BatchRevokeResponse(total=found.sessions, preview=preview)


async def _started(call: Call, body: RevokeManyRequest, session_filter: SessionFilter) -> BatchRevokeResponse:
    job = await confirm_revocation(
        call.database,
        call.caller.tenant_id,
        body.dry_run_token or "",
        session_filter,
        call.at,
        kept_session=_kept(call, body),
        reason=body.reason or ENDED_BY_ADMINISTRATOR,
    )
    if job is None:
        reason = "Must be of a dry run of this filter within the last 15 minutes"
        violations = [Violation("dry_run_token", "format", reason)]
        raise Problem(problems.INVALID_PARAMETER, violations=violations)
    return BatchRevokeResponse(total=job.total, job=job_response(job))


def _name(caller: Caller) -> str:
    """By whom a job was asked for: a user of the tenant, a key, or a platform administrator of another tenant."""
    if caller.home_tenant is not None:
        return "platform_admin"
    return caller.user_id or caller.key_id or ""


def _kept(call: Call, body: RevokeManyRequest) -> str | None:
    return call.caller.session_id if body.keep_own else None


def job_response(job: Job) -> JobResponse:
    """A job and its progress."""
    return JobResponse(
        id=job.job_id,
        state=job.state,
        reason=job.reason,
        filter=job.filter,
        requested_by=job.requested_by,
        total=job.total,
        done=job.done,
        already_ended=job.already_ended,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )
