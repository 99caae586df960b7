"""Two real nodes over one database: one of the right time and one whose clock is two seconds off."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import as_service
from tests.served import Served

MASTER_KEY = "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0"
SHIFTED = str(Path(__file__).with_name("shifted_node.py"))


class Pair(NamedTuple):
    """Two nodes with the API key of an administrator."""

    one: Served
    other: Served
    key: dict[str, str]

    def addresses(self) -> list[str]:
        return [self.one.address, self.other.address]


@contextmanager
def running_pair(url: str, folder: Path) -> Iterator[Pair]:
    """Two nodes; SHIFT_SECONDS says by how much the clock of the second is off."""
    nodes = []
    for name in ("one", "other"):
        (folder / name).mkdir()
        nodes.append(Served(folder / name, database_url=url))
    one, other = nodes
    other.program = [sys.executable, SHIFTED]
    one.autional("tenant", "create", "acme", "--name", "Acme")
    key = one.autional("apikey", "create", "--name", "k", "--tenant", "acme", "--role", "admin")
    started = []
    try:
        for node in nodes:
            node.start()
            started.append(node)
        yield Pair(one, other, {"X-API-Key": key})
    finally:
        for node in started:
            node.stop()


@pytest.fixture(params=[-2, 2])
def pair(request: pytest.FixtureRequest, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    monkeypatch.setenv("AUTIONAL_MASTER_KEY", MASTER_KEY)
    monkeypatch.setenv("SHIFT_SECONDS", str(request.param))
    with running_pair(url, tmp_path) as found:
        yield found


@pytest.fixture
def nodes(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """The pair on a Citus cluster, by the role of the service."""
    monkeypatch.setenv("AUTIONAL_MASTER_KEY", MASTER_KEY)
    monkeypatch.setenv("SHIFT_SECONDS", "2")
    with running_pair(as_service(url), tmp_path) as found:
        yield found
