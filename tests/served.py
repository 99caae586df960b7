"""The real service as a process of its own, for tests that look at it from outside or kill it."""

import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

from autional.api.http import server

BIN = Path(sys.executable).parent
AUTIONAL = str(BIN / "autional")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with server.bound_socket("127.0.0.1", 0) as free:
        return int(free.getsockname()[1])


def run(*arguments: str, timeout: int = 60, environment: dict[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed; it must succeed."""
    done = subprocess.run(
        arguments, capture_output=True, text=True, timeout=timeout, check=False, env=os.environ | (environment or {})
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout.strip()


@cache
def _prepared() -> Path:
    """A data directory with the tenant acme, made once and then copied: to make one takes seconds of a processor."""
    folder = Path(tempfile.mkdtemp(prefix="autional-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    run(AUTIONAL, "tenant", "create", "acme", "--name", "Acme", "--data-dir", str(folder / "data"))
    return folder / "data"


class Served:
    """`autional serve` over a data directory or another database, on a free port of this machine."""

    def __init__(self, data_dir: Path, *options: str, database_url: str | None = None) -> None:
        self.data_dir = data_dir
        self._where = ["--database-url", database_url] if database_url else ["--data-dir", str(data_dir)]
        self.program: list[str] = [AUTIONAL]
        self._options = options
        self.address = ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def database_url(self) -> str:
        """Where its embedded PostgreSQL listens."""
        return f"postgresql://autional@/postgres?host={quote(str(self.data_dir / 'socket'), safe='')}"

    def autional(self, *arguments: str, timeout: int = 60) -> str:
        """Run a command over the same data directory."""
        return run(AUTIONAL, *arguments, *self._where, timeout=timeout)

    def make_tenant(self) -> None:
        """Have the tenant acme in a data directory with nothing in it."""
        shutil.copytree(_prepared(), self.data_dir, symlinks=True, dirs_exist_ok=True)
        self.data_dir.chmod(0o700)

    def start(self) -> None:
        """Return when it serves."""
        command = [*self.program, "serve", "--port", "0", *self._where, *self._options]
        log = (self.data_dir / "service.log").open("a+")
        with log:
            begin = log.tell()
            self.process = subprocess.Popen(command, stderr=log)
            while True:
                log.seek(begin)
                found = re.search(r"serving at (http://\S+)", log.read())
                if found:
                    self.address = found[1]
                    return
                assert self.process.poll() is None, "the service did not start"

    @classmethod
    @contextmanager
    def with_tenant(cls, data_dir: Path, *options: str) -> Iterator["Served"]:
        """A service with the tenant acme for the length of the block; it ends in order and leaves no PostgreSQL."""
        service = cls(data_dir, *options)
        service.make_tenant()
        service.start()
        try:
            yield service
        finally:
            code = service.stop()
        assert code == 0
        assert not (data_dir / "postgresql" / "postmaster.pid").exists()

    def kill(self) -> None:
        """kill -9 the service."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def kill_postgres(self) -> None:
        """kill -9 the embedded PostgreSQL."""
        pid = int((self.data_dir / "postgresql" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        assert self.process
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)
