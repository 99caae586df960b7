"""autional serve"""

from typing import Annotated

import typer

from autional import server, telemetry
from autional.api.application import application
from autional.api.operations import OPERATIONS
from autional.cli import running
from autional.cli.running import DatabaseUrl, DataDir
from autional.service import Service

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")]


def serve(
    host: Host = "127.0.0.1", port: Port = 8080, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Serve until Ctrl-C."""
    telemetry.configure()

    async def work(opened: Service) -> None:
        async with server.listening(application(opened, OPERATIONS), host, port) as address:
            running.say(f"serving at {address}")
            await server.until_stopped()
        running.say("stopping")

    running.run(work, data_dir, database_url, running.say)
