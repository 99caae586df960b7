"""What a stranger sees first: the demo answers, and everything it started is gone after Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

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
        token = re.search(r"token +(\S+)", shown)
        assert address
        assert token
        answer = httpx.get(
            f"{address[1]}/admin/sessions/stats", headers={"Authorization": f"Bearer {token[1]}"}, trust_env=False
        )
        assert answer.json()["total_sessions"] == 300
        minted = run("token", "mint", "--tenant", "demo", "--user", "me", "--data-dir", data_dir).stdout.strip()
        again = httpx.get(
            f"{address[1]}/admin/sessions/stats", headers={"Authorization": f"Bearer {minted}"}, trust_env=False
        )
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


def test_a_setting_that_does_not_exist_is_refused(data_dir: str) -> None:
    failed = subprocess.run(
        [COMMAND, "tenant", "create", "a", "--name", "A"],
        env=os.environ | {"AUTIONAL_DATADIR": data_dir},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (failed.returncode, failed.stderr) == (2, "autional: AUTIONAL_DATADIR is not a setting\n")
