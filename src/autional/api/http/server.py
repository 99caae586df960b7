"""The HTTP server of one process (uvicorn)."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial

import structlog
import uvicorn

from autional.api.application import AsgiApplication
from autional.api.http.connections import Connections
from autional.api.http.protocol import LimitedProtocol
from autional.core import draining, meters
from autional.core.errors import PortTakenError
from autional.core.settings import Settings

_GRACE_SECONDS = 5
_BACKLOG = 2048
_YOUNG_OBJECTS = 20_000

log = structlog.get_logger()


class ServerEndedError(Exception):
    """The HTTP server stopped by itself; the process ends with it."""


def _end_process(server: uvicorn.Server, _: "asyncio.Task[None]") -> None:
    if not server.should_exit:
        log.critical("the HTTP server ended by itself")
        signal.raise_signal(signal.SIGTERM)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `wait_for_stop`: uvicorn would raise them again before the rest could shut down."""
        yield


@asynccontextmanager
async def serving(application: AsgiApplication, listener: socket.socket, settings: Settings) -> AsyncIterator[str]:
    """Serve on a bound socket for the length of the block, which gets the base URL."""
    counted = Connections(settings)
    meters.gauge("http_connections", address_of(listener), lambda: float(counted.open))
    config = uvicorn.Config(
        application,
        http=partial(LimitedProtocol, settings=settings, counted=counted),  # type: ignore[arg-type]
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # a client could name any address in them
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():
        await asyncio.sleep(0.01)
    task.add_done_callback(partial(_end_process, server))
    try:
        yield address_of(listener)
    finally:
        ended_by_itself = task.done()
        server.should_exit = True
        await task
        if ended_by_itself:
            raise ServerEndedError("the HTTP server ended by itself")


@contextmanager
def bound_socket(host: str, port: int, chosen_by: str = "--port or --host") -> Iterator[socket.socket]:
    """A listening socket for the length of the block; port 0 takes a free one. Raises PortTakenError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:  # asyncio sets TCP_NODELAY by it
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(_BACKLOG)
        except OSError as error:
            raise PortTakenError(
                f"cannot listen on {host}:{port}: {error.strerror or error}; choose another with {chosen_by}"
            ) from None
        yield listener


def keep_out_of_garbage_collection() -> None:
    """Leave what was made at start out of collections, and let those of old objects be rare.

    Requests make no reference cycles; a full collection stops all of them for tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 50, 1_000)


def address_of(listener: socket.socket) -> str:
    """The base URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - every address is reached by this one
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def wait_for_stop(drain_seconds: float) -> signal.Signals:
    """Return the signal that ends this process: SIGINT at once, SIGTERM after draining for so many seconds.

    While it drains, readiness is refused and every connection ends with its next answer, so that clients and load
    balancers go elsewhere before the socket closes. SIGINT ends that too; a second SIGTERM does not.
    """
    received: asyncio.Queue[signal.Signals] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, received.put_nowait, number)
    first = await received.get()
    if first == signal.SIGTERM and drain_seconds:
        draining.begin()
        with suppress(TimeoutError):
            async with asyncio.timeout(drain_seconds):
                while await received.get() != signal.SIGINT:
                    pass
    return first
