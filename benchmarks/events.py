"""How soon everybody hears of what is revoked, and what a thousand listeners cost (`make bench-events`)."""

import asyncio
import json
import os
import resource
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvloop
from tests.events.listener import Listener, listening
from tests.served import Served

from benchmarks.report import write_section

SECONDS = int(os.environ.get("EVENT_SECONDS", "20"))
PER_SECOND = int(os.environ.get("EVENTS_PER_SECOND", "500"))
LISTENERS = int(os.environ.get("LISTENERS", "1000"))
_WRITERS = 16
_FEED = "/internal/session/revocations"


@dataclass
class Heard:
    """What a reader of the feed has heard."""

    lags: list[float] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)


async def main() -> None:
    """Revoke at a steady rate, with and without a thousand listeners."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
    os.environ["AUTIONAL_RECEIVER_NETWORKS"] = "127.0.0.0/8"
    os.environ["AUTIONAL_CONNECTIONS_PER_ADDRESS"] = "4096"
    with tempfile.TemporaryDirectory() as folder:
        async with listening() as receiver:
            async with asyncio.timeout(600):
                lines = await _measure(Path(folder) / "data", receiver)
    today = datetime.now(UTC)
    said = (
        f"`make bench-events`, {today:%Y-%m-%d}: {PER_SECOND} revocations a second for {SECONDS} s, one node;"
        " clients, receiver, service and PostgreSQL on 2 cores."
    )
    write_section("events", ["", said, "", *lines, ""])


async def _measure(data: Path, receiver: Listener) -> list[str]:
    with Served.with_tenant(data) as served:
        assert served.process is not None
        key = served.autional("apikey", "create", "--name", "bench", "--tenant", "acme", "--role", "admin")
        async with httpx.AsyncClient(
            base_url=served.address, headers={"X-API-Key": key}, trust_env=False, timeout=60
        ) as client:
            body = {"protocol": "webhook", "url": f"{receiver.address}/hook"}
            (await client.post("/admin/receivers", json=body)).raise_for_status()
            lines = ["| listeners | channel | p50 ms | p99 ms | worst ms |", "| --- | --- | --- | --- | --- |"]
            before = _resident_mb(served.process.pid)
            alone = await _round(client, served.address, key)
            lines += _rows(1, alone, await _lags(client))
            crowd = await _crowd(served.address, key, LISTENERS)
            await asyncio.sleep(2)
            grown = _resident_mb(served.process.pid) - before
            many = await _round(client, served.address, key)
            lines += _rows(LISTENERS + 1, many, await _lags(client))
            for writer in crowd:
                writer.close()
        lines += ["", f"Events heard without gap or repeat: {len(alone.positions):,} and {len(many.positions):,}."]
        lines.append(f"Memory of the node with {LISTENERS:,} listeners: {grown:+.0f} MB (goal: 100).")
        return lines


async def _round(client: httpx.AsyncClient, address: str, key: str) -> Heard:
    """Begin sessions, then revoke them at the rate, while one reader notes how old each event is when it arrives."""
    wanted = PER_SECOND * SECONDS
    ids: list[str] = []

    async def begin() -> None:
        while len(ids) < wanted:
            made = await client.post("/internal/session/create", json={"auth_user_id": f"u{len(ids) % 5000}"})
            ids.append(made.json()["data"]["session"]["id"])

    await asyncio.gather(*(begin() for _ in range(_WRITERS)))
    heard = Heard()
    reading = asyncio.create_task(_read(address, key, heard))
    await asyncio.sleep(1)
    begun = time.monotonic()
    turns = iter(enumerate(ids[:wanted]))

    async def end() -> None:
        for number, one in turns:
            await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
            (await client.delete(f"/internal/session/session/{one}")).raise_for_status()

    await asyncio.gather(*(end() for _ in range(_WRITERS)))
    while len(heard.positions) < wanted:
        await asyncio.sleep(0.1)
    reading.cancel()
    first = heard.positions[0]
    assert heard.positions == list(range(first, first + wanted))
    return heard


async def _read(address: str, key: str, heard: Heard) -> None:
    headers = {"X-API-Key": key, "Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=None) as client,
        client.stream("GET", _FEED) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data: ") and '"type"' in line:
                told: dict[str, Any] = json.loads(line.removeprefix("data: "))
                heard.lags.append(time.time() - datetime.fromisoformat(told["at"]).timestamp())
                heard.positions.append(told["position"])


async def _crowd(address: str, key: str, number: int) -> list[asyncio.StreamWriter]:
    """So many readers of the feed, which read and forget."""
    host, _, port = address.removeprefix("http://").partition(":")
    head = f"GET {_FEED} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nX-API-Key: {key}\r\n\r\n".encode()
    writers = []
    for _ in range(number):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head)
        asyncio.create_task(_forget(reader))  # noqa: RUF006 - ends with its connection
        writers.append(writer)
    return writers


async def _forget(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


async def _lags(client: httpx.AsyncClient) -> dict[str, Any]:
    await asyncio.sleep(3)
    found: dict[str, Any] = (await client.get("/admin/revocations/lag")).json()
    return found


def _rows(listeners: int, heard: Heard, lags: dict[str, Any]) -> list[str]:
    ordered = sorted(heard.lags)
    p50, p99, worst = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99, 0.999999))
    push = next(one for one in lags["channels"] if one["channel"] == "webhook")
    cells = {
        "feed, as its reader saw it (goal: p99 100)": (p50, p99, worst),
        "webhook, the last 1,000 (goal: p99 500)": (push["p50_ms"], push["p99_ms"], push["worst_ms"]),
    }
    return [
        f"| {listeners:,} | {name} | " + " | ".join(f"{ms:.0f}" for ms in row) + " |" for name, row in cells.items()
    ]


def _resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    uvloop.run(main())
