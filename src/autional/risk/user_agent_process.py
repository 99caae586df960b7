"""A process that parses user agent strings: a new one takes milliseconds and a hundred megabytes of rules.

It listens on a Unix socket, so that the workers of a node share it. Each line is a question or its answer, in JSON.
"""

import asyncio
import os
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import structlog

from autional.risk.device import Device, Hints, parsed

WARM_UP: tuple[tuple[str, Hints], ...] = (
    ("curl/8.0", ()),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36", ()),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1", ()),
    (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/124.0.0.0 Mobile Safari/537.36",
        (("Sec-CH-UA-Model", '"Pixel 8"'), ("Sec-CH-UA-Platform", '"Android"')),
    ),
)
"""Strings by which most of the rules are loaded."""
_LONGEST_LINE = 64 * 1024
_LONGEST_PARSE = 5
_WATCH_PARENT = 1.0
_STOP_SECONDS = 5.0
_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
_PATIENT = 10
"""The priority of the thread that loads the rules (nice)."""

log = structlog.get_logger()


class _Question(msgspec.Struct, array_like=True):
    text: str
    hints: Hints


async def serve(path: str, parent: int) -> None:
    """Answer on a socket until the parent is gone."""
    await asyncio.to_thread(_warm_up)
    async with await asyncio.start_unix_server(_answer_lines, path, limit=_LONGEST_LINE):
        while os.getppid() == parent:
            await asyncio.sleep(_WATCH_PARENT)


def _warm_up() -> None:
    """Load most of the rules, which takes seconds of a processor: after everybody else, who is starting too."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PATIENT)
    for text, hints in WARM_UP:
        parsed(text, hints)


async def _answer_lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while line := await reader.readline():
            question = msgspec.json.decode(line, type=_Question)
            signal.alarm(_LONGEST_PARSE)  # ends a process that hangs; the next one starts
            device = parsed(question.text, question.hints)
            signal.alarm(0)
            writer.write(msgspec.json.encode(device) + b"\n")
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
    """Start the process again whenever it ends; the pause doubles while it does not live longer than that."""
    pause = _PAUSE
    while True:
        started = time.monotonic()
        try:
            code = await _run(path)
            log.error("the process that parses user agents ended and will start again", code=code)
        except Exception:
            log.exception("the process that parses user agents does not start")
        pause = _PAUSE if time.monotonic() - started > _LONGEST_PAUSE else min(2 * pause, _LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _run(path: str) -> int:
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - of the one before
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, path, str(os.getpid())),
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the service
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _STOP_SECONDS)
            except TimeoutError:
                process.kill()


class Parser:
    """A client of the process, which connects when it is needed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._connecting = asyncio.Lock()
        self._connection: _Connection | None = None

    async def parse(self, text: str, hints: Hints) -> Device:
        """What a user agent string and client hints say. Raises OSError when the process is not there."""
        async with self._connecting:
            if self._connection is None or self._connection.is_lost:
                streams = await asyncio.open_unix_connection(self._path, limit=_LONGEST_LINE)
                self._connection = _Connection(*streams)
        return await self._connection.ask(_Question(text, hints))

    def close(self) -> None:
        """Close the connection; who waits for an answer gets ConnectionResetError."""
        if self._connection is not None:
            self._connection.close()


class _Connection:
    """One connection, with the questions that wait for their answers, in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.is_lost = False
        self._writer = writer
        self._waiting: deque[asyncio.Future[Device]] = deque()
        self._reading = asyncio.create_task(self._read_answers(reader))

    async def ask(self, question: _Question) -> Device:
        line = msgspec.json.encode(question) + b"\n"
        answer: asyncio.Future[Device] = asyncio.get_running_loop().create_future()
        if self.is_lost:
            raise ConnectionResetError
        self._waiting.append(answer)
        self._writer.write(line)
        return await answer

    def close(self) -> None:
        self._reading.cancel()

    async def _read_answers(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                answer = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(msgspec.json.decode(line, type=Device))
        except OSError:
            pass
        finally:
            self.is_lost = True
            self._writer.close()
            for answer in self._waiting:
                if not answer.done():
                    answer.set_exception(ConnectionResetError("the process that parses user agents is gone"))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
