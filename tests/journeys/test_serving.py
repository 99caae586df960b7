"""One service in several processes, several services on one data directory, and a clean end of all of them."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from tests.served import Served


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    served = Served(tmp_path / "data")
    served.make_tenant()
    return served.data_dir


@pytest.fixture
def processes() -> Iterator[list[Served]]:
    started: list[Served] = []
    yield started
    for served in started:
        if served.process and served.process.poll() is None:
            served.process.kill()
            served.process.wait()


def answers(served: Served) -> int:
    return httpx.get(f"{served.address}/readyz", trust_env=False, timeout=10).status_code


def children(pid: int) -> list[int]:
    """Worker processes of a supervisor that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z" and b"autional.cli" in (stat.parent / "cmdline").read_bytes():
                found.append(int(stat.parent.name))
    return found


def alive(pids: list[int]) -> bool:
    """Whether any of the processes lives; one that only waits to be reaped does not."""
    for pid in pids:
        with suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                return True
    return False


def test_workers_share_a_socket_and_a_dead_one_is_replaced(data_dir: Path, processes: list[Served]) -> None:
    served = Served(data_dir, "--workers", "2")
    served.start()
    processes.append(served)
    assert served.process
    assert answers(served) == 200
    first = children(served.process.pid)
    assert len(first) == 2
    os.kill(first[0], signal.SIGKILL)
    for _ in range(100):
        now = children(served.process.pid)
        if len(now) == 2 and first[0] not in now:
            break
        time.sleep(0.1)
    else:
        raise AssertionError("the worker was not replaced")
    assert answers(served) == 200
    workers = children(served.process.pid)
    assert served.stop() == 0
    assert not alive(workers)


def test_workers_end_when_their_supervisor_is_killed(data_dir: Path, processes: list[Served]) -> None:
    served = Served(data_dir, "--workers", "2")
    served.start()
    processes.append(served)
    assert served.process
    assert answers(served) == 200
    workers = children(served.process.pid)
    served.kill()
    for _ in range(150):
        if not alive(workers):
            return
        time.sleep(0.1)
    raise AssertionError("a worker outlived its supervisor")


def test_two_services_share_one_data_directory(data_dir: Path, processes: list[Served]) -> None:
    one, other = Served(data_dir), Served(data_dir)
    for served in (one, other):
        served.start()
        processes.append(served)
    assert (answers(one), answers(other)) == (200, 200)
    assert one.stop() == 0
    for _ in range(100):
        if answers(other) == 200:
            break
        time.sleep(0.1)
    else:
        raise AssertionError("the second service did not take the database over")
    assert other.stop() == 0
    assert not (data_dir / "postgresql" / "postmaster.pid").exists()


def test_discovery_is_right_on_any_port_and_stays_so(tmp_path: Path) -> None:
    """A tenant is made before anything listens; then it is served on a free port, and on another one."""
    service = Served(tmp_path / "data")

    service.make_tenant()
    metadata = []
    for _ in range(2):
        service.start()
        answer = httpx.get(f"{service.address}/.well-known/oauth-authorization-server/acme", timeout=10)
        metadata.append((service.address, answer.json()))
        service.stop()
    first, told = metadata[0]
    assert (told["issuer"], told["jwks_uri"]) == (f"{first}/acme", f"{first}/tenants/acme/jwks.json")
    second, again = metadata[1]
    assert (again, first == second) == (told, False)
    assert f"name {first}, kept from the first start" in (service.data_dir / "service.log").read_text()
