"""A proxy between client and service that cuts connections at chosen places."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit

Cut = Literal["none", "before", "unanswered", "torn"]
"""Nothing; before the service hears of it; when it has answered; in the middle of its answer."""


class Cutter:
    """Passes requests on, and cuts each as the next one of `cuts` says. Streams are passed on as they come."""

    def __init__(self, target: str, cuts: Iterator[Cut]) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._cuts = cuts
        self._open: set[asyncio.Task[None] | None] = set()
        self.cut = 0
        self.requests: list[str] = []
        self.address = ""
        self.is_down = False
        self.hides: str | None = None
        """Requests whose path begins so are cut."""

    def abort(self) -> None:
        """Cut every connection that is open."""
        for task in list(self._open):
            if task is not None:
                task.cancel()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        self._open.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._pass_on(await _message(reader), writer):
                pass
        self._open.discard(task)
        writer.transport.abort()

    async def _pass_on(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Pass a request and its answer on; returns whether the connection stays."""
        self.requests.append(request.partition(b" HTTP/")[0].decode())
        hidden = self.hides is not None and self.requests[-1].partition(" ")[2].startswith(self.hides)
        if self.is_down or hidden:
            return False
        if b"text/event-stream" in request:
            await self._stream(request, writer)
            return False
        cut = next(self._cuts, "none")
        self.cut += cut != "none"
        if cut == "before":
            return False
        reader, service = await asyncio.open_connection(*self._target)
        service.write(request)
        answer = await _message(reader)
        service.close()
        if cut != "unanswered":
            writer.write(answer[: len(answer) // 2] if cut == "torn" else answer)
            await writer.drain()
        return cut == "none"

    async def _stream(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        reader, service = await asyncio.open_connection(*self._target)
        service.write(request)
        try:
            while not writer.transport.is_closing() and (piece := await reader.read(65_536)):
                writer.write(piece)
        finally:
            service.transport.abort()


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + (await reader.readexactly(int(sizes[0].partition(b":")[2])) if sizes else b"")


@asynccontextmanager
async def cutting(target: str, cuts: Iterator[Cut]) -> AsyncIterator[Cutter]:
    """A proxy for the length of the block."""
    cutter = Cutter(target, cuts)
    server = await asyncio.start_server(cutter.serve, "127.0.0.1", 0)
    cutter.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield cutter
    finally:
        server.close()
        cutter.abort()
        await asyncio.sleep(0)
