"""Export and erasure of what is stored about a user."""

from typing import Annotated, Any

from msgspec import Meta

from autional.api import paging
from autional.api.model import Call, may_raise
from autional.api.schemas import Cursor, Instant, PageSize, RequestModel, ResponseModel, SimpleResponse
from autional.api.sessions.responses import session_response
from autional.api.sessions.schemas import SessionResponse
from autional.core import cursors, problems
from autional.core.formats import NO_SECRET, UserId
from autional.core.problems import Problem
from autional.postgres.queries import database_time
from autional.sessions import privacy
from autional.sessions.filters import SessionFilter
from autional.sessions.listing import Window, list_sessions, users_with_sessions
from autional.sessions.model import Session
from autional.sessions.privacy import begin_erasure, stored_about

_PAGE = 500


class UserRequest(RequestModel):
    """The user."""

    user_id: UserId


class UsersQuery(RequestModel):
    """Users whose ids begin in some way."""

    search: Annotated[str, Meta(max_length=128, pattern=NO_SECRET)] | None = None
    page_size: PageSize = 20
    cursor: Cursor | None = None


class UsersResponse(ResponseModel, omit_defaults=False):
    """Part of the users who have sessions on record, by id."""

    items: list[str]
    timestamp: Instant
    next_cursor: str | None = None


class UserSessionsExportResponse(ResponseModel, omit_defaults=False):
    """What is stored about a user."""

    sessions: list[SessionResponse]
    records: dict[str, list[dict[str, Any]]]
    total: int
    complete: bool
    timestamp: Instant
    schema_version: int = privacy.SCHEMA_VERSION


class ErasureResponse(SimpleResponse, kw_only=True):
    """The erasure has begun; the number of the user's sessions."""

    sessions: int


async def list_users(call: Call, query: UsersQuery) -> UsersResponse:
    """List users.

    Those who have sessions on record, in the order of their ids.
    """
    bound = [call.caller.tenant_id, "users", query.search]
    place = paging.place_in(call, query.cursor, bound)
    after = None if place is None else str(place)
    found = await users_with_sessions(
        call.database, call.caller.tenant_id, query.search or "", after, query.page_size + 1
    )
    shown = found[: query.page_size]
    following = cursors.write(call.service.cursor_key, [shown[-1]], bound) if len(found) > len(shown) else None
    return UsersResponse(items=shown, timestamp=call.now, next_cursor=following)


async def export(call: Call, body: UserRequest) -> UserSessionsExportResponse:
    """Export what is stored about a user.

    Of each kind the newest 10,000 records (GDPR articles 15 and 20).
    """
    tenant_id, window = call.caller.tenant_id, Window(_PAGE)
    found: list[Session] = []
    everything = SessionFilter(status="all", user_id=body.user_id)
    async with call.database.transaction(isolation="repeatable_read", readonly=True) as queries:
        now = await database_time(queries, call.at)
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
    """Erase what is stored about a user.

    The user is signed out at once and erased within minutes (GDPR article 17); the statistics keep their numbers.
    The audit log has an entry `user.erased` when it is done.
    """
    caller = call.caller
    if caller.user_id == body.user_id and caller.home_tenant is None:
        raise Problem(problems.OWN_ERASURE)
    erased = await begin_erasure(
        call.database, call.service.subject_key, caller.tenant_id, body.user_id, call.request.request_id, call.at
    )
    return ErasureResponse(sessions=erased, timestamp=call.now)
