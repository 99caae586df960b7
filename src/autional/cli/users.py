"""autional users: show a user."""

import sys
from typing import Annotated, Any

import msgspec
import typer

from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir, ExitCode
from autional.cli.sessions import print_sessions
from autional.postgres.queries import database_time
from autional.risk.trusted_devices import TrustedDevice, list_devices
from autional.runtime.service import Service
from autional.sessions import statistics
from autional.sessions.filters import SessionFilter
from autional.sessions.listing import Window, search_sessions
from autional.sessions.model import Session
from autional.sessions.statistics import Statistics

app = typer.Typer(no_args_is_help=True, help="Show users.")
_MOST = 50


@app.callback()
def users() -> None:
    """Show users."""


@app.command()
def show(
    user_id: Annotated[str, typer.Argument(metavar="USER")],
    tenant: Annotated[str, typer.Option(help="Tenant of the user.")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show a user: numbers, active sessions, trusted devices, and how each session differs from the user's habits."""

    async def work(opened: Service) -> tuple[Statistics, list[Session], list[TrustedDevice]]:
        async with opened.database.transaction(isolation="repeatable_read", readonly=True) as queries:
            now = await database_time(queries, None)
            read = await statistics.read(queries, tenant, now, user_id)
            found = await search_sessions(
                queries, tenant, SessionFilter(user_id=user_id), Window(_MOST), now, size=None
            )
            devices, _ = await list_devices(queries, tenant, user_id, (None, None, _MOST, 0), now)
        return read, found.sessions, devices

    read, sessions, devices = running.run(work, data_dir, database_url)
    if as_json:
        everything: dict[str, Any] = {
            "statistics": read._asdict(),
            "sessions": [one._asdict() for one in sessions],
            "trusted_devices": [one._asdict() for one in devices],
        }
        typer.echo(msgspec.json.encode(everything, enc_hook=str))
        return
    if not read.total and not devices:
        running.say(f"autional: nothing is on record of {user_id}")
        sys.exit(ExitCode.REFUSED)
    typer.echo(f"active {read.active:,}  expired {read.expired:,}  revoked {read.revoked:,}  total {read.total:,}")
    typer.echo(f"trusted devices {len(devices)}")
    print_sessions(sessions)
    for one in sessions:
        if one.risk_facts:
            typer.echo(f"{one.session_id} differs: {', '.join(sorted(one.risk_facts)).replace('_', ' ')}")
