"""What this process measured, for the metrics. Workers of one node leave theirs in a folder for each other.

Counting must cost next to nothing: no lock (one event loop counts), no object per request.
"""

import os
import time
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path

import msgspec

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the buckets of a histogram, in seconds; a last bucket has no bound."""
GAUGES = (
    ("database_connections", "class", "Connections to the database that a class of work may use."),
    ("database_connections_used", "class", "Those that are used."),
    ("database_calls_waiting", "class", "Calls that wait for such a connection."),
    ("database_clock_behind_seconds", "", "Until the clock of the database is where it was: no connection is used."),
    ("http_connections", "address", "Open connections of clients."),
    ("feed_readers", "", "Readers of the revocation log."),
    ("signing_keys_read_age_seconds", "", "Since the signing keys were read."),
    ("resident_memory_bytes", "", "Memory of the worker processes."),
    ("cpu_seconds", "", "Processor time that the worker processes used."),
)
"""Name, label and description of what is read whenever the metrics are."""

Route = tuple[str, str, int]
"""Method, route and status."""


class Measured(msgspec.Struct):
    """What was counted since a process started, and what its gauges show now."""

    requests: dict[Route, list[int]]
    """By route: how many took how long, by bucket."""
    seconds: dict[Route, float]
    batches: dict[str, list[int]]
    """By query: how many batches there were, and how many calls were in them."""
    gauges: dict[tuple[str, str], float]
    """By name and label."""


_own = Measured({}, {}, {}, {})
_gauges: dict[tuple[str, str], Callable[[], float]] = {}
_shared: Path | None = None


def observe(method: str, route: str, status: int, began: float) -> None:
    """Count a request that began at this time of the performance counter."""
    seconds = time.perf_counter() - began
    key = method, route, status
    buckets = _own.requests.get(key)
    if buckets is None:
        buckets = _own.requests[key] = [0] * (len(BOUNDS) + 1)
        _own.seconds[key] = 0.0
    buckets[bisect_left(BOUNDS, seconds)] += 1
    _own.seconds[key] += seconds


def count_batch(query: str, calls: int) -> None:
    """Count a batch of calls of a query."""
    counted = _own.batches.setdefault(query, [0, 0])
    counted[0] += 1
    counted[1] += calls


def gauge(name: str, label: str, read: Callable[[], float]) -> None:
    """Have a gauge read whenever the metrics are."""
    _gauges[name, label] = read


def share_in(folder: Path) -> None:
    """Leave what this process measures in a folder, where all workers of a node do."""
    global _shared  # noqa: PLW0603 - one of this process
    _shared = folder


async def publish() -> None:
    """Write what this process measured, for whichever worker is asked."""
    if _shared is not None:
        new = _shared / f"{os.getpid()}.new"
        new.write_bytes(msgspec.msgpack.encode(_read_own()))
        new.rename(_shared / f"{os.getpid()}.measured")


def measured() -> list[Measured]:
    """What each process of this node measured; what workers that have ended counted still counts."""
    if _shared is None:
        return [_read_own()]
    found = [_read_own()]
    for path in _shared.glob("*.measured"):
        if path.stem != str(os.getpid()):
            other = msgspec.msgpack.decode(path.read_bytes(), type=Measured)
            if not _is_running(int(path.stem)):
                other.gauges = {}
            found.append(other)
    return found


def _read_own() -> Measured:
    _own.gauges = {key: read() for key, read in _gauges.items()}
    return _own


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True
