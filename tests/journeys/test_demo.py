"""What a stranger sees first: the demo answers, and everything it started is gone after Ctrl-C."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from autional.postgres.embedded import server as embedded

COMMAND = str(Path(sys.executable).parent / "autional")


@pytest.fixture
def data_dir(tmp_path: Path) -> str:
    return str(tmp_path / "demo data")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_the_demo_shows_a_real_answer_and_leaves_nothing_behind(data_dir: str) -> None:
    arguments = [COMMAND, "demo", "--sessions", "300", "--port", "0", "--data-dir", data_dir]
    demo = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert demo.stdout
    assert demo.stderr
    try:
        lines = list(iter(demo.stdout.readline, "Ctrl-C stops.\n"))
        shown = "".join(lines)
        told = json.loads(shown[shown.index("{") : shown.index("}\n\n") + 1])
        assert told["total_sessions"] == 300 == sum(told["device_breakdown"].values())
        assert min(told["active_sessions"], told["expired_sessions"], told["revoked_sessions"]) > 0
        address = re.search(r"serving at +(\S+)", shown)
        token = re.search(r"TOKEN=(\S+)", shown)
        assert address
        assert token
        page, headers = f"{address[1]}/admin/sessions/stats", {"Authorization": f"Bearer {token[1]}"}
        for _ in range(100):
            if httpx.get(page, headers=headers, trust_env=False).json()["total_sessions"] > 300:
                break
            time.sleep(0.1)
        else:
            raise AssertionError("the demo is not alive")
        minted = run("token", "mint", "--tenant", "demo", "--user", "me", "--data-dir", data_dir).stdout.strip()
        again = httpx.get(page, headers={"Authorization": f"Bearer {minted}"}, trust_env=False)
        assert again.status_code == 200
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=30)
    assert demo.returncode == 0
    assert not (Path(data_dir) / "postgresql" / "postmaster.pid").exists()


def test_errors_are_one_line_and_an_exit_code(data_dir: str) -> None:
    assert run("tenant", "create", "acme", "--name", "Acme", "--data-dir", data_dir).returncode == 0
    for arguments, code in (
        (("tenant", "create", "acme", "--name", "Acme"), 1),
        (("tenant", "create", "a b", "--name", "Acme"), 1),
        (("apikey", "create", "--name", "k", "--tenant", "nobody"), 1),
        (("token", "mint", "--tenant", "nobody", "--user", "u"), 1),
        (("token", "mint", "--tenant", "acme", "--user", "u", "--ttl", "1"), 2),
        (("tenant", "create", "b", "--name", "B", "--database-url", "postgresql://127.0.0.1:1/x"), 3),
    ):
        failed = run(*arguments, "--data-dir", data_dir)
        assert failed.returncode == code, (arguments, failed)
        assert failed.stdout == ""
        assert code == 2 or len(failed.stderr.strip().splitlines()) == 1, failed.stderr


def test_an_operator_looks_after_tenants_and_keys(data_dir: str) -> None:
    def ok(*arguments: str) -> str:
        done = run(*arguments, "--data-dir", data_dir)
        assert done.returncode == 0, done.stderr
        return done.stdout

    ok("tenant", "create", "acme", "--name", "Acme")
    ok("load", "--tenant", "acme", "--sessions", "500")
    key = ok("apikey", "create", "--name", "login", "--tenant", "acme").strip()
    ok("apikey", "revoke", key.partition(".")[0])
    keys = json.loads(ok("apikey", "list", "--json"))
    assert [(row["name"], row["tenant_ids"], row["revoked_at"] is None) for row in keys] == [("login", ["acme"], False)]
    assert json.loads(ok("stats", "--json"))["acme"]["total"] == 500
    assert json.loads(ok("stats", "verify", "--json"))[0]["difference"] == 0
    assert {row["result"] for row in json.loads(ok("doctor", "--json"))} == {"ok"}
    ok("migrate")
    ok("tenant", "disable", "acme")
    assert run("stats", "--tenant", "acme", "--data-dir", data_dir).returncode == 1
    ok("tenant", "enable", "acme")
    platform, chain = json.loads(ok("audit", "verify", "--json"))
    assert (platform["tenant"], platform["entries"], platform["chain"]) == ("-", 0, "intact")
    acts = ["tenant.create", "sessions.load", "api_key.create", "api_key.revoke", "tenant.disable", "tenant.enable"]
    assert (chain["tenant"], chain["entries"], chain["chain"]) == ("acme", len(acts), "intact")
    kept = Path(data_dir) / "kept"
    kept.write_text(ok("audit", "checkpoint"))
    assert ok("audit", "verify", "--checkpoint", str(kept)).count("intact") == 2
    state = chain["head"]
    ok("audit", "verify", "--tenant", "acme", "--head", state)
    kept.write_text(kept.read_text().splitlines()[0])
    assert "no checkpoint given" in ok("audit", "verify", "--checkpoint", str(kept))
    for damaged in ("", kept.read_text()[:-9]):
        kept.write_text(damaged)
        assert run("audit", "verify", "--checkpoint", str(kept), "--data-dir", data_dir).returncode == 2
    replaced = state[:-1] + ("0" if state[-1] != "0" else "1")
    assert run("audit", "verify", "--tenant", "acme", "--head", replaced, "--data-dir", data_dir).returncode == 1
    listed = json.loads(ok("audit", "list", "--tenant", "acme", "--action", "api_key.create", "--json"))
    assert [entry["details"]["request"]["name"] for entry in listed] == ["login"]
    ok("tenant", "delete", "acme", "--yes")
    assert json.loads(ok("tenant", "list", "--json")) == []
    assert run("tenant", "disable", "acme", "--data-dir", data_dir).returncode == 1


def test_stats_verify_finds_a_number_that_is_wrong(data_dir: str, tmp_path: Path) -> None:
    assert run("tenant", "create", "acme", "--name", "Acme", "--data-dir", data_dir).returncode == 0
    assert run("load", "--tenant", "acme", "--sessions", "50", "--data-dir", data_dir).returncode == 0

    async def tamper() -> None:
        async with embedded.running(Path(data_dir)) as server:
            connection = await asyncpg.connect(server.url)
            await connection.execute("update autional.session_counters set revoked = revoked + 1")
            await connection.close()

    asyncio.run(tamper())
    found = run("stats", "verify", "--json", "--data-dir", data_dir)
    assert found.returncode == 1
    assert json.loads(found.stdout)[0]["difference"] > 0


def test_a_setting_that_does_not_exist_is_refused(data_dir: str) -> None:
    failed = subprocess.run(
        [COMMAND, "tenant", "create", "a", "--name", "A"],
        env=os.environ | {"AUTIONAL_DATADIR": data_dir},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (failed.returncode, failed.stderr) == (
        2,
        "autional: AUTIONAL_DATADIR is not a setting: AUTIONAL_DATA_DIR was probably meant\n",
    )


@pytest.fixture
async def durable_url(tmp_path: Path) -> AsyncIterator[str]:
    """A PostgreSQL as it should be, which that of the other tests is not."""
    async with embedded.running(tmp_path / "own") as server:
        yield server.url


def test_a_postgresql_of_ones_own_is_migrated_only_when_told(durable_url: str, data_dir: str) -> None:
    options = ("--database-url", durable_url, "--data-dir", data_dir)
    refused = run("tenant", "create", "acme", "--name", "Acme", *options)
    assert (refused.returncode, "autional migrate" in refused.stderr) == (3, True)
    for arguments in (("migrate",), ("migrate",), ("tenant", "create", "acme", "--name", "Acme"), ("doctor",)):
        done = run(*arguments, *options)
        assert done.returncode == 0, (arguments, done.stderr)
