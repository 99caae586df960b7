"""autional tenant …"""

from typing import Annotated

import typer

from autional.audit import log as audit_log
from autional.cli import audit, running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.runtime.service import Service
from autional.tenancy import tenants

TenantId = Annotated[str, typer.Argument(metavar="ID")]

app = typer.Typer(no_args_is_help=True, help="The tenants whose sessions this service owns.")


@app.command()
def create(
    tenant_id: Annotated[str, typer.Argument(metavar="ID", help="Letters, digits, - and _, at most 64.")],
    name: Annotated[str, typer.Option(help="Its display name.")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Add a tenant."""

    async def work(opened: Service) -> None:
        async with opened.database.transaction() as queries:
            await tenants.create_tenant(queries, tenant_id, name, None, key=opened.tenant_key)
            await audit.write(opened, queries, [tenant_id], "tenant.create", name=name)

    running.run(work, data_dir, database_url, makes_database=True)
    if as_json:
        running.show_one(tenant_id, "tenant_id", as_json=True)
    running.say(f"created tenant {tenant_id}")


@app.command("list")
def list_(as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Show every tenant."""

    async def work(opened: Service) -> list[tenants.Tenant]:
        return await tenants.list_tenants(opened.database)

    running.show(running.run(work, data_dir, database_url), tenants.Tenant._fields, as_json=as_json)


@app.command()
def disable(tenant_id: TenantId, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Refuse every call for a tenant, from the next request on."""

    async def work(opened: Service) -> None:
        async with opened.database.transaction() as queries:
            await tenants.disable_tenant(queries, tenant_id, None)
            await audit.write(opened, queries, [tenant_id], "tenant.disable")

    running.run(work, data_dir, database_url)
    running.say(f"disabled tenant {tenant_id}")


@app.command()
def enable(tenant_id: TenantId, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Answer calls for a disabled tenant again."""

    async def work(opened: Service) -> None:
        async with opened.database.transaction() as queries:
            await tenants.enable_tenant(queries, tenant_id)
            await audit.write(opened, queries, [tenant_id], "tenant.enable")

    running.run(work, data_dir, database_url)
    running.say(f"enabled tenant {tenant_id}")


@app.command()
def delete(
    tenant_id: TenantId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Remove a tenant and all it owns. This cannot be undone, and its id can never be reused."""
    if not yes:
        typer.confirm(f"Remove {tenant_id} and everything it owns?", abort=True, err=True)

    async def work(opened: Service) -> None:
        hashed = tenants.tenant_id_hash(opened.tenant_key, tenant_id).hex()
        async with opened.database.transaction() as queries:
            await tenants.delete_tenant(queries, tenant_id, key=opened.tenant_key)
            await audit.write(opened, queries, [audit_log.PLATFORM], "tenant.delete", tenant_id_hmac=hashed)

    running.run(work, data_dir, database_url)
    running.say(
        f"deleted tenant {tenant_id}: nothing of it is accepted any more; a running service removes its records"
    )
