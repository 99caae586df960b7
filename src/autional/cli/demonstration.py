"""autional demo"""

import asyncio
import json
import socket
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

import httpx
import typer

from autional import demo as demo_tenant
from autional import server, stats, telemetry, tenants, tokens
from autional.cli import loading, running
from autional.cli.running import DatabaseUrl, DataDir
from autional.cli.serving import Host, Port, answering
from autional.problems import Problem
from autional.service import Service

_PAGE = "/admin/sessions/stats"
_TOKEN_LIFE = timedelta(hours=12)


def demo(
    sessions: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many sessions the tenant has.")] = 50_000,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Fill a demo tenant, serve, and show the first real answer of the statistics; Ctrl-C stops."""
    telemetry.configure()

    async def work(opened: Service) -> None:
        with server.bound(host, port) as listener:
            await _fill(opened, sessions)
            await _present(opened, listener, sessions)

    running.run(work, data_dir, database_url, running.say)


async def _fill(opened: Service, wanted: int) -> None:
    """Bring the demo tenant to this many sessions; a second run finds them there."""
    with suppress(Problem):
        await tenants.create_tenant(opened.database, demo_tenant.TENANT_ID, "Demo", None, key=opened.tenant_key)
    there = await stats.read(opened.database, demo_tenant.TENANT_ID, None)
    if there.total < wanted:
        await loading.load(opened, demo_tenant.TENANT_ID, wanted - there.total)


async def _present(opened: Service, listener: socket.socket, users: int) -> None:
    async with answering(opened, listener) as address:
        token = await tokens.mint_operator_token(
            opened.database,
            opened.issuer,
            tenant_id=demo_tenant.TENANT_ID,
            user_id="demo_admin",
            role="admin",
            life=_TOKEN_LIFE,
            now=None,
        )
        await _show(address, token)
        living = asyncio.create_task(demo_tenant.live(opened, users))
        await server.until_stopped()
        running.say("stopping")
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


async def _show(address: str, token: str) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        answer = await client.get(_PAGE, headers={"Authorization": f"Bearer {token}"})
    typer.echo(f"\nGET {address}{_PAGE}\n{answer.status_code} {answer.reason_phrase}")
    typer.echo(json.dumps(answer.json(), indent=2))
    typer.echo(f"\nserving at {address}\nthe API for people: {address}/docs\n\nexport TOKEN={token}\n")
    typer.echo(f'curl -H "Authorization: Bearer $TOKEN" {address}{_PAGE}\nCtrl-C stops.')
