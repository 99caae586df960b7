"""The security log: refused calls, reuse of tokens, and what clients do to tokens.

One JSON line each in the log of the process, under the event `security`, with users as keyed hashes. Beyond a number
of lines per second they are counted instead, and the count is logged.
"""

import time
from collections import Counter

import structlog

_LINES_A_SECOND = 20

log = structlog.get_logger()


class SecurityLog:
    """The security log of a process."""

    def __init__(self) -> None:
        self._second = 0
        self._lines: Counter[tuple[str, str]] = Counter()

    def note(self, kind: str, tenant_id: str, **facts: object) -> None:
        """Log an event of a tenant ("" if the tenant is unknown)."""
        second = int(time.monotonic())
        if second != self._second:
            self._tell_what_was_left_out()
            self._second = second
        self._lines[kind, tenant_id] += 1
        if self._lines[kind, tenant_id] <= _LINES_A_SECOND and self._lines.total() <= 10 * _LINES_A_SECOND:
            reported = {name: value for name, value in facts.items() if value is not None}
            log.warning("security", kind=kind, tenant=tenant_id or None, **reported)

    def _tell_what_was_left_out(self) -> None:
        for (kind, tenant_id), lines in self._lines.most_common(_LINES_A_SECOND):
            if lines > _LINES_A_SECOND:
                log.warning("security", kind=kind, tenant=tenant_id or None, left_out=lines - _LINES_A_SECOND)
        self._lines.clear()


security = SecurityLog()
