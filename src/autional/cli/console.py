"""autional console: sign in to the console."""

from typing import Annotated, Literal

import typer

from autional.access.console import create_link
from autional.cli import audit, running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.runtime.service import DEFAULT_ADDRESS, Service

app = typer.Typer(no_args_is_help=True, help="Sign in to the console.")


@app.command()
def login(
    tenant: Annotated[str, typer.Option(help="The tenant to sign in to.")],
    user: Annotated[str, typer.Option(help="User id of the administrator.")],
    role: Annotated[
        Literal["security_admin", "admin", "platform_admin"], typer.Option(help="Role in the console.")
    ] = "admin",
    address: Annotated[
        str | None, typer.Option(help="Where the browser reaches the service; default: AUTIONAL_PUBLIC_URL.")
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print a link that signs in to the console, once and within five minutes."""

    async def work(opened: Service) -> str:
        base = (address or opened.settings.public_url or opened.issuer.name).rstrip("/")
        return await link_at(opened, base, tenant, user, role)

    link = running.run(work, data_dir, database_url, address=DEFAULT_ADDRESS)
    running.show_one(link, "link", as_json=as_json)


async def link_at(
    opened: Service, base: str, tenant: str, user: str, role: Literal["security_admin", "admin", "platform_admin"]
) -> str:
    """A link that signs a user in to the console at a base URL, on record in the tenant's audit log."""
    async with opened.database.transaction() as queries:
        secret = await create_link(queries, tenant, user, role, None)
        await audit.record(opened, queries, [tenant], "console.link", user=user, role=role)
    return f"{base}/console/sign-in#{secret}"
