"""What is held on a user, and how it is forgotten."""

from datetime import datetime, timedelta
from typing import Any

from autional import durations, persons, problems, sessions
from autional.api.calls import Call
from autional.api.schemas import Answered, Sent, SessionResponse, SimpleResponse
from autional.api.session_answers import session_response
from autional.db import instant
from autional.problems import Problem, Violation
from autional.session_filters import SessionFilter
from autional.sessions import Session, Window
from autional.texts import Duration, UserId

_PAGE = 500
_SHORTEST = timedelta(days=1)


class UserRequest(Sent):
    """Whose data is meant."""

    user_id: UserId


class UserSessionsExportResponse(Answered, omit_defaults=False):
    """What is held on a user: the sessions, and every record as it is kept, by its kind.

    Of each the newest 10,000; `complete` says whether that is all.
    """

    sessions: list[SessionResponse]
    records: dict[str, list[dict[str, Any]]]
    total: int
    complete: bool
    timestamp: datetime
    schema_version: int = persons.SCHEMA_VERSION


class ErasureResponse(SimpleResponse, kw_only=True):
    """What is forgotten: so many sessions, each of which is ended."""

    sessions: int


class RetentionBody(Sent):
    """How long sessions are kept after their end, from a day on."""

    keep_ended: Duration


class RetentionResponse(Answered):
    """How long sessions are kept after their end."""

    keep_ended: str


async def export(call: Call, body: UserRequest) -> UserSessionsExportResponse:
    """All that is held on a user, of each kind the newest 10,000 records."""
    tenant_id, window = call.caller.tenant_id, Window(_PAGE)
    found: list[Session] = []
    everything = SessionFilter(status="all", user_id=body.user_id)
    async with call.database.transaction(isolation="repeatable_read", readonly=True) as queries:
        now = await instant(queries, call.at)
        while len(found) < persons.MOST_RECORDS and (
            part := await sessions.page(queries, tenant_id, everything, window, now)
        ):
            found += part
            window = Window(_PAGE, after=(0, part[-1].created_at, part[-1].session_id))
        held = await persons.held(queries, tenant_id, body.user_id)
    return UserSessionsExportResponse(
        sessions=[session_response(session, call.caller) for session in found],
        records=held,
        total=len(found),
        complete=max([len(found), *map(len, held.values())]) < persons.MOST_RECORDS,
        timestamp=call.now,
    )


async def erase(call: Call, body: UserRequest) -> ErasureResponse:
    """Sign a user out at once and leave no trace of it, within minutes; numbers stay as they are.

    The audit log says `user.erased` when it is done. Raises the Problem OWN_ERASURE.
    """
    caller = call.caller
    if caller.user_id == body.user_id and caller.home_tenant is None:
        raise Problem(problems.OWN_ERASURE)
    erased = await persons.begin_erasure(
        call.database, call.service.subject_key, caller.tenant_id, body.user_id, call.request_id, call.at
    )
    return ErasureResponse(sessions=erased, timestamp=call.now)


async def get_retention(call: Call) -> RetentionResponse:
    """How long the tenant keeps ended sessions."""
    kept = await persons.retention(call.database, call.caller.tenant_id)
    return RetentionResponse(keep_ended=durations.render(kept))


async def put_retention(call: Call, body: RetentionBody) -> RetentionResponse:
    """Keep ended sessions so long; their numbers stay in the lifetime totals. Raises the Problem INVALID_PARAMETER."""
    if body.keep_ended.value < _SHORTEST:
        raise Problem(
            problems.INVALID_PARAMETER, violations=[Violation("keep_ended", "range", "Must be from 24h to 87600h")]
        )
    await persons.put_retention(call.database, call.caller.tenant_id, body.keep_ended.value)
    return await get_retention(call)


async def delete_retention(call: Call) -> SimpleResponse:
    """Go back to 90 days."""
    await persons.delete_retention(call.database, call.caller.tenant_id)
    return SimpleResponse(timestamp=call.now)
