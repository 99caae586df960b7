"""Lists of sessions."""

from datetime import datetime
from typing import NamedTuple

from autional.api import paging
from autional.api.model import Call, may_raise
from autional.api.paging import Position
from autional.api.schemas import PageQuery
from autional.api.sessions.responses import revoked_by, session_response
from autional.api.sessions.schemas import (
    ListQuery,
    SessionListResponse,
    SessionResponse,
    TenantListQuery,
    UserListQuery,
)
from autional.core import problems
from autional.core.formats import as_json
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Size, Transaction, database_time
from autional.sessions import breakdowns
from autional.sessions.filters import SessionFilter
from autional.sessions.lifecycle import who_revoked_each
from autional.sessions.listing import Window, search_sessions
from autional.sessions.ordering import Order, Place, filter_in, place_of

_DEEPEST = 5_000
"""Up to here a list by end, which is merged, is paged by numbers."""


class _ListRequest(NamedTuple):
    session_filter: SessionFilter
    part: PageQuery
    order: Order

    @property
    def listed(self) -> list[str | None]:
        """Which list it is."""
        return ["sessions", self.order, as_json(self.session_filter).decode()]


async def list_tenant_sessions(call: Call, query: TenantListQuery) -> SessionListResponse:
    """List the tenant's sessions.

    Active ones unless a status is given. All filters must hold. Ordered by risk, only sessions with a risk score
    are listed; by expiry, only active ones (to the minute); by their end, only those that have ended. A search that
    takes too long is cut and says so; the cursor goes on from there.
    """
    session_filter = filter_in(query.sort, SessionFilter(**query.given()))
    if session_filter is None:
        violations = [Violation("sort", "value", "Is for another status: active by expiry, ended ones by their end")]
        raise Problem(problems.INVALID_PARAMETER, violations=violations)
    if query.sort == "-ended_at" and query.page * query.page_size > _DEEPEST:
        violations = [Violation("page", "range", "Is too far in this order: go on by cursor")]
        raise Problem(problems.INVALID_PARAMETER, violations=violations)
    part = PageQuery(page=query.page, page_size=query.page_size, cursor=query.cursor)
    return await _listed(call, _ListRequest(session_filter, part, query.sort))


@may_raise(problems.FOREIGN_USER)
async def list_user_sessions(call: Call, query: UserListQuery) -> SessionListResponse:
    """List the sessions of a user.

    Users list their own sessions, administrators those of any user of the tenant.
    """
    return await list_user_sessions_by_path(call, query.auth_user_id, query)


@may_raise(problems.FOREIGN_USER)
async def list_user_sessions_by_path(call: Call, user_id: str, query: ListQuery) -> SessionListResponse:
    """List the sessions of a user named in the path.

    Administrators list those of any user of the tenant, users only their own.
    """
    if not call.caller.scope.covers(user_id):
        raise Problem(problems.FOREIGN_USER)
    return await _listed(call, _ListRequest(SessionFilter(status=query.status, user_id=user_id), query, "-created_at"))


async def _listed(call: Call, request: _ListRequest) -> SessionListResponse:
    """A part of the list and the size of the whole, both of one snapshot."""
    part = paging.part_of(call, request.part, request.listed)
    after = (part.after.first, part.after.at, part.after.id) if part.after else None
    window = Window(part.size, part.skip, after, request.order)
    async with call.database.transaction(isolation="repeatable_read", readonly=True) as queries:
        now = await database_time(queries, call.at)
        size = await _known_size(call, queries, request.session_filter, now)
        found = await search_sessions(queries, call.caller.tenant_id, request.session_filter, window, now, size=size)
    places = [_position(place_of(session, request.order)) for session in found.sessions]
    cut_at = _position(found.cut_at) if found.cut_at else None
    items = [session_response(session, call.caller) for session in found.sessions[: request.part.page_size]]
    if call.caller.administers:
        await _add_revokers(call, items)
    return SessionListResponse(
        items=items,
        pagination=paging.page_info(call, request.part, request.listed, places, found.size, cut_at),
        total=found.size.total,
        timestamp=call.now,
    )


async def _add_revokers(call: Call, items: list[SessionResponse]) -> None:
    revoked = [item.id for item in items if item.status == "revoked"]
    if revoked:
        known = await who_revoked_each(call.database, call.caller.tenant_id, revoked)
        for item in items:
            if item.status == "revoked":
                item.revoked_by = revoked_by(known.get(item.id))


def _position(place: Place) -> Position:
    return Position(place[1], place[2], place[0])


async def _known_size(call: Call, queries: Transaction, session_filter: SessionFilter, now: datetime) -> Size | None:
    """The size of the whole where the statistics know it; None: it has to be counted."""
    if not session_filter.is_of_statistics:
        return None
    return Size(await breakdowns.known_total(queries, call.caller.tenant_id, now, session_filter))
