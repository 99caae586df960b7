"""autional revocations: what was ended, who heard of it, and how long that took."""

import asyncio
from datetime import timedelta
from typing import Annotated

import msgspec
import typer

from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.cli.session_options import Tenant, User
from autional.core import ids
from autional.core.durations import milliseconds
from autional.events import log, receipts
from autional.events.message import Message, message_of
from autional.events.receipts import Backlog, Lag, Line, Receipt
from autional.postgres.queries import database_time
from autional.runtime.service import Service
from autional.sessions.revocations import Revocation, RevocationFilter, list_revocations
from autional.tenancy.tenants import require_enabled

app = typer.Typer(no_args_is_help=True, help="Look at what was revoked, and who heard of it.")
_SHOWN = ("revocation_id", "at", "kind", "subject_id", "user_id", "reason")
_LINE = ("channel", "reader", "state", "heard_at", "lag", "attempts", "answer")
_PAGE = 500
_LOOK_EVERY = 0.25


@app.command("list")
def list_(
    tenant: Tenant,
    user: User = None,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 400, help="Of how many hours.")] = 24,
    count: Annotated[int, typer.Option(min=1, max=1000, help="Number of revocations.")] = 20,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List what was revoked, newest first."""

    async def work(opened: Service) -> list[Revocation]:
        await require_enabled(opened.database, tenant)
        end = await database_time(opened.database, None)
        only = RevocationFilter(end - timedelta(hours=hours), end, user_id=user)
        found, _ = await list_revocations(opened.database, tenant, only, (None, None, count, 0))
        return found

    found = running.run(work, data_dir, database_url)
    fields = Revocation._fields if as_json else _SHOWN
    running.show([tuple(getattr(one, name) for name in fields) for one in found], fields, as_json=as_json)


@app.command()
def receipt(
    revocation_id: Annotated[int, typer.Argument(metavar="ID", help="Id of the revocation.")],
    tenant: Tenant,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show who heard of a revocation, when, and how long that took."""

    async def work(opened: Service) -> Receipt:
        return await receipts.receipt(opened.database, tenant, revocation_id)

    lines = running.run(work, data_dir, database_url).lines
    if as_json:
        running.show(lines, Line._fields, as_json=True)
    else:
        running.show([_line(one) for one in lines], _LINE, as_json=False)


@app.command()
def lag(tenant: Tenant, as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Show how long each channel takes, and what waits."""

    async def work(opened: Service) -> tuple[list[Lag], Backlog]:
        await require_enabled(opened.database, tenant)
        return await receipts.lags(opened.database, tenant)

    found, backlog = running.run(work, data_dir, database_url)
    rows = [(one.channel, one.events, *(round(part * 1000) for part in one[2:])) for one in found]
    running.show(rows, ("channel", "events", "p50_ms", "p99_ms", "worst_ms"), as_json=as_json)
    who = f" ({backlog.receiver_id})" if backlog.receiver_id else ""
    running.say(
        f"the oldest event waits {backlog.waiting:.1f} s for its receiver{who},"
        f" {backlog.unplaced:.1f} s for its position"
    )


@app.command()
def follow(tenant: Tenant, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Print what happens as it happens, a line of JSON each, until Ctrl-C."""

    async def work(opened: Service) -> None:
        await require_enabled(opened.database, tenant)
        position = (await log.head(opened.database, tenant)).position
        while True:
            for event in await log.events_after(opened.database, {ids.home(tenant): position}, _PAGE):
                _print(message_of(event, tenant))
                position = event.position
            await asyncio.sleep(_LOOK_EVERY)

    running.run(work, data_dir, database_url)


def _line(one: Line) -> tuple[object, ...]:
    lag = None if one.lag is None else f"{milliseconds(one.lag)} ms"
    return (one.channel, one.name or one.reader, one.state, one.heard_at, lag, one.attempts, one.answer)


def _print(message: Message) -> None:
    typer.echo(msgspec.json.encode(message))
