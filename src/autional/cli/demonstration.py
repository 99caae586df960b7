"""autional demo"""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import Progress

from autional import demo as demo_tenant
from autional import server, service, stats, telemetry, tenants, tokens
from autional.api.application import application
from autional.api.operations import OPERATIONS
from autional.cli import running
from autional.cli.running import DatabaseUrl, DataDir
from autional.cli.serving import Host, Port
from autional.problems import Problem
from autional.service import Service

_PAGE = "/admin/sessions/stats"
_TOKEN_LIFE = timedelta(hours=12)


def demo(
    sessions: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many sessions the demo tenant has.")] = 6000,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Fill a demo tenant, serve, and show the first real answer of the statistics; Ctrl-C stops."""
    telemetry.configure()

    async def work(opened: Service) -> None:
        await _fill(opened, sessions)
        async with server.listening(application(opened, OPERATIONS), host, port) as address:
            token = await tokens.mint_operator_token(
                opened.database,
                opened.issuer,
                tenant_id=demo_tenant.TENANT_ID,
                user_id="demo_admin",
                role="admin",
                life=_TOKEN_LIFE,
                now=service.now(),
            )
            await _show(address, token)
            await server.until_stopped()
        running.say("stopping")

    running.run(work, data_dir, database_url, running.say)


async def _fill(opened: Service, wanted: int) -> None:
    """Bring the demo tenant to this many sessions; a second run finds them there."""
    with suppress(Problem):
        await tenants.create_tenant(opened.database, demo_tenant.TENANT_ID, "Demo", service.now())
    now = service.now()
    missing = wanted - (await stats.read(opened.database, demo_tenant.TENANT_ID, now)).total
    if missing <= 0:
        return
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("signing people in", total=missing)
        await demo_tenant.fill(opened.database, opened.issuer, missing, now, lambda: progress.advance(bar))


async def _show(address: str, token: str) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        answer = await client.get(_PAGE, headers={"Authorization": f"Bearer {token}"})
    typer.echo(f"\nGET {address}{_PAGE}\n{answer.status_code} {answer.reason_phrase}")
    typer.echo(json.dumps(answer.json(), indent=2))
    typer.echo(f"\nserving at  {address}\ntoken       {token}\n")
    typer.echo(f'Try:  curl -H "Authorization: Bearer $TOKEN" {address}{_PAGE}\nCtrl-C stops.')
