"""The audit log: entries, whether it is intact, and checkpoints to store elsewhere."""

from typing import get_args

from autional.api.response import NOT_STORED, Response
from autional.audit.log import Action
from autional.console.rendering import render
from autional.console.view import View


async def show(view: View) -> Response:
    """Entries of the log."""
    found = await view.attempt("list_audit_entries", query={"page_size": "50"} | view.query)
    return render(view, "audit.html", found=found, actions=get_args(Action), verdict=view.state.get("verdict"))


async def verify(view: View) -> None:
    """Compute the hash chain again."""
    view.state["verdict"] = await view.call("verify_audit_log")


async def checkpoint(view: View) -> Response:
    """A signed checkpoint, as a file."""
    signed = await view.call("get_audit_checkpoint")
    name = f"{view.caller.tenant_id}-{signed.timestamp:%Y%m%dT%H%M%SZ}.checkpoint"
    disposition = f'attachment; filename="{name}"'.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-disposition", disposition), NOT_STORED]
    return Response(200, headers, f"{signed.checkpoint}\n".encode())
