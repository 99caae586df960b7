"""A user: sessions and how they differ from the user's habits, devices, history, export, erasure."""

from urllib.parse import quote

from autional.api.response import NOT_STORED, Response
from autional.api.sessions.schemas import SessionResponse
from autional.console.forms import body_of, must_be_typed
from autional.console.model import Redirected
from autional.console.rendering import redirect, render
from autional.console.view import View
from autional.core.formats import as_json
from autional.risk.scoring import MEDIUM
from autional.sessions.model import SESSION_PREFIX

_MOST_SESSIONS = "100"


async def find(view: View) -> Response:
    """A user or session by its id, which is shown at once, or the users whose ids begin in some way."""
    named = view.query["user_id"].strip()
    if named.startswith(f"{SESSION_PREFIX}_"):
        return redirect(f"{view.base}/sessions/{quote(named, safe='')}")
    if named and not view.query["cursor"]:
        read = await view.attempt("get_session_stats", query={"user_id": named})
        if read is not None and read.total_sessions:
            return redirect(f"{view.base}/user?user_id={quote(named, safe='')}")
    found = await view.attempt(
        "list_users", query={"search": named, "page_size": "100", "cursor": view.query["cursor"]}
    )
    return render(view, "users.html", named=named, found=found)


async def sign_everybody_out(view: View) -> Redirected:
    """Sign everybody in the tenant out."""
    must_be_typed(view, view.caller.tenant_id)
    await view.call("revoke_all_tokens", body={"everybody": True} | body_of(view, ("reason",)))
    return Redirected(await view.receipt())


async def show(view: View) -> Response:
    """A user, with the suspicious sessions first in sight."""
    user_id = view.query["user_id"]
    if not user_id:
        return redirect(f"{view.base}/users")
    numbers = await view.attempt("get_session_stats", query={"user_id": user_id})
    query = {"user_id": user_id, "status": "active", "page_size": _MOST_SESSIONS, "cursor": view.query["cursor"]}
    active = await view.attempt("list_sessions", query=query)
    entries = await view.attempt("list_audit_entries", query={"about": user_id, "page_size": "20"})
    return render(
        view,
        "user.html",
        user_id=user_id,
        numbers=numbers,
        active=active,
        suspicious=[one for one in active.items if is_suspicious(one)] if active else [],
        limits=await view.attempt("get_session_limits"),
        devices=await view.attempt("list_trusted_devices", query={"user_id": user_id}),
        entries=entries.items if entries else [],
    )


def is_suspicious(session: SessionResponse) -> bool:
    """Whether a session differs so much from its user's habits that somebody should look at it."""
    return (session.risk_score or 0) >= MEDIUM


async def sign_out(view: View) -> Redirected:
    """End every session of the user."""
    body = {"reason": view.field("reason") or None}
    await view.call("revoke_user_sessions", path={"user_id": view.query["user_id"]}, body=body)
    return Redirected(await view.receipt())


async def export(view: View) -> Response:
    """What is stored about the user, as a file."""
    exported = await view.call("export_user_data", body={"user_id": view.query["user_id"]})
    name = quote(f"{view.query['user_id']}.json", safe="")
    headers = [
        (b"content-type", b"application/json"),
        (b"content-disposition", f"attachment; filename*=UTF-8''{name}".encode()),
        NOT_STORED,
    ]
    return Response(200, headers, as_json(exported))


async def erase(view: View) -> Redirected:
    """Erase what is stored about the user, once the user's id has been typed."""
    user_id = view.query["user_id"]
    must_be_typed(view, user_id)
    await view.call("erase_user_data", body={"user_id": user_id})
    return Redirected(await view.receipt())
