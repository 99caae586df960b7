"""Lists of sessions, and how many there are."""

from datetime import datetime
from typing import NamedTuple

from autional import cursors, problems, sessions, stats
from autional.api.calls import Call
from autional.api.schemas import ListQuery, PageInfo, SessionListResponse, TenantListQuery, UserListQuery
from autional.api.session_answers import session_response
from autional.db import Transaction, instant
from autional.problems import Problem, Violation
from autional.session_filters import Order, SessionFilter
from autional.sessions import Session, Window
from autional.texts import as_json

_MOST_COUNTED = 10_000


class _Asked(NamedTuple):
    wanted: SessionFilter
    page: int
    page_size: int
    cursor: str | None
    order: Order


async def of_tenant(call: Call, query: TenantListQuery) -> SessionListResponse:
    """The sessions of the tenant that a filter names."""
    wanted = SessionFilter(**query.given())
    if query.sort == "-risk_score":
        wanted.min_risk = max(1, wanted.min_risk or 0)  # the index by risk holds no others
    return await _listed(call, _Asked(wanted, query.page, query.page_size, query.cursor, query.sort))


async def of_user(call: Call, query: UserListQuery) -> SessionListResponse:
    """The sessions of a user: its own, or any user's for an administrator. Raises the Problem FOREIGN_USER."""
    return await of_user_in_path(call, query.auth_user_id, query)


async def of_user_in_path(call: Call, user_id: str, query: ListQuery) -> SessionListResponse:
    """The same with the user in the path. Raises the Problem FOREIGN_USER."""
    if not call.caller.scope.covers(user_id):
        raise Problem(problems.FOREIGN_USER)
    wanted = SessionFilter(status=query.status, user_id=user_id)
    return await _listed(call, _Asked(wanted, query.page, query.page_size, query.cursor, "-created_at"))


async def _listed(call: Call, asked: _Asked) -> SessionListResponse:
    """A part of the list and the size of the whole, both of one snapshot."""
    window = _window(call, asked)
    async with call.database.transaction(isolation="repeatable_read", readonly=True) as queries:
        now = await instant(queries, call.at)
        total, is_exact = await _total(call, queries, asked, now)
        found = await sessions.page(queries, call.caller.tenant_id, asked.wanted, window, now)
    shown = found[: asked.page_size]
    has_next = len(found) > len(shown)
    return SessionListResponse(
        items=[session_response(session, call.caller) for session in shown],
        pagination=PageInfo(
            page=None if asked.cursor else asked.page,
            page_size=asked.page_size,
            total=total,
            total_pages=-(-total // asked.page_size),
            has_next=has_next,
            has_prev=asked.cursor is not None or asked.page > 1,
            next_cursor=_cursor(call, asked, shown[-1]) if has_next else None,
            total_is_exact=is_exact,
        ),
        total=total,
        timestamp=call.now,
    )


async def _total(call: Call, queries: Transaction, asked: _Asked, now: datetime) -> tuple[int, bool]:
    """The size of the whole: exact where the statistics know it, else counted up to a bound."""
    tenant_id, wanted = call.caller.tenant_id, asked.wanted
    if wanted.is_of_statistics:
        read = await stats.read(queries, tenant_id, now, wanted.user_id)
        totals = {"active": read.active, "expired": read.expired, "revoked": read.revoked, "all": read.total}
        return totals[wanted.status], True
    counted = await sessions.count(queries, tenant_id, wanted, _MOST_COUNTED + 1, now)
    return min(counted, _MOST_COUNTED), counted <= _MOST_COUNTED


def _window(call: Call, asked: _Asked) -> Window:
    """One session more than is shown, to know whether there is more."""
    size = asked.page_size + 1
    if asked.cursor is None:
        return Window(size, skip=(asked.page - 1) * asked.page_size, order=asked.order)
    wrong = [Violation("page", "value", "not together with a cursor")] if asked.page != 1 else []
    try:
        after = cursors.read(call.service.cursor_key, asked.cursor, _bound_to(call, asked))
    except ValueError as error:
        wrong.append(Violation("cursor", "format", str(error)))
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    return Window(size, after=after, order=asked.order)


def _cursor(call: Call, asked: _Asked, last: Session) -> str:
    return cursors.write(call.service.cursor_key, sessions.position(last, asked.order), _bound_to(call, asked))


def _bound_to(call: Call, asked: _Asked) -> list[str | None]:
    return [call.caller.tenant_id, "sessions", asked.order, as_json(asked.wanted).decode()]
