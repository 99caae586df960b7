"""A process that parses user agent strings: a new one takes milliseconds and a hundred megabytes of rules.

It listens on a Unix socket, so that the workers of a node share it. Each line is a request or its answer, in JSON.
"""

import asyncio
import os
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import structlog

from autional.risk.device import Device, Hints, parsed

_LONGEST_LINE = 64 * 1024
_STOP_SECONDS = 5.0
_RESTART_SECONDS = 1.0

log = structlog.get_logger()


class _Question(msgspec.Struct, array_like=True):
    text: str
    hints: Hints


async def serve(path: str) -> None:
    """Answer on a socket until the parent is gone."""
    parsed("warm up", ())
    parent = os.getppid()
    async with await asyncio.start_unix_server(_answer_lines, path, limit=_LONGEST_LINE):
        while os.getppid() == parent:
            await asyncio.sleep(_RESTART_SECONDS)


async def _answer_lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while line := await reader.readline():
            question = msgspec.json.decode(line, type=_Question)
            writer.write(msgspec.json.encode(parsed(question.text, question.hints)) + b"\n")
            await writer.drain()
    writer.close()


@asynccontextmanager
async def running() -> AsyncIterator[str]:
    """Run the process for the length of the block, which gets the path of its socket; it starts again if it ends."""
    with tempfile.TemporaryDirectory(prefix="autional-") as folder:
        path = str(Path(folder) / "user-agents")
        keeping = asyncio.create_task(_keep_running(path))
        try:
            yield path
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


async def _keep_running(path: str) -> None:
    while True:
        try:
            await _run(path)
        except OSError:
            log.exception("the process that parses user agents does not start")
        await asyncio.sleep(_RESTART_SECONDS)


async def _run(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - of the one before
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, path, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        code = await process.wait()
        log.error("the process that parses user agents ended and will start again", code=code)
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)


class Parser:
    """A connection to the process, opened when it is needed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: deque[asyncio.Future[Device]] = deque()

    async def parse(self, text: str, hints: Hints) -> Device:
        """What a user agent string and client hints say. Raises OSError when the process is not there."""
        if self._writer is None:
            reader, self._writer = await asyncio.open_unix_connection(self._path, limit=_LONGEST_LINE)
            self._reading = asyncio.create_task(self._read_answers(reader))
        answer: asyncio.Future[Device] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._writer.write(msgspec.json.encode(_Question(text, hints)) + b"\n")
        return await answer

    async def _read_answers(self, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while line := await reader.readline():
                answer = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(msgspec.json.decode(line, type=Device))
        self._lost()

    def _lost(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = self._reading = None
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(ConnectionResetError("the process that parses user agents is gone"))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1]))
