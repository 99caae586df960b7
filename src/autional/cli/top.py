"""autional top: what happens now."""

import asyncio
from collections import deque
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import msgspec
import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.cli.sparks import device_bars, spark
from autional.postgres.queries import Size, database_time
from autional.runtime.service import Service
from autional.sessions import breakdowns, statistics
from autional.sessions.filters import SessionFilter
from autional.sessions.listing import Window, search_sessions
from autional.sessions.model import Session
from autional.sessions.revocations import Revocation, RevocationFilter, list_revocations
from autional.sessions.statistics import Statistics
from autional.tenancy import tenants

_WIDTH = 40
_LATEST = 5
_DAY = timedelta(days=1)


class Reading(NamedTuple):
    """What is seen in one second."""

    numbers: Statistics
    devices: dict[str, int]
    """Active sessions by device type."""
    begun: list[Session]
    ended: list[Revocation]


def top(
    tenant: Annotated[
        str | None, typer.Option(help="The tenant; default: the one with the most active sessions.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many seconds; default: at Ctrl-C.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show what happens now, each second: numbers, the latest sign-ins and the latest revocations."""

    async def work(opened: Service) -> None:
        name = tenant or await _busiest(opened)
        seen: deque[Statistics] = deque(maxlen=_WIDTH)
        console = Console()
        with Live(console=console, auto_refresh=False, screen=False) as live:
            left = count
            while left is None or left > 0:
                reading = await _read(opened, name)
                seen.append(reading.numbers)
                if as_json:
                    typer.echo(msgspec.json.encode(_plain(name, reading), enc_hook=str))
                elif console.is_terminal:
                    live.update(_screen(name, reading, seen), refresh=True)
                else:
                    typer.echo(_line(name, seen))
                left = None if left is None else left - 1
                if left != 0:
                    await asyncio.sleep(1)

    running.run(work, data_dir, database_url)


async def _busiest(opened: Service) -> str:
    names = [one.tenant_id for one in await tenants.list_tenants(opened.database) if one.disabled_at is None]
    if not names:
        raise typer.BadParameter("there is no tenant yet: `autional tenant create` makes one")
    active = {name: (await statistics.read(opened.database, name, None)).active for name in names}
    return max(names, key=lambda name: active[name])


async def _read(opened: Service, tenant: str) -> Reading:
    async with opened.database.transaction(isolation="repeatable_read", readonly=True) as queries:
        now = await database_time(queries, None)
        numbers = await statistics.read(queries, tenant, now)
        begun = await search_sessions(
            queries, tenant, SessionFilter(status="all"), Window(_LATEST), now, size=Size(numbers.total)
        )
        span = RevocationFilter(now - _DAY, now + timedelta(seconds=1))
        ended, _ = await list_revocations(queries, tenant, span, (None, None, _LATEST, 0))
        devices = await breakdowns.read_devices(queries, tenant, now)
    active = {name: one.active for name, one in devices.by_type.items()}
    return Reading(numbers, active, begun.sessions, ended)


def _screen(tenant: str, reading: Reading, seen: deque[Statistics]) -> Group:
    now = reading.numbers
    return Group(
        Text(f"{tenant}  {now.updated_at:%H:%M:%S} UTC", style="bold"),
        Text(f"active {now.active:,}  expired {now.expired:,}  revoked {now.revoked:,}  total {now.total:,}"),
        Text(f"active  {spark([one.active for one in seen])}"),
        Text(f"created {spark(_changes([one.total for one in seen]))} {sum(_changes([one.total for one in seen]))}"),
        Text(
            f"revoked {spark(_changes([one.revoked for one in seen]))} {sum(_changes([one.revoked for one in seen]))}"
        ),
        device_bars(reading.devices),
        _table(
            "latest sign-ins", [(f"{one.created_at:%H:%M:%S}", one.user_id, one.device_type) for one in reading.begun]
        ),
        _table(
            "latest revocations", [(f"{one.at:%H:%M:%S}", one.user_id or one.kind, one.reason) for one in reading.ended]
        ),
    )


def _line(tenant: str, seen: deque[Statistics]) -> str:
    now = seen[-1]
    return f"{now.updated_at:%H:%M:%S} {tenant} active {now.active:,} expired {now.expired:,} revoked {now.revoked:,}"


def _changes(values: list[int]) -> list[int]:
    return [after - before for before, after in pairwise(values)]


def _table(title: str, rows: list[tuple[str, str, str]]) -> Table:
    table = Table(title=title, box=None, title_justify="left", show_header=False)
    for row in rows:
        table.add_row(*(Text(running.shortened(text, 30)) for text in row))
    return table


def _plain(tenant: str, reading: Reading) -> dict[str, Any]:
    return {
        "tenant": tenant,
        **reading.numbers._asdict(),
        "total": reading.numbers.total,
        "begun": [one._asdict() for one in reading.begun],
        "ended": [one._asdict() for one in reading.ended],
    }
