"""The audit log: entries, whether it is intact, and checkpoints to store elsewhere."""

from typing import get_args

from autional.api.audit.routes import AuditEntry
from autional.api.response import NOT_STORED, Response
from autional.audit.log import Action
from autional.console.rendering import render
from autional.console.view import View

_NAMES = ("user_id", "auth_user_id", "session_id", "token_id", "device_id", "job_id", "id", "name")
_MOST_NAMED = 3


def about(entry: AuditEntry) -> str:
    """Whom or what an entry is about, as far as its details say."""
    given = {**(entry.details.get("target") or {}), **(entry.details.get("request") or {})}
    listed = given.get("session_ids") or []
    named = [given.get(name) for name in _NAMES] + listed[:_MOST_NAMED] + ["…"] * (len(listed) > _MOST_NAMED)
    return ", ".join(str(one) for one in named if one) or "–"


async def show(view: View) -> Response:
    """Entries of the log."""
    query = {name: value for name, value in view.query.items() if name != "log"}
    operation_id = "list_platform_audit_entries" if _of_platform(view) else "list_audit_entries"
    found = await view.attempt(operation_id, query={"page_size": "50"} | query)
    return render(
        view, "audit.html", found=found, actions=get_args(Action), about=about, verdict=view.state.get("verdict")
    )


async def verify(view: View) -> None:
    """Compute the hash chain again."""
    operation_id = "verify_platform_audit_log" if _of_platform(view) else "verify_audit_log"
    view.state["verdict"] = await view.call(operation_id)


async def checkpoint(view: View) -> Response:
    """A signed checkpoint, as a file."""
    signed = await view.call("get_audit_checkpoint")
    name = f"{view.caller.tenant_id}-{signed.timestamp:%Y%m%dT%H%M%SZ}.checkpoint"
    disposition = f'attachment; filename="{name}"'.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-disposition", disposition), NOT_STORED]
    return Response(200, headers, f"{signed.checkpoint}\n".encode())


def _of_platform(view: View) -> bool:
    return view.query["log"] == "platform"
