"""A small HTTP client that costs little, so that the server is what is measured."""

import asyncio
import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import NamedTuple
from urllib.parse import urlsplit

END_OF_HEAD = b"\r\n\r\n"


class Load(NamedTuple):
    """What so many callers saw: requests a second, and milliseconds."""

    callers: int
    rate: float
    median_ms: float
    p99_ms: float


def request(
    method: str, path: str, headers: dict[str, str], body: bytes = b"", media_type: str = "application/json"
) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + END_OF_HEAD + body


async def load(
    address: str, next_request: Callable[[], bytes], callers: int, seconds: float, status: int = 200
) -> Load:
    """Send requests from so many callers, each after the answer to its last one; every answer must have `status`."""
    times: list[float] = []
    host, port = urlsplit(address).hostname, urlsplit(address).port
    stop_at = time.perf_counter() + seconds

    async def caller() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        while (begun := time.perf_counter()) < stop_at:
            writer.write(next_request())
            head = await reader.readuntil(END_OF_HEAD)
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            if length:
                await reader.readexactly(int(length))
            assert head.startswith(b"HTTP/1.1 %d" % status), head
            times.append(time.perf_counter() - begun)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    elapsed = time.perf_counter() - begun
    return Load(callers, len(times) / elapsed, median(times) * 1e3, quantiles(times, n=100)[98] * 1e3)
