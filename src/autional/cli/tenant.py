"""autional tenant: create, list, disable, enable and delete tenants."""

import asyncio
from typing import Annotated

import typer

from autional.audit import log as audit_log
from autional.cli import audit, running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.core import ids
from autional.runtime.service import Service
from autional.tenancy import tenants

TenantId = Annotated[str, typer.Argument(metavar="ID")]

app = typer.Typer(no_args_is_help=True, help="Manage tenants.")


@app.command()
def create(
    tenant_id: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the tenant: letters, digits, - and _, at most 64.")
    ],
    name: Annotated[str, typer.Option(help="Display name.")],
    buckets: Annotated[
        int | None,
        typer.Option(
            help="Split the tenant by its users into so many parts, for one that outgrows a machine:"
            " a power of two up to 128. It stays so."
        ),
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Create a tenant."""

    async def work(opened: Service) -> None:
        async with opened.database.transaction() as queries:
            await tenants.create_tenant(queries, tenant_id, name, None, key=opened.tenant_key, buckets=buckets)
            log = ids.bucket(tenant_id, 1) if buckets else tenant_id
            await audit.record(opened, queries, [log], "tenant.create", name=name)

        if buckets is not None:
            running.say("waiting until every node knows that the tenant is split")
            await asyncio.sleep(tenants.SPLIT_KNOWN_SECONDS)
            opened.database.buckets.renew(await tenants.split_tenants(opened.database))
            await tenants.enable_tenant(opened.database, tenant_id)

    running.run(work, data_dir, database_url, makes_database=True)
    if as_json:
        running.show_one(tenant_id, "tenant_id", as_json=True)
    running.say(f"created tenant {tenant_id}")


@app.command("list")
def list_(as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List tenants."""

    async def work(opened: Service) -> list[tenants.Tenant]:
        return await tenants.list_tenants(opened.database)

    running.show(running.run(work, data_dir, database_url), tenants.Tenant._fields, as_json=as_json)


@app.command()
def disable(tenant_id: TenantId, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Disable a tenant: every call for it is rejected from the next request on."""

    async def work(opened: Service) -> None:
        async with opened.database.transaction() as queries:
            await tenants.disable_tenant(queries, tenant_id, None)
            await audit.record(opened, queries, [tenant_id], "tenant.disable")

    running.run(work, data_dir, database_url)
    running.say(f"disabled tenant {tenant_id}")


@app.command()
def enable(tenant_id: TenantId, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Enable a disabled tenant."""

    async def work(opened: Service) -> None:
        async with opened.database.transaction() as queries:
            await tenants.enable_tenant(queries, tenant_id)
            await audit.record(opened, queries, [tenant_id], "tenant.enable")

    running.run(work, data_dir, database_url)
    running.say(f"enabled tenant {tenant_id}")


@app.command()
def delete(
    tenant_id: TenantId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Delete a tenant and everything it owns. This cannot be undone, and its id can never be used again."""
    if not yes:
        typer.confirm(
            f"Delete {tenant_id} and everything it owns? This cannot be undone, and the id cannot be used again.",
            abort=True,
            err=True,
        )

    async def work(opened: Service) -> None:
        hashed = tenants.tenant_id_hash(opened.tenant_key, tenant_id).hex()
        async with opened.database.transaction() as queries:
            await tenants.delete_tenant(queries, tenant_id, key=opened.tenant_key)
            await audit.record(opened, queries, [audit_log.PLATFORM], "tenant.delete", tenant_id_hmac=hashed)

    running.run(work, data_dir, database_url)
    running.say(
        f"deleted tenant {tenant_id}: nothing of it is accepted any more; a running service removes its records"
    )
