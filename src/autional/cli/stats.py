"""autional stats: show and verify session statistics."""

import asyncio
import sys
from collections import deque
from collections.abc import Mapping
from typing import Annotated

import msgspec
import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir, ExitCode
from autional.cli.sparks import device_bars, spark
from autional.runtime.service import Service
from autional.sessions import statistics
from autional.sessions.statistics import Statistics
from autional.tenancy import tenants

app = typer.Typer(invoke_without_command=True, help="Show and verify session statistics.")

TenantOption = Annotated[str | None, typer.Option(help="Only this tenant; default: all tenants.")]
Numbers = dict[str, Statistics]
_WIDTH = 40


@app.callback()
def show(
    context: typer.Context,
    tenant: TenantOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Repeat every second until Ctrl-C.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show session statistics."""
    if context.invoked_subcommand is not None:
        return

    async def work(opened: Service) -> None:
        console = Console()
        seen: dict[str, deque[int]] = {}
        with Live(console=console, auto_refresh=False) as live:
            while True:
                numbers = await _read(opened, tenant)
                for name, read in numbers.items():
                    seen.setdefault(name, deque(maxlen=_WIDTH)).append(read.active)
                if as_json:
                    typer.echo(msgspec.json.encode({name: _plain(read) for name, read in numbers.items()}))
                elif watch and console.is_terminal:
                    live.update(_watched(numbers, seen), refresh=True)
                else:
                    console.print(_table(numbers))
                if not watch:
                    return
                await asyncio.sleep(1)

    running.run(work, data_dir, database_url)


@app.command()
def verify(
    tenant: TenantOption = None, as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Recount all sessions by brute force and print the difference to the statistics, which is zero."""

    async def work(opened: Service) -> list[tuple[str, int, int, int]]:
        found = []
        for name in await _names(opened, tenant):
            read, counted = await statistics.verify(opened.database, name, None)
            found.append((name, read.total, counted.total, statistics.difference(read, counted)))
        return found

    found = running.run(work, data_dir, database_url)
    running.show(found, ("tenant", "statistics", "recounted", "difference"), as_json=as_json)
    if any(difference for *_, difference in found):
        sys.exit(ExitCode.REFUSED)


async def _names(opened: Service, tenant: str | None) -> list[str]:
    known = [found.tenant_id for found in await tenants.list_tenants(opened.database) if found.disabled_at is None]
    return known if tenant is None else [tenant]


async def _read(opened: Service, tenant: str | None) -> Numbers:
    return {name: await statistics.read(opened.database, name, None) for name in await _names(opened, tenant)}


def _plain(read: Statistics) -> dict[str, object]:
    return {**read._asdict(), "total": read.total}


def _watched(numbers: Numbers, seen: Mapping[str, deque[int]]) -> Group:
    parts: list[Table | Text] = [_table(numbers)]
    for name, read in numbers.items():
        parts += [Text(f"\n{name}  active {spark(list(seen[name]))}", style="bold"), device_bars(read.device_breakdown)]
    return Group(*parts)


def _table(numbers: Numbers) -> Table:
    table = Table("tenant", "active", "expired", "revoked", "total", "devices", "at", box=None)
    for name, read in numbers.items():
        devices = "  ".join(f"{device} {count:,}" for device, count in sorted(read.device_breakdown.items()))
        counts = (f"{count:,}" for count in (read.active, read.expired, read.revoked, read.total))
        table.add_row(Text(name), *counts, devices, f"{read.updated_at:%H:%M:%S}")
    return table
