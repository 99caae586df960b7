"""Sessions: lists by filter, one with everything that is known of it, and their end."""

from typing import get_args

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from autional.api.response import Response
from autional.api.sessions.bulk_revocation_schemas import RevocationPreview
from autional.console.forms import must_be_typed, number_in
from autional.console.model import Redirected
from autional.console.rendering import render, with_query
from autional.console.timeline import timeline_of
from autional.console.view import View
from autional.core.formats import to_builtins
from autional.risk.device import DeviceType
from autional.sessions.filters import SessionFilter

_PAGE_SIZE = "25"
_NUMBERS = {"aal", "min_risk", "max_risk"}
_NO_FILTERS = {"sort", "page", "cursor", "counted"}
FILTERS: tuple[str, ...] = tuple(name for name in SessionFilter.__struct_fields__ if name != "status")
TABS = ("active", "ended", "revoked", "expired", "all")


async def show_list(view: View) -> Response:
    """The sessions that the query selects."""
    found = await view.attempt("list_sessions", query={"page_size": _PAGE_SIZE} | dict(view.query))
    return render(
        view,
        "sessions.html",
        found=found,
        filters=FILTERS,
        tabs=TABS,
        tab=view.query["status"] or "active",
        given={name: value for name, value in view.query.items() if name in FILTERS and value},
        device_types=get_args(DeviceType),
    )


async def revoke_selected(view: View) -> Redirected:
    """End the selected sessions."""
    named = view.form.get("session_id", [])
    await view.call("revoke_sessions", body={"session_ids": named, "reason": view.field("reason") or None})
    return Redirected(await view.receipt())


async def show_one(view: View) -> Response:
    """Everything that is known of a session."""
    session_id = view.path["session_id"]
    read = await view.attempt("get_session", path=view.path)
    if read is None:
        return render(view, "session.html", session=None)
    chain = await view.attempt("list_session_tokens", path=view.path)
    children = await view.attempt(
        "list_sessions", query={"parent_session_id": session_id, "status": "all", "page_size": "1"}
    )
    entries = await view.attempt("list_audit_entries", query={"about": session_id, "page_size": "50"})
    return render(
        view,
        "session.html",
        session=read.session,
        risk=await view.attempt("get_session_risk", query={"session_id": session_id}),
        device=await view.attempt("get_device_fingerprint", query={"session_id": session_id}),
        has_children=bool(children and children.items),
        chain=chain.items if chain else [],
        timeline=timeline_of(read.session, chain.items if chain else [], entries.items if entries else []),
    )


async def revoke_one(view: View) -> Redirected:
    """End a session."""
    await view.call("revoke_session", path=view.path, body={"reason": view.field("reason") or None})
    return Redirected(await view.receipt())


async def show_revocation(view: View) -> Response:
    """What ending all sessions of a filter would do, before it is done."""
    chosen = _filter(view)
    if not view.form:
        await view.attempt("list_sessions", query=chosen | {"page_size": "1"})  # a bad filter is said at once
    return render(view, "revoke.html", filter=chosen, preview=_counted(view))


async def preview(view: View) -> Redirected:
    """Count what would be ended; the numbers go along in the address, signed."""
    chosen = _filter(view)
    answer = await view.call("revoke_sessions", body={"filter": chosen, "dry_run": True, "keep_own": True})
    counted = _serializer(view).dumps([chosen, to_builtins(answer.preview)])
    return Redirected(with_query(f"{view.base}/sessions/revoke", chosen, counted=counted))


async def confirm(view: View) -> Redirected:
    """End what was shown, once its number has been typed."""
    must_be_typed(view, view.field("revocable"), digits=True)
    body = {
        "filter": _filter(view),
        "dry_run_token": view.field("dry_run_token"),
        "keep_own": True,
        "reason": view.field("reason") or None,
    }
    answer = await view.call("revoke_sessions", body=body)
    return Redirected(f"{view.base}/jobs/{answer.job.id}")


def _counted(view: View) -> RevocationPreview | None:
    """The numbers of this filter in the address; None if there are none."""
    try:
        chosen, numbers = _serializer(view).loads(view.query["counted"])
    except BadData:
        return None
    return msgspec.convert(numbers, RevocationPreview) if chosen == _filter(view) else None


def _serializer(view: View) -> URLSafeSerializer:
    return URLSafeSerializer(view.running.cursor_key, f"counted for {view.caller.tenant_id} {view.caller.session_id}")


def _filter(view: View) -> dict[str, str | int]:
    given = {name: value for name, value in view.query.items() if value and name not in _NO_FILTERS}
    return {name: number_in(value) if name in _NUMBERS else value for name, value in given.items()}
