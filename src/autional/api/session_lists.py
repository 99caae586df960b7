"""Lists of sessions, and how many there are."""

from autional import cursors, problems, sessions, stats
from autional.api.kernel import Call
from autional.api.schemas import (
    ActiveCountResponse,
    ActiveSessionStatus,
    ListQuery,
    PageInfo,
    SessionListResponse,
    TenantListQuery,
    UserListQuery,
)
from autional.api.session_answers import session_response
from autional.problems import Problem, Violation
from autional.sessions import Window
from autional.stats import Statistics


async def of_tenant(call: Call, query: TenantListQuery) -> SessionListResponse:
    """The sessions of the tenant, or of one user in it."""
    return await _listed(call, query, query.user_id)


async def of_user(call: Call, query: UserListQuery) -> SessionListResponse:
    """The sessions of a user: its own, or any user's for an administrator. Raises the Problem FOREIGN_USER."""
    return await _listed(call, query, _permitted(call, query.auth_user_id))


async def of_user_in_path(call: Call, user_id: str, query: ListQuery) -> SessionListResponse:
    """The same with the user in the path. Raises the Problem FOREIGN_USER."""
    return await _listed(call, query, _permitted(call, user_id))


async def active_count(call: Call) -> ActiveCountResponse:
    """How many sessions of the tenant go on at this instant."""
    read = await stats.read(call.service.database, call.caller.tenant_id, call.now)
    return ActiveCountResponse(count=read.active, timestamp=read.updated_at)


async def user_is_active(call: Call, user_id: str) -> ActiveSessionStatus:
    """Whether a user is signed in at this instant."""
    read = await stats.read(call.service.database, call.caller.tenant_id, call.now, user_id)
    return ActiveSessionStatus(active=read.active > 0, session_count=read.active)


def _permitted(call: Call, user_id: str) -> str:
    if call.caller.only_own not in {None, user_id}:
        raise Problem(problems.FOREIGN_USER)
    return user_id


async def _listed(call: Call, query: ListQuery, user_id: str | None) -> SessionListResponse:
    """A part of the list and the exact size of the whole, both of one snapshot."""
    tenant_id = call.caller.tenant_id
    status = None if query.status == "all" else query.status
    window = _window(call, query, user_id)
    async with call.service.database.transaction(isolation="repeatable_read", readonly=True) as queries:
        found = await sessions.page(queries, tenant_id, window, call.now, status, user_id)
        total = _total(await stats.read(queries, tenant_id, call.now, user_id), query)
    shown = found[: query.page_size]
    return SessionListResponse(
        items=[session_response(session, whole=call.caller.administers) for session in shown],
        pagination=PageInfo(
            page=None if query.cursor else query.page,
            page_size=query.page_size,
            total=total,
            total_pages=-(-total // query.page_size),
            has_next=len(found) > len(shown),
            has_prev=query.cursor is not None or query.page > 1,
            next_cursor=_cursor(call, query, user_id, shown[-1].session_id) if len(found) > len(shown) else None,
        ),
        total=total,
        timestamp=call.now,
    )


def _window(call: Call, query: ListQuery, user_id: str | None) -> Window:
    """One session more than is shown, to know whether there is more."""
    size = query.page_size + 1
    if query.cursor is None:
        return Window(size, skip=query.skip)
    wrong = [Violation("page", "value", "not together with a cursor")] if query.page != 1 else []
    try:
        before = cursors.read(call.service.cursor_key, query.cursor, _bound_to(call, query, user_id))
    except ValueError as error:
        wrong.append(Violation("cursor", "format", str(error)))
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    return Window(size, before=before)


def _cursor(call: Call, query: ListQuery, user_id: str | None, position: str) -> str:
    return cursors.write(call.service.cursor_key, position, _bound_to(call, query, user_id))


def _bound_to(call: Call, query: ListQuery, user_id: str | None) -> list[str | None]:
    return [call.caller.tenant_id, "sessions", query.status, user_id]


def _total(read: Statistics, query: ListQuery) -> int:
    totals = {"active": read.active, "expired": read.expired, "revoked": read.revoked, "all": read.total}
    return totals[query.status]
