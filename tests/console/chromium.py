"""A real Chromium: one that is there, or Debian's package where it may be installed."""

import os
import shutil
import subprocess
import warnings
from functools import cache

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "NO CHROMIUM: the pages of the console were not looked at in a browser (apt-get install chromium)"


@cache
def executable() -> str | None:
    """The path of Chromium; None, with a warning, if there is none and it cannot be installed."""
    found = _found()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(command, check=False, capture_output=True, timeout=300)
        found = _found()
    if found is None:
        warnings.warn(MISSING, stacklevel=1)
    return found


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
