"""Profile each hot operation by function, and write docs/profiles.md."""

import asyncio
import pstats
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.served import Served

from benchmarks.hot_operations import HotOperations, prepared
from benchmarks.http_load import must_have_wrk

CALLERS = 32
SECONDS = 4.0
SHOWN = 25
OPERATIONS = (
    "empty",
    "statistics",
    "introspect (RFC 7662)",
    "validate a token",
    "create, new users",
    "refresh, with rotation",
)
LIBRARY = sysconfig.get_path("purelib")
HEAD = f"""# Profiles

The last run of `make profile`: microseconds per request in each function by itself and with what it calls, under
cProfile (which slows Python more than compiled code), at {CALLERS} callers, one worker. What compiled code takes counts
for the Python function that calls it, and for `run`, the event loop.
"""


def main() -> None:
    """Prepare one database, then profile a service on it for each operation."""
    must_have_wrk()
    sections = [HEAD]
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder) / "data")
        served.autional("tenant", "create", "large", "--name", "large")
        served.start()
        on = asyncio.run(prepared(served, "large"))
        served.stop()
        for name in OPERATIONS:
            kept = Path(folder) / "profile"
            served.program = [sys.executable, "-m", "cProfile", "-o", str(kept), "-m", "autional.cli"]
            served.start()
            assert served.process is not None
            operations = HotOperations(on._replace(address=served.address, pid=served.process.pid))
            operations.by_name()[name](CALLERS, SECONDS)
            served.stop()
            sections.append(section(name, pstats.Stats(str(kept))))
    Path("docs/profiles.md").write_text("\n".join(sections))


def section(name: str, stats: pstats.Stats) -> str:
    """The functions in which an operation spends most."""
    found: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = stats.stats  # type: ignore[attr-defined]
    requests = next(calls for (_, _, function), (_, calls, *_) in found.items() if function == "_start_asgi_task")
    rows = sorted(found.items(), key=lambda row: -row[1][2])[:SHOWN]
    lines = (
        f"| {calls / requests:.2f} | {own / requests * 1e6:.1f} | {total / requests * 1e6:.1f} | `{place(where)}` |"
        for where, (_, calls, own, total, _) in rows
    )
    return table(f"## {name}", lines)


def table(title: str, lines: Iterable[str]) -> str:
    """A section with its table."""
    head = "| calls per request | own us | total us | function |\n| --- | --- | --- | --- |"
    return "\n".join([title, "", head, *lines, ""])


def place(where: tuple[str, int, str]) -> str:
    """A function by its file within the source or a library."""
    file, _, function = where
    short = file.removeprefix(f"{LIBRARY}/").rpartition("/src/")[2]
    return function if file == "~" else f"{short.rpartition('/lib/')[2]}: {function}"


if __name__ == "__main__":
    main()
