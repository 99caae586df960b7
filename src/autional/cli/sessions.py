"""autional sessions: list, show and revoke sessions."""

from typing import Annotated

import msgspec
import typer
from rich.console import Console

from autional.audit import log as audit_log
from autional.audit.log import AuditQuery, Entry
from autional.cli import running, session_revocation
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.cli.session_options import Agent, App, CountryCode, Device, Ip, MinRisk, Status, Tenant, User, filter_of
from autional.core.authority import whole_tenant
from autional.postgres.queries import Size, Transaction, database_time
from autional.runtime.service import Service
from autional.sessions import breakdowns
from autional.sessions.filters import SessionFilter
from autional.sessions.lifecycle import Revoker, who_revoked
from autional.sessions.listing import SessionList, Window, find_session, search_sessions
from autional.sessions.model import Session
from autional.sessions.ordering import Order, filter_in
from autional.tenancy.tenants import require_enabled

app = typer.Typer(no_args_is_help=True, help="List, show and revoke sessions.")
app.command()(session_revocation.revoke)
_MOST_ENTRIES = 20
_WIDE = 140


@app.command("list")
def list_(
    tenant: Tenant,
    status: Status = "active",
    user: User = None,
    device: Device = None,
    agent: Agent = None,
    app_id: App = None,
    country: CountryCode = None,
    ip: Ip = None,
    min_risk: MinRisk = None,
    sort: Annotated[Order, typer.Option(help="Order of the list; - is descending.")] = "-created_at",
    count: Annotated[int, typer.Option(min=1, max=1000, help="Number of sessions.")] = 20,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List sessions."""
    chosen = filter_of(
        status=status,
        user_id=user,
        actor=agent,
        device_type=device,
        app_id=app_id,
        country=country,
        ip=ip,
        min_risk=min_risk,
    )
    only = filter_in(sort, chosen)
    if only is None:
        raise typer.BadParameter(f"--sort {sort} is for another --status: active by expiry, ended ones by their end")

    async def work(opened: Service) -> SessionList:
        async with opened.database.transaction(isolation="repeatable_read", readonly=True) as queries:
            return await _found(queries, tenant, only, Window(count, order=sort))

    found = running.run(work, data_dir, database_url)
    if as_json:
        typer.echo(msgspec.json.encode([one._asdict() for one in found.sessions], enc_hook=str))
        return
    print_sessions(found.sessions, ended=sort == "-ended_at")
    size = f"{found.size.total:,}" if found.size.is_exact else f"more than {found.size.total:,}"
    running.say(f"{len(found.sessions)} of {size}")


async def _found(queries: Transaction, tenant: str, chosen: SessionFilter, window: Window) -> SessionList:
    await require_enabled(queries, tenant)
    now = await database_time(queries, None)
    size = None
    if chosen.is_of_statistics:
        size = Size(await breakdowns.known_total(queries, tenant, now, chosen))
    return await search_sessions(queries, tenant, chosen, window, now, size=size)


def print_sessions(found: list[Session], *, ended: bool = False) -> None:
    """Print sessions as a table of 80 columns, with more of them where the terminal is wider."""
    is_wide = Console().width >= _WIDE
    rows = [_columns(one, ended=ended) | (_more_columns(one) if is_wide else {}) for one in found]
    names = list(rows[0]) if rows else ["session"]
    running.show([tuple(row.values()) for row in rows], names, as_json=False)


def _columns(one: Session, *, ended: bool) -> dict[str, object]:
    at = one.ended_at if ended and one.ended_at else one.created_at
    return {
        "session": one.session_id,
        "user": running.shortened(one.user_id or "(erased)", 13),
        "device": "agent" if one.act else one.device_type,
        "status": one.status,
        "risk": one.risk_score,
        "ended UTC" if ended else "created UTC": f"{at:%m-%d %H:%M}",
    }


def _more_columns(one: Session) -> dict[str, object]:
    place = ", ".join(filter(None, (one.city, one.country)))
    return {
        "app": one.app_id,
        "agent": one.act["sub"] if one.act else None,
        "place": place or None,
        "address": one.ip,
        "expires UTC": f"{one.idle_expires_at:%m-%d %H:%M}",
    }


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
        if value not in (None, (), [], {}):
            typer.echo(f"{name.replace('_', ' ')}: {running.cell(value)}")
    for entry in entries:
        typer.echo(f"audit entry {entry.sequence}: {running.cell(entry.at)} {entry.action}")


def _ended_by(session: Session, ended: Revoker | None) -> str | None:
    """Who revoked it, in words."""
    if session.status != "revoked":
        return None
    if ended is None or (ended.user_id is None and ended.key_id is None):
        return "the service itself"
    kind = "user" if ended.user_id else "operator" if ended.is_operator else "API key"
    by_job = f", job {ended.job_id}" if ended.job_id else ""
    return f"{kind} {ended.user_id or ended.key_id}{by_job}, request {ended.request_id or 'unknown'}"
