"""autional tenant …"""

from typing import Annotated

import typer

from autional import service, tenants
from autional.cli import running
from autional.cli.running import DatabaseUrl, DataDir
from autional.service import Service

app = typer.Typer(no_args_is_help=True, help="The tenants whose sessions this service owns.")


@app.command()
def create(
    tenant_id: Annotated[str, typer.Argument(metavar="ID", help="Letters, digits, - and _, at most 64.")],
    name: Annotated[str, typer.Option(help="How people call the tenant.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Add a tenant."""

    async def work(opened: Service) -> None:
        await tenants.create_tenant(opened.database, tenant_id, name, service.now())

    running.run(work, data_dir, database_url)
    running.say(f"created tenant {tenant_id}")
