"""A proxy between client and service that cuts connections at chosen places."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit

Cut = Literal["none", "before", "unanswered", "torn"]
"""Nothing; before the service hears of it; when it has answered; in the middle of its answer."""


class Cutter:
    """Lets one request a connection through, and cuts it as the next one of `cuts` says."""

    def __init__(self, target: str, cuts: Iterator[Cut]) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._cuts = cuts
        self.cut = 0
        self.address = ""
        self.is_down = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                request = await self._request(reader)
                cut = next(self._cuts, "none")
                if cut != "none":
                    self.cut += 1
                if cut == "before" or self.is_down:
                    break
                answer = await self._answer(request)
                if cut == "unanswered":
                    break
                writer.write(answer[: len(answer) // 2] if cut == "torn" else answer)
                await writer.drain()
                if cut == "torn":
                    break
        writer.transport.abort()

    @staticmethod
    async def _request(reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return head + (await reader.readexactly(int(sizes[0].partition(b":")[2])) if sizes else b"")

    async def _answer(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self._target)
        writer.write(request)
        answer = await self._request(reader)
        writer.close()
        return answer


@asynccontextmanager
async def cutting(target: str, cuts: Iterator[Cut]) -> AsyncIterator[Cutter]:
    """A proxy for the length of the block."""
    cutter = Cutter(target, cuts)
    server = await asyncio.start_server(cutter.serve, "127.0.0.1", 0)
    cutter.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield cutter
