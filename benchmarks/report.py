"""docs/benchmarks.md and docs/scaling.md: each benchmark replaces its own section and leaves the rest as it is."""

import re
from collections.abc import Sequence
from pathlib import Path

REPORT = Path("docs/benchmarks.md")


def write_section(name: str, lines: Sequence[str], report: Path = REPORT) -> None:
    """Replace a section, which stands between two comments with its name, and print it."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = "\n".join([begin, *lines, end])
    text = report.read_text()
    replaced, times = re.subn(rf"{begin}.*?{end}", lambda _: section, text, flags=re.DOTALL)
    report.write_text(replaced if times else f"{text}\n{section}\n")
    print("\n".join(lines))
