"""A receiver of events over HTTP/1.1 whose behaviour a test decides."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import h11


@dataclass
class Received:
    """A request."""

    target: str
    headers: dict[str, str]
    body: bytes
    at: float


Behaviour = Callable[[Received, asyncio.StreamWriter], Awaitable[int | None]]
"""Answers a request: with a status, or (None) in its own way."""


@dataclass
class Listener:
    """What was received, and the status that the next requests get."""

    address: str = ""
    received: list[Received] = field(default_factory=list)
    status: int = 204
    answer: bytes = b""
    behaviour: Behaviour | None = None
    connections: int = 0

    async def wait_for(self, number: int, seconds: float = 10) -> list[Received]:
        """The requests, once there are so many."""
        async with asyncio.timeout(seconds):
            while len(self.received) < number:
                await asyncio.sleep(0.005)
        return self.received

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = h11.Connection(h11.SERVER)
        with suppress(ConnectionError, h11.RemoteProtocolError, asyncio.IncompleteReadError):
            while await self._one(connection, reader, writer):
                connection.start_next_cycle()
        writer.close()

    async def _one(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        request, body = None, b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return False
        assert request is not None
        headers = {bytes(name).decode(): bytes(value).decode() for name, value in request.headers}
        now = asyncio.get_running_loop().time()
        received = Received(bytes(request.target).decode(), headers, body, now)
        self.received.append(received)
        status = await self.behaviour(received, writer) if self.behaviour else self.status
        if status is None:
            return False
        length = [("content-length", str(len(self.answer)))] if status != 204 else []
        answer = connection.send(h11.Response(status_code=status, headers=length)) or b""
        if self.answer and status != 204:
            answer += connection.send(h11.Data(data=self.answer)) or b""
        writer.write(answer + (connection.send(h11.EndOfMessage()) or b""))
        await writer.drain()
        return connection.our_state is h11.DONE


@asynccontextmanager
async def listening(host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> AsyncIterator[Listener]:
    """A receiver for the length of the block."""
    listener = Listener()
    server = await asyncio.start_server(listener.handle, host, 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    listener.address = f"{'https' if context else 'http'}://{host}:{port}"
    try:
        yield listener
    finally:
        server.close()
