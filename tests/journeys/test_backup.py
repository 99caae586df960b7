"""A backup of a node that runs, and what comes of it: the last state whole, or an earlier one without risk."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.conftest import claims_of
from tests.served import AUTIONAL, Served, run


class Node:
    """A node with the tenant acme, and what its clients hold."""

    def __init__(self, service: Served) -> None:
        self.service = service
        self.key = service.autional("apikey", "create", "--name", "a", "--tenant", "acme", "--role", "admin")

    def call(self, method: str, path: str, **sent: Any) -> httpx.Response:
        return httpx.request(
            method, f"{self.service.address}{path}", headers={"X-API-Key": self.key}, timeout=30, **sent
        )

    def sign_in(self, user: str) -> dict[str, Any]:
        made = self.call("POST", "/internal/session/create", json={"auth_user_id": user})
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()["data"]
        return found

    def is_active(self, token: str) -> bool:
        answer = httpx.post(
            f"{self.service.address}/oauth2/introspect",
            data={"token": token},
            auth=(self.key.partition(".")[0], self.key.partition(".")[2]),
        )
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["active"])


@contextmanager
def archiving(data_dir: Path, archive: Path) -> Iterator[None]:
    """The write-ahead log is archived for the length of the block."""
    process = subprocess.Popen([AUTIONAL, "archive", str(archive), "--data-dir", str(data_dir)])
    try:
        while not list(archive.glob("*")):
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def refusal(folder: Path, former: Path, *arguments: object) -> str:
    """What is said against a restoration."""
    folder.mkdir(mode=0o700)
    shutil.copy2(former / "master.key", folder / "master.key")
    done = subprocess.run(
        [AUTIONAL, "restore", *map(str, arguments), "--yes", "--data-dir", str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode
    assert "Traceback" not in done.stderr
    assert [path.name for path in folder.iterdir() if path.name not in {"master.key", "socket"}] == []
    return done.stderr


def restored_into(folder: Path, former: Path, *arguments: str) -> Served:
    folder.mkdir(mode=0o700)
    shutil.copy2(former / "master.key", folder / "master.key")
    service = Served(folder)
    service.autional("restore", *arguments, timeout=120)
    return service


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "node"
    folder.mkdir(mode=0o700)
    return folder


def test_with_the_archive_nothing_is_lost_and_without_it_nothing_comes_to_life(data_dir: Path, tmp_path: Path) -> None:
    archive, kept = tmp_path / "archive's folder", tmp_path / "kept"
    service = Served(data_dir)
    service.make_tenant()
    service.start()
    node = Node(service)
    with archiving(data_dir, archive):
        service.autional("tenant", "create", "gone", "--name", "To be deleted")
        before, revoked, erased = node.sign_in("usr_1"), node.sign_in("usr_2"), node.sign_in("usr_erased")
        service.autional("backup", str(kept), timeout=120)
        node.call("DELETE", f"/internal/session/session/{revoked['session']['id']}")
        stale = tmp_path / "stale"
        shutil.copytree(archive, stale)
        after = node.sign_in("usr_3")
        assert node.call("POST", "/admin/users/erase", json={"user_id": "usr_erased"}).status_code < 300
        service.autional("tenant", "delete", "gone", "--yes")
        time.sleep(6)  # the list of what was forgotten is written every five seconds
        service.stop()  # what is archiving keeps the database up
    listed = data_dir / "forgotten.jsonl"
    assert len(listed.read_text().split()) == 2
    assert "usr_erased" not in listed.read_text()

    assert "is not whole" in refusal(
        tmp_path / "refused", data_dir, kept, "--archive", stale, "--last-state", "--forgotten", listed
    )
    given = ["--archive", str(archive), "--last-state", "--forgotten", str(listed)]
    whole = restored_into(tmp_path / "whole", data_dir, str(kept), *given)
    whole.start()
    node.service = whole
    assert node.is_active(before["tokens"]["access_token"])
    assert node.is_active(after["tokens"]["access_token"])
    assert not node.is_active(revoked["tokens"]["access_token"])
    assert not node.is_active(erased["tokens"]["access_token"])
    assert whole.stop() == 0

    earlier = restored_into(
        tmp_path / "earlier", data_dir, str(kept), "--yes", "--forgotten", str(data_dir / "forgotten.jsonl")
    )
    earlier.start()
    node.service = earlier
    assert node.call("GET", "/admin/sessions/stats").status_code == 401  # its key is closed
    earlier.autional("apikey", "enable", node.key.partition(".")[0])
    for one in (before, revoked, after, erased):
        assert not node.is_active(one["tokens"]["access_token"])
        refreshed = httpx.post(
            f"{earlier.address}/sessions/refresh", json={"refresh_token": one["tokens"]["refresh_token"]}
        )
        assert refreshed.status_code == 401
    tenants = [one["tenant_id"] for one in msgspec.json.decode(earlier.autional("tenant", "list", "--json"))]
    assert tenants == ["acme"]
    fresh = node.sign_in("usr_1")
    assert node.is_active(fresh["tokens"]["access_token"])
    keys = httpx.get(f"{earlier.address}/.well-known/jwks.json").json()["keys"]
    assert [key["kid"] for key in keys] != []
    assert claims_of(fresh["tokens"]["access_token"])["gen"] > claims_of(after["tokens"]["access_token"])["gen"]
    assert "usr_erased" not in earlier.autional("sessions", "list", "--tenant", "acme", "--json")
    assert earlier.stop() == 0


def do_harm(harm: str, folder: Path, target: Path) -> None:
    """Spoil a backup, or the place to which it is to be restored."""
    if harm == "cut":
        largest = max((folder / "base" / "base").rglob("*"), key=lambda path: path.stat().st_size * path.is_file())
        largest.write_bytes(largest.read_bytes()[:-8192])
    elif harm == "missing":
        (folder / "base" / "global" / "pg_control").unlink()
    elif harm == "described":
        (folder / "backup.json").write_text("{}")
    elif harm == "changed":
        described = (folder / "backup.json").read_text()
        (folder / "backup.json").write_text(described.replace('"release":"', '"release":"9'))
    elif harm == "foreign key":
        (target / "master.key").write_text("A" * 43)
    elif harm == "no key":
        (target / "master.key").unlink()
    elif harm == "occupied":
        run(AUTIONAL, "tenant", "create", "acme", "--name", "Other", "--data-dir", str(target))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("cut", "is damaged"),
        ("missing", "is damaged"),
        ("described", "is not a backup of Autional"),
        ("changed", "made with another master key, or changed since"),
        ("foreign key", "made with another master key"),
        ("no key", "there is no master key"),
        ("occupied", "--replace puts it aside"),
        ("list missing", "No such file"),
        ("list cut", "line 1 is not whole"),
    ],
)
def test_what_cannot_be_restored_is_refused_before_anything_is_touched(
    kept: Path, tmp_path: Path, harm: str, words: str
) -> None:
    folder, target = tmp_path / "kept", tmp_path / "target"
    shutil.copytree(kept, folder)
    target.mkdir(mode=0o700)
    shutil.copy2(kept.parent / "node" / "master.key", target / "master.key")
    do_harm(harm, folder, target)
    listed = tmp_path / "forgotten.jsonl"
    if harm == "list cut":
        listed.write_text('{"kind":"us\n')
    named = ["--forgotten", str(listed)] if harm.startswith("list") else []
    before = sorted(str(path) for path in target.rglob("*"))
    done = subprocess.run(
        [AUTIONAL, "restore", str(folder), "--yes", *named, "--data-dir", str(target)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode in {2, 3}, words in done.stderr) == (True, True), done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(str(path) for path in target.rglob("*")) == before


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of an empty node."""
    folder = tmp_path_factory.mktemp("backups")
    node = folder / "node"
    node.mkdir(mode=0o700)
    service = Served(node)
    service.make_tenant()
    service.autional("backup", str(folder / "kept"), "--no-verify", timeout=120)
    return folder / "kept"
