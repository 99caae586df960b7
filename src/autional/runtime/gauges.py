"""What the gauges of a node show."""

import os
import time
from functools import partial
from pathlib import Path

from autional.core import meters
from autional.runtime.service import Service

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def register(opened: Service) -> None:
    """Have the gauges of this process read what this service uses."""
    database = opened.database
    for work in database.sizes:
        for place, name in enumerate(("connections", "connections_used", "calls_waiting")):
            meters.gauge(
                f"database_{name}", work, partial(lambda work, place: float(database.usage()[work][place]), work, place)
            )
    meters.gauge("database_clock_behind_seconds", "", lambda: database.clock_behind)
    meters.gauge("feed_readers", "", lambda: float(opened.feed.readers))
    meters.gauge("signing_keys_read_age_seconds", "", lambda: opened.issuer.ring_age)
    meters.gauge("resident_memory_bytes", "", _resident_bytes)
    meters.gauge("cpu_seconds", "", time.process_time)


def _resident_bytes() -> float:
    """0 where the system does not say (/proc)."""
    try:
        return float(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0.0
