"""`autional …` on a node whose clock is off by SHIFT_SECONDS."""

import os
from datetime import UTC, datetime, timedelta

from autional import cli
from autional.core import clock

SHIFT = timedelta(seconds=float(os.environ["SHIFT_SECONDS"]))


def shifted() -> datetime:
    return datetime.now(UTC) + SHIFT


clock.now = shifted
cli.main()
