"""autional audit …"""

import getpass
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from autional import audit, tenants
from autional.audit import Act, Entry, Wanted
from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir, ExitCode
from autional.db import Queries
from autional.service import Service

app = typer.Typer(no_args_is_help=True, help="What administrators and services did.")


@app.command()
def verify(
    tenant: Annotated[str | None, typer.Option(help="One tenant; without it, every one.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Reckon the hash chain of the log again. Keep the head elsewhere to notice a log that was replaced as a whole."""

    async def work(opened: Service) -> list[tuple[str, int, int, str, str]]:
        names = [tenant] if tenant else [audit.PLATFORM, *await _tenants(opened.database)]
        found = []
        for name in names:
            verdict = await audit.verify(opened.database, name)
            told = "whole" if verdict.broken_at is None else f"broken at {verdict.broken_at}"
            found.append((name, verdict.entries, verdict.erased, verdict.head.hex(), told))
        return found

    found = running.run(work, data_dir, database_url)
    running.show(found, ("tenant", "entries", "erased", "head", "chain"), as_json=as_json)
    if any(told != "whole" for *_, told in found):
        sys.exit(ExitCode.REFUSED)


@app.command("list")
def list_(
    tenant: Annotated[str, typer.Option(help="Whose log; without it that of the platform.")] = audit.PLATFORM,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many entries, newest first.")] = 20,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show the latest entries of a log."""

    async def work(opened: Service) -> list[Entry]:
        return await audit.page(opened.database, tenant, Wanted(), count)

    found = [(one.sequence, one.at, one.action, one.details) for one in running.run(work, data_dir, database_url)]
    running.show(found, ("sequence", "at", "action", "details"), as_json=as_json)


async def _tenants(queries: Queries) -> list[str]:
    return [one.tenant_id for one in await tenants.list_tenants(queries)]


async def write(queries: Queries, tenant_ids: Sequence[str] | None, action: str, **request: Any) -> None:
    """Write down what the person at this shell does to some tenants (None: to all) in the log of each."""
    concerned = tenant_ids or await _tenants(queries)
    details = {"actor": f"cli:{getpass.getuser()}", "request": request}
    for tenant_id in sorted(concerned):
        await audit.append(queries, tenant_id, Act(action, "cli", details), None)
