"""autional stats: show and verify session statistics."""

import asyncio
import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir, ExitCode
from autional.runtime.service import Service
from autional.sessions import statistics
from autional.sessions.statistics import Statistics
from autional.tenancy import tenants

app = typer.Typer(invoke_without_command=True, help="Show and verify session statistics.")

TenantOption = Annotated[str | None, typer.Option(help="Only this tenant; default: all tenants.")]
Numbers = dict[str, Statistics]


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
        if as_json:
            while True:
                numbers = await _read(opened, tenant)
                typer.echo(msgspec.json.encode({name: _plain(read) for name, read in numbers.items()}))
                if not watch:
                    return
                await asyncio.sleep(1)
        if watch:
            with Live(console=Console(), auto_refresh=False) as live:
                while True:
                    live.update(_table(await _read(opened, tenant)), refresh=True)
                    await asyncio.sleep(1)
        else:
            Console().print(_table(await _read(opened, tenant)))

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


def _table(numbers: Numbers) -> Table:
    table = Table("tenant", "active", "expired", "revoked", "total", "devices", "at", box=None)
    for name, read in numbers.items():
        devices = "  ".join(f"{device} {count:,}" for device, count in sorted(read.device_breakdown.items()))
        counts = (f"{count:,}" for count in (read.active, read.expired, read.revoked, read.total))
        table.add_row(name, *counts, devices, f"{read.updated_at:%H:%M:%S}")
    return table
