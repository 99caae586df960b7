"""Load by wrk, and what it costs: requests a second, milliseconds, and microseconds of CPU per answer."""

import json
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

END_OF_HEAD = b"\r\n\r\n"
_SCRIPT = Path(__file__).with_name("requests.lua")
_TICKS = os.sysconf("SC_CLK_TCK")


class Load(NamedTuple):
    """What so many callers saw, and microseconds of CPU per answer: of the service, and of PostgreSQL."""

    callers: int
    rate: float
    median_ms: float
    p99_ms: float
    service_us: float
    postgres_us: float


def request(
    method: str, path: str, headers: dict[str, str], body: bytes = b"", media_type: str = "application/json"
) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + END_OF_HEAD + body


def must_have_wrk() -> None:
    """Exit with a sentence where wrk is missing: a generator in Python would take the cores that it measures."""
    if shutil.which("wrk") is None:
        raise SystemExit("the benchmarks need wrk, a load generator: apt install wrk, or brew install wrk")


def load(
    address: str, requests: Iterable[bytes], callers: int, seconds: float, pids: Iterable[int], *, once: bool = False
) -> Load:
    """Send the requests in turn (`once`: none of them twice) from so many callers, each after the last answer.

    CPU is that of the processes `pids` and their descendants. Raises RuntimeError if any answer is an error.
    """
    with tempfile.NamedTemporaryFile() as file:
        for one in requests:
            file.write(b"%d\n%b" % (len(one), one))
        file.flush()
        environment = os.environ | {"REQUESTS": file.name} | ({"ONCE": "1"} if once else {})
        command = ["wrk", "-t1", f"-c{callers}", f"-d{seconds:g}s", "--timeout", "60s", "-s", str(_SCRIPT), address]
        before = cpu_ticks(pids)
        printed = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
        spent = cpu_ticks(pids) - before
    found = json.loads(printed.splitlines()[-1])
    if found["failed"] or not found["answers"]:
        raise RuntimeError(f"{found['failed']} of {found['answers']} answers are errors: {printed}")
    each = 1e6 / _TICKS / found["answers"]
    rate = found["answers"] / found["seconds"]
    if once:  # wrk waits for the end of its time although all was sent; a caller always had one request under way
        rate = max(rate, callers / found["mean_ms"] * 1e3)
    return Load(
        callers,
        rate,
        found["median_ms"],
        found["p99_ms"],
        spent["service"] * each,
        spent["postgres"] * each,
    )


def cpu_ticks(pids: Iterable[int]) -> Counter[str]:
    """CPU that the processes and their descendants have used, apart for `postgres` and all else (`service`)."""
    parents, used, names = {}, {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue  # it ended
        fields = rest.split()
        pid = int(stat.parent.name)
        parents[pid], used[pid], names[pid] = int(fields[1]), int(fields[11]) + int(fields[12]), name
    total: Counter[str] = Counter(service=0, postgres=0)
    wanted = set(pids)
    for pid, name in names.items():
        if _descends(pid, wanted, parents):
            total["postgres" if name == "postgres" else "service"] += used[pid]
    return total


def _descends(pid: int, ancestors: set[int], parents: dict[int, int]) -> bool:
    while pid not in ancestors and pid in parents:
        pid = parents[pid]
    return pid in ancestors
