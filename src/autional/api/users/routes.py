"""Export and erasure of what is stored about a user."""

from datetime import datetime
from typing import Any

from autional.api.model import Call, may_raise
from autional.api.schemas import Answered, Sent, SimpleResponse
from autional.api.sessions.responses import session_response
from autional.api.sessions.schemas import SessionResponse
from autional.core import problems
from autional.core.formats import UserId
from autional.core.problems import Problem
from autional.postgres.queries import instant
from autional.sessions import privacy
from autional.sessions.filters import SessionFilter
from autional.sessions.listing import Window, list_sessions
from autional.sessions.model import Session
from autional.sessions.privacy import begin_erasure, stored_about

_PAGE = 500


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
    schema_version: int = privacy.SCHEMA_VERSION


class ErasureResponse(SimpleResponse, kw_only=True):
    """What is forgotten: so many sessions, each of which is ended."""

    sessions: int


async def export(call: Call, body: UserRequest) -> UserSessionsExportResponse:
    """All that is held on a user, of each kind the newest 10,000 records."""
    tenant_id, window = call.caller.tenant_id, Window(_PAGE)
    found: list[Session] = []
    everything = SessionFilter(status="all", user_id=body.user_id)
    async with call.database.transaction(isolation="repeatable_read", readonly=True) as queries:
        now = await instant(queries, call.at)
        while len(found) < privacy.MOST_RECORDS and (
            part := await list_sessions(queries, tenant_id, everything, window, now)
        ):
            found += part
            window = Window(_PAGE, after=(0, part[-1].created_at, part[-1].session_id))
        held = await stored_about(queries, tenant_id, body.user_id)
    return UserSessionsExportResponse(
        sessions=[session_response(session, call.caller) for session in found],
        records=held,
        total=len(found),
        complete=max([len(found), *map(len, held.values())]) < privacy.MOST_RECORDS,
        timestamp=call.now,
    )


@may_raise(problems.OWN_ERASURE)
async def erase(call: Call, body: UserRequest) -> ErasureResponse:
    """Sign a user out at once and leave no trace of it, within minutes; numbers stay as they are.

    The audit log says `user.erased` when it is done.
    """
    caller = call.caller
    if caller.user_id == body.user_id and caller.home_tenant is None:
        raise Problem(problems.OWN_ERASURE)
    erased = await begin_erasure(
        call.database, call.service.subject_key, caller.tenant_id, body.user_id, call.request_id, call.at
    )
    return ErasureResponse(sessions=erased, timestamp=call.now)
