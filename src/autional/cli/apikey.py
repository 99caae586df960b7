"""autional apikey: create, list and revoke API keys."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import typer

from autional.access.caller import KeyRole
from autional.audit.log import Action
from autional.cli import audit, running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.postgres.queries import Queries
from autional.runtime.service import Service
from autional.tenancy import api_keys


def _id(text: str) -> str:
    """Of a key that was given whole, its id."""
    return text.partition(".")[0]


ApiKeyId = Annotated[str, typer.Argument(metavar="ID", parser=_id, help="Id of the key: the part before the dot.")]

app = typer.Typer(no_args_is_help=True, help="Manage API keys of services.")


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    tenant: Annotated[list[str] | None, typer.Option(help="A tenant that the key is valid for; repeatable.")] = None,
    all_tenants: Annotated[bool, typer.Option("--all-tenants", help="Valid for every tenant.")] = False,
    role: Annotated[
        KeyRole, typer.Option(help="service: /internal/* and /oauth2/*; the others also /admin/* and /sessions*.")
    ] = "service",
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Create an API key and print it. It cannot be shown again."""
    if bool(tenant) == all_tenants:
        raise typer.BadParameter("give --tenant, or --all-tenants")

    async def work(opened: Service) -> str:
        async with opened.database.transaction() as queries:
            key = await api_keys.create_api_key(queries, name, tenant or None, None, role)
            await audit.record(
                opened,
                queries,
                tenant or None,
                "api_key.create",
                api_key_id=key.partition(".")[0],
                name=name,
                role=role,
            )
        return key

    running.show_one(running.run(work, data_dir, database_url), "api_key", as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List API keys, without their secrets."""

    async def work(opened: Service) -> list[api_keys.ApiKey]:
        return await api_keys.list_api_keys(opened.database)

    found = running.run(work, data_dir, database_url)
    if not as_json:
        found = [key._replace(tenant_ids=["all"] if key.tenant_ids is None else key.tenant_ids) for key in found]
    running.show(found, api_keys.ApiKey._fields, as_json=as_json)


@app.command()
def revoke(
    api_key_id: ApiKeyId,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Revoke an API key: it is rejected from the next request on."""

    _change(api_key_id, "api_key.revoke", partial(api_keys.revoke_api_key, at=None), data_dir, database_url)
    running.say(f"revoked API key {api_key_id}")


@app.command()
def enable(
    api_key_id: ApiKeyId,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Enable an API key that was closed when an earlier state of the database was restored."""

    _change(api_key_id, "api_key.enable", api_keys.enable_api_key, data_dir, database_url)
    running.say(f"enabled API key {api_key_id}")


def _change(
    api_key_id: str,
    action: Action,
    change: Callable[[Queries, str], Awaitable[list[str] | None]],
    data_dir: str | None,
    database_url: str | None,
) -> None:
    """Change a key, and write that down where it is valid."""

    async def work(opened: Service) -> None:
        async with opened.database.transaction() as queries:
            tenant_ids = await change(queries, api_key_id)
            await audit.record(opened, queries, tenant_ids, action, api_key_id=api_key_id)

    running.run(work, data_dir, database_url)
