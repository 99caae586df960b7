"""autional load: add sample sessions to a tenant."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autional.cli import audit, running
from autional.cli.running import DatabaseUrl, DataDir
from autional.demo import loader
from autional.postgres.queries import database_time
from autional.runtime.service import Service
from autional.tenancy import tenants


def load_sessions(
    tenant: Annotated[str, typer.Option(help="The tenant to add them to.")],
    sessions: Annotated[int, typer.Option(min=1, max=100_000_000, help="Number of sessions.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Add realistic sample sessions of the last 30 days to a tenant."""

    async def work(opened: Service) -> None:
        await tenants.require_enabled(opened.database, tenant)
        async with opened.database.transaction() as queries:
            await audit.record(opened, queries, [tenant], "sessions.load", sessions=sessions)
        await load(opened, tenant, sessions)

    running.run(work, data_dir, database_url)
    running.say(f"added {sessions:,} sessions to tenant {tenant}")


async def load(opened: Service, tenant_id: str, count: int) -> None:
    """Load with a progress bar."""
    columns = (TextColumn("loading sessions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=count)
        await loader.load_sessions(
            opened.database,
            tenant_id,
            count,
            await database_time(opened.database, None),
            lambda added: progress.advance(bar, added),
        )
