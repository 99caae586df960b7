"""Run a program as a child process that ends with its parent and does not run as root.

Executed as a script by server.py: ``python child_process.py PARENT_PID PROGRAM ARGUMENT…``. It imports nothing of the
package, so that it starts in milliseconds, and is replaced by the program, which keeps its process id.

PostgreSQL refuses an effective user id of 0. Root enters a user namespace (user_namespaces(7)) in which it is an
ordinary user: outside, its files still belong to root, no user is created and no permission is changed.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_ORDINARY = 1000


def _leave_root(libc: ctypes.CDLL) -> None:
    if libc.unshare(_CLONE_NEWUSER) != 0:
        sys.exit(f"user namespaces are forbidden here ({os.strerror(ctypes.get_errno())})")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_ORDINARY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{_ORDINARY} 0 1")


def main(parent: int, program: list[str]) -> None:
    """Become `program`, which gets a fast shutdown (SIGINT) when the process `parent` is gone."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if os.geteuid() == 0:
            _leave_root(libc)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent:
        sys.exit("the parent has gone")
    os.execv(program[0], program)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
