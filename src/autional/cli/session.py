"""autional session: show a session."""

from typing import Annotated

import msgspec
import typer

from autional.audit import log as audit_log
from autional.audit.log import AuditQuery, Entry
from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.core.authority import whole_tenant
from autional.runtime.service import Service
from autional.sessions.lifecycle import Revoker, who_revoked
from autional.sessions.listing import find_session
from autional.sessions.model import Session

app = typer.Typer(no_args_is_help=True, help="Show single sessions.")
_MOST_ENTRIES = 20


@app.command()
def show(
    session_id: Annotated[str, typer.Argument(metavar="ID")],
    tenant: Annotated[str, typer.Option(help="Tenant of the session.")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show a session, who revoked it and why, and its audit entries."""

    async def work(opened: Service) -> tuple[Session, Revoker | None, list[Entry]]:
        found = await find_session(opened.database, whole_tenant(tenant), session_id, None)
        ended = await who_revoked(opened.database, tenant, session_id)
        entries = await audit_log.list_entries(opened.database, tenant, AuditQuery(about=session_id), _MOST_ENTRIES)
        return found, ended, entries

    session, ended, entries = running.run(work, data_dir, database_url)
    lines = session._asdict() | {"ended_by": _ended_by(session, ended)}
    if as_json:
        log = [{"sequence": one.sequence, "at": one.at, "action": one.action} for one in entries]
        typer.echo(msgspec.json.encode(lines | {"audit": log}, enc_hook=str))
        return
    for name, value in lines.items():
        if value not in (None, (), []):
            typer.echo(f"{name.replace('_', ' ')}: {running.cell(value)}")
    for entry in entries:
        typer.echo(f"audit entry {entry.sequence}: {running.cell(entry.at)} {entry.action}")


def _ended_by(session: Session, ended: Revoker | None) -> str | None:
    """Who revoked it, in words."""
    if session.status != "revoked":
        return None
    if ended is None or (ended.user_id is None and ended.key_id is None):
        return "the service itself"
    who = f"user {ended.user_id}" if ended.user_id else f"API key {ended.key_id}"
    by_job = f", job {ended.job_id}" if ended.job_id else ""
    return f"{who}{by_job}, request {ended.request_id or 'unknown'}"
