"""autional apikey …"""

from typing import Annotated

import typer

from autional import service, tenants
from autional.cli import running
from autional.cli.running import DatabaseUrl, DataDir
from autional.service import Service

app = typer.Typer(no_args_is_help=True, help="Keys by which services call the internal operations.")


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    tenant: Annotated[list[str] | None, typer.Option(help="A tenant it is good for, repeatable; none: all.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a key and print it: the only time that it can be seen."""

    async def work(opened: Service) -> str:
        return await tenants.create_api_key(opened.database, name, tenant or None, service.now())

    typer.echo(running.run(work, data_dir, database_url))
