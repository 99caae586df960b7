"""A Patroni pair with etcd: machines in a network of their own (Linux namespaces), to be killed and cut off."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from autional.postgres.embedded.server import binaries

NETWORK = "10.177.51"
SUPERUSER, REPLICATION, OWNER, SERVICE = "postgres", "replicator", "owner", "autional_service"
TTL = 20  # the least that Patroni allows
PATRONI = os.environ.get("PATRONI") or shutil.which("patroni")
_BRIDGE = "autional"


def missing() -> str | None:
    """Why no pair can be run here."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    lacking = [name for name, path in (("Patroni", PATRONI), ("etcd", shutil.which("etcd"))) if path is None]
    lacking += [name for name in ("ip", "unshare") if shutil.which(name) is None]
    return f"no {', '.join(lacking)} here: see `make failover`" if lacking else None


def until(what: Callable[[], bool], seconds: float) -> float:
    """Wait for something; returns for how many seconds."""
    began = time.monotonic()
    while True:
        with suppress(OSError):
            if what():
                return time.monotonic() - began
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(0.05)


def _ip(*arguments: str, check: bool = True) -> None:
    subprocess.run(["ip", *arguments], check=check, capture_output=True)


class Machine:
    """A machine that runs Patroni and PostgreSQL, or etcd."""

    def __init__(self, number: int, folder: Path) -> None:
        self.address = f"{NETWORK}.{number + 10}"
        self.name = f"autional{number}"
        self.folder = folder / self.name
        self.folder.mkdir(mode=0o700)
        self.process: subprocess.Popen[bytes] | None = None
        _ip("netns", "add", self.name)
        _ip("link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("link", "set", self.name, "master", _BRIDGE, "up")
        _ip("-n", self.name, "addr", "add", f"{self.address}/24", "dev", "eth0")
        _ip("-n", self.name, "link", "set", "eth0", "up")
        _ip("-n", self.name, "link", "set", "lo", "up")

    def run(self, *command: str) -> None:
        """Run a program as an ordinary user in namespaces that end with it."""
        inside = ("ip", "netns", "exec", self.name)
        apart = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--pid", "--fork", "--kill-child")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*inside, *apart, "--mount-proc", *command],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    def first(self) -> int:
        """The process with which the machine ends."""
        assert self.process
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])

    def kill(self) -> None:
        """As if its power failed."""
        assert self.process
        os.kill(self.first(), signal.SIGKILL)
        self.process.wait()
        self.process = None

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to every process of the machine."""
        own = Path(f"/proc/{self.first()}/ns/pid").readlink()
        for found in Path("/proc").glob("[0-9]*/ns/pid"):
            with suppress(OSError):
                if found.readlink() == own:
                    os.kill(int(found.parts[2]), number)

    def network(self, state: Literal["up", "down"]) -> None:
        """Cut it off from the others, or connect it again."""
        _ip("link", "set", self.name, state)

    def close(self) -> None:
        if self.process is not None:
            with suppress(OSError, IndexError):  # it has ended by itself
                os.kill(self.first(), signal.SIGKILL)
            self.process.kill()
            self.process.wait()
        _ip("link", "del", self.name, check=False)
        _ip("netns", "del", self.name, check=False)


class DatabaseMachine(Machine):
    """One of the pair."""

    def __init__(self, number: int, folder: Path, etcd: Machine) -> None:
        super().__init__(number, folder)
        (self.folder / "patroni.yml").write_text(json.dumps(_patroni(self, etcd)))

    def start(self) -> None:
        assert PATRONI
        self.run(str(Path(PATRONI).absolute()), "patroni.yml")

    def says(self, path: str) -> bool:
        """What Patroni says of itself: `primary`, `sync` (as a synchronous standby)."""
        try:
            with urllib.request.urlopen(f"http://{self.address}:8008/{path}", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def _patroni(machine: DatabaseMachine, etcd: Machine) -> dict[str, Any]:
    """The configuration of Patroni (YAML reads JSON)."""
    rules = [f"host {what} {NETWORK}.0/24 scram-sha-256" for what in ("replication replicator", "all all")]
    dcs = {
        "ttl": TTL,
        "loop_wait": 1,
        "retry_timeout": 3,
        "synchronous_mode": True,
        "postgresql": {
            "use_pg_rewind": True,
            "remove_data_directory_on_rewind_failure": True,
            "remove_data_directory_on_diverged_timelines": True,
            "pg_hba": rules,
            "parameters": {"max_connections": 100, "wal_keep_size": "256MB", "password_encryption": "scram-sha-256"},
        },
    }
    return {
        "scope": "autional",
        "name": machine.name,
        "restapi": {"listen": f"{machine.address}:8008", "connect_address": f"{machine.address}:8008"},
        "etcd3": {"host": f"{etcd.address}:2379"},
        "bootstrap": {
            "dcs": dcs,
            "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums", {"auth-host": "scram-sha-256"}],
        },
        "postgresql": {
            "listen": f"{machine.address}:5432",
            "connect_address": f"{machine.address}:5432",
            "data_dir": str(machine.folder / "data"),
            "bin_dir": str(binaries()),
            "pgpass": str(machine.folder / "pgpass"),
            "authentication": {
                "superuser": {"username": SUPERUSER, "password": "superuser"},
                "replication": {"username": REPLICATION, "password": "replicator"},
            },
            "basebackup": [{"checkpoint": "fast"}],
            "parameters": {"unix_socket_directories": "", "shared_buffers": "64MB"},
        },
        "watchdog": {"mode": "off"},
    }


class Pair:
    """A primary and its synchronous standby, by turns."""

    def __init__(self, etcd: Machine, one: DatabaseMachine, other: DatabaseMachine) -> None:
        self.etcd = etcd
        self.machines = one, other

    def url(self, user: str, database: str, password: str) -> str:
        hosts = ",".join(f"{machine.address}:5432" for machine in self.machines)
        return f"postgresql://{user}:{password}@{hosts}/{database}"

    def primary(self) -> tuple[DatabaseMachine, DatabaseMachine]:
        """The primary and the other one."""
        one, other = self.machines
        until(lambda: one.says("primary") or other.says("primary"), 60)
        return (one, other) if one.says("primary") else (other, one)


@contextmanager
def patroni_pair(folder: Path) -> Iterator[Pair]:
    """A pair with a synchronous standby, for the length of the block."""
    folder.chmod(0o755)
    _ip("link", "add", _BRIDGE, "type", "bridge")
    machines: list[Machine] = []
    try:
        _ip("addr", "add", f"{NETWORK}.1/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        etcd = Machine(0, folder)
        machines.append(etcd)
        url = f"http://{etcd.address}:2379"
        etcd.run("etcd", "--data-dir", "data", "--listen-client-urls", url, "--advertise-client-urls", url)
        until(lambda: urllib.request.urlopen(f"{url}/health", timeout=1).status == 200, 30)
        one = DatabaseMachine(1, folder, etcd)
        machines.append(one)
        other = DatabaseMachine(2, folder, etcd)
        machines.append(other)
        one.start()
        until(lambda: one.says("primary"), 90)
        other.start()
        until(lambda: other.says("sync"), 90)
        yield Pair(etcd, one, other)
    finally:
        for machine in reversed(machines):
            machine.close()
        _ip("link", "del", _BRIDGE, check=False)
