"""autional demo: a demo tenant with sample sessions."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from typing import Annotated

import httpx
import typer

from autional.api.http import server
from autional.cli import audit, load, running
from autional.cli.console import link_at
from autional.cli.running import DatabaseUrl, DataDir
from autional.cli.serve import Host, serving_with_tasks
from autional.core import background, logging
from autional.core.errors import PortTakenError
from autional.core.problems import Problem
from autional.demo import activity as demo_tenant
from autional.postgres.queries import database_time
from autional.runtime.service import Service
from autional.sessions import statistics
from autional.tenancy import tenants
from autional.tokens.issue import mint_operator_token

_PAGE = "/admin/sessions/stats"
_PORT = 8080
_HISTORY = timedelta(days=31)
_TOKEN_LIFE = timedelta(hours=12)


def demo(
    sessions: Annotated[
        int, typer.Option(min=1, max=10_000_000, help="Number of sessions in the demo tenant.")
    ] = 50_000,
    host: Host = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 8080, or a free one where that is taken.")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Fill a demo tenant, serve, and print the first answer of the statistics. Ctrl-C stops."""
    logging.configure()

    with running.errors_reported(), _bound(host, port) as listener:

        async def work(opened: Service) -> None:
            await _fill(opened, sessions)
            await _present(opened, listener, sessions)

        address = server.address_of(listener)
        running.run(work, data_dir, database_url, running.say, address=address, makes_database=True)


@contextmanager
def _bound(host: str, port: int | None) -> Iterator[socket.socket]:
    with ExitStack() as stack:
        try:
            listener = stack.enter_context(server.bound_socket(host, _PORT if port is None else port))
        except PortTakenError:
            if port is not None:
                raise
            listener = stack.enter_context(server.bound_socket(host, 0))
            running.say(f"port {_PORT} is taken: using {listener.getsockname()[1]} (--port chooses another)")
        yield listener


async def _fill(opened: Service, count: int) -> None:
    """Fill the demo tenant up to this many sessions; a second run keeps them."""
    with suppress(Problem):
        async with opened.database.transaction() as queries:
            begun = await database_time(queries, None) - _HISTORY
            await tenants.create_tenant(queries, demo_tenant.TENANT_ID, "Demo", begun, key=opened.tenant_key)
            await audit.record(opened, queries, [demo_tenant.TENANT_ID], "tenant.create", name="Demo")
    there = await statistics.read(opened.database, demo_tenant.TENANT_ID, None)
    if there.total < count:
        await load.load(opened, demo_tenant.TENANT_ID, count - there.total)
        now = await database_time(opened.database, None)
        await opened.database.rows("invent_statistics_history", demo_tenant.TENANT_ID, now)


async def _present(opened: Service, listener: socket.socket, users: int) -> None:
    async with serving_with_tasks(opened, listener) as address:
        token = await mint_operator_token(
            opened.database,
            opened.issuer,
            tenant_id=demo_tenant.TENANT_ID,
            user_id="demo_admin",
            role="admin",
            life=_TOKEN_LIFE,
            at=None,
        )
        link = await link_at(opened, address, demo_tenant.TENANT_ID, "demo_admin", "admin")
        await _show(opened, address, token, link)
        async with background.running_tasks({"simulated users": (0.0, demo_tenant.SimulatedUsers(opened, users).step)}):
            await server.wait_for_stop(0)
        running.say("stopping")


async def _show(opened: Service, address: str, token: str, link: str) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        answer = await client.get(_PAGE, headers={"Authorization": f"Bearer {token}"})
    typer.echo(f"\nGET {address}{_PAGE}\n{answer.status_code} {answer.reason_phrase}")
    typer.echo(json.dumps(answer.json(), indent=2))
    typer.echo(f"\nserving at {address}\nAPI reference: {address}/docs\nexport TOKEN={token}\n")
    typer.echo(f'curl -H "Authorization: Bearer $TOKEN" {address}{_PAGE}')
    where = "--database-url …" if opened.settings.database_url else f"--data-dir {opened.settings.data_dir}"
    again = f"autional console login --tenant {demo_tenant.TENANT_ID} --user demo_admin {where}"
    typer.echo(f"\nThe console, by a link that opens once, within five minutes:\n{link}\nAnother link: {again}")
    typer.echo("\nCtrl-C stops.")
