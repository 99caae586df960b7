"""autional serve: run the service."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated

import httpx
import typer

from autional.api.application import application
from autional.api.http import server
from autional.api.operations import MONITORING, OPERATIONS
from autional.cli import running
from autional.cli.running import DatabaseUrl, DataDir
from autional.console.application import console
from autional.core import background, draining, logging, meters
from autional.events.deliverer import delivering
from autional.risk import user_agent_process, user_agents
from autional.runtime import gauges, maintenance
from autional.runtime.service import Service

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")]

_WATCH = 0.5
_DELIVER_EVERY = 0.02
_SHARE_EVERY = 1.0


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Number of worker processes.")] = 1,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Run the service until Ctrl-C, or until SIGTERM, after which it drains."""
    logging.configure()

    with running.errors_reported(), server.bound_socket(host, port) as listener:

        async def work(opened: Service) -> None:
            if workers == 1:
                stopped = asyncio.create_task(server.wait_for_stop(opened.settings.drain_seconds))
                async with serving_with_tasks(opened, listener) as address:
                    running.say(f"serving at {address}")
                    await stopped
            else:
                await _supervise(opened, listener, workers, data_dir, database_url)
            running.say("stopping")

        address = server.address_of(listener)
        running.run(work, data_dir, database_url, running.say, address=address, makes_database=True)


def run_worker(
    supervisor: Annotated[int, typer.Argument(help="Process id of that command.")],
    descriptor: Annotated[int, typer.Argument(help="File descriptor of the listening socket.")],
    user_agent_socket: Annotated[str, typer.Argument(help="Socket of the process that parses user agents.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Serve on a socket of `autional serve --workers`, as long as that runs."""
    logging.configure()

    async def work(opened: Service) -> None:
        listener = socket.socket(fileno=descriptor)
        meters.share_in(Path(user_agent_socket).parent)
        gauges.register(opened)
        stopped = asyncio.create_task(server.wait_for_stop(opened.settings.drain_seconds))
        async with (
            user_agents.parsed_by(user_agent_socket),
            background.running_tasks({"sharing of metrics": (_SHARE_EVERY, meters.publish)}),
            server.serving(application(opened, OPERATIONS, console(opened, OPERATIONS)), listener, opened.settings),
        ):
            server.keep_out_of_garbage_collection()
            while not stopped.done() and os.getppid() == supervisor:
                await asyncio.wait([stopped], timeout=_WATCH)
            stopped.cancel()

    running.run(work, data_dir, database_url)


@asynccontextmanager
async def serving_with_tasks(opened: Service, listener: socket.socket) -> AsyncIterator[str]:
    """Serve and run the background tasks for the length of the block, which gets the base URL."""
    async with (
        server.serving(
            application(opened, OPERATIONS, console(opened, OPERATIONS)), listener, opened.settings
        ) as address,
        _with_background_tasks(opened),
    ):
        server.keep_out_of_garbage_collection()
        yield address


@asynccontextmanager
async def _with_background_tasks(opened: Service) -> AsyncIterator[str]:
    """Run the tasks of a node; the block gets the socket of the process that parses user agents."""
    hot = opened.database.share("hot", None)
    gauges.register(opened)
    async with (
        _monitoring(opened),
        user_agent_process.running() as path,
        user_agents.parsed_by(path),
        delivering(
            hot, opened.issuer, opened.settings.receivers, opened.receiver_key, on_citus=opened.database.on_citus
        ) as deliverer,
        background.running_tasks(
            maintenance.background_tasks(opened) | {"sending of deliveries": (_DELIVER_EVERY, deliverer.work)}
        ),
    ):
        yield path


@asynccontextmanager
async def _monitoring(opened: Service) -> AsyncIterator[None]:
    """Answer at the address of the metrics, if a setting names one."""
    if opened.settings.monitoring is None:
        yield
        return
    with server.bound_socket(*opened.settings.monitoring, "AUTIONAL_METRICS_ADDRESS") as listener:
        async with server.serving(application(opened, MONITORING), listener, opened.settings) as address:
            running.say(f"metrics at {address}/metrics")
            yield


async def _supervise(
    opened: Service, listener: socket.socket, workers: int, data_dir: str | None, database_url: str | None
) -> None:
    """Keep that many worker processes on one socket; a process that ends is replaced."""
    options = [
        *(["--data-dir", data_dir] if data_dir else []),
        *(["--database-url", database_url] if database_url else []),
    ]
    descriptor = listener.fileno()
    stopped = asyncio.create_task(server.wait_for_stop(0))  # its workers drain
    children: list[subprocess.Popen[bytes]] = []
    async with _with_background_tasks(opened) as user_agent_socket:
        meters.share_in(Path(user_agent_socket).parent)
        worker = ["answer", str(os.getpid()), str(descriptor), user_agent_socket]
        command = [sys.executable, "-m", "autional.cli", *worker, *options]
        address = server.address_of(listener)
        said = asyncio.create_task(_say_when_it_answers(address, f"serving at {address} with {workers} workers"))
        while not stopped.done():
            children = [child for child in children if child.poll() is None]
            children += [
                subprocess.Popen(command, pass_fds=[descriptor], start_new_session=True)
                for _ in range(workers - len(children))
            ]
            await asyncio.wait([stopped], timeout=_WATCH)
        said.cancel()
        await _stop(children, stopped.result())


async def _stop(children: list[subprocess.Popen[bytes]], how: signal.Signals) -> None:
    """Have the workers drain or stop; SIGINT ends their draining too."""
    if how == signal.SIGTERM:
        draining.begin()
    for child in children:
        child.send_signal(how)
    again = asyncio.create_task(server.wait_for_stop(0))
    while any(child.poll() is None for child in children):
        await asyncio.wait([again], timeout=_WATCH)
        if again.done():
            for child in children:
                child.send_signal(again.result())
            again = asyncio.create_task(server.wait_for_stop(0))
    again.cancel()


async def _say_when_it_answers(address: str, words: str) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        with suppress(httpx.HTTPError):
            await client.get("/healthz", timeout=None)
            running.say(words)
