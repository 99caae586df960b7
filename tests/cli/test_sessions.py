"""The commands about sessions, as an operator runs them beside a running service."""

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import run as run_program
from typing import Any

import pytest
from tests.served import AUTIONAL, Served

WIDTH = 80


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("shell"))
    folder.chmod(0o700)
    with Served.with_tenant(folder) as service:
        service.autional("load", "--tenant", "acme", "--sessions", "500")
        yield service


def listed(served: Served, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        served.autional("sessions", "list", "--tenant", "acme", "--json", "--count", "1000", *options)
    )
    return found


def test_sessions_are_listed_in_eighty_columns_and_as_json(served: Served) -> None:
    printed = served.autional("sessions", "list", "--tenant", "acme")
    assert all(len(line.rstrip()) <= WIDTH for line in printed.splitlines())
    every = listed(served, "--status", "all")
    assert len(every) == 500
    active = listed(served)
    assert {one["status"] for one in active} == {"active"}
    by_risk = [one["risk_score"] for one in listed(served, "--sort=-risk_score")]
    assert by_risk == sorted(by_risk, reverse=True)
    ended = listed(served, "--status", "ended", "--sort=-ended_at")
    assert len(ended) == len(every) - len(active)
    assert [one["ended_at"] for one in ended] == sorted((one["ended_at"] for one in ended), reverse=True)


def test_a_bad_filter_is_a_usage_error(served: Served) -> None:
    for options in (["--country", "xx"], ["--ip", "nowhere"], ["--sort=-ended_at"]):
        command = [AUTIONAL, "sessions", "list", "--tenant", "acme", *options, "--data-dir", str(served.data_dir)]
        assert run_program(command, capture_output=True, timeout=60, check=False).returncode == 2


def test_a_revocation_is_counted_confirmed_and_on_record(served: Served) -> None:
    one, *_ = listed(served)
    where = ["--tenant", "acme"]
    refused = run_program(
        [AUTIONAL, "sessions", "revoke", "sess_0", *where, "--yes", "--json", "--data-dir", str(served.data_dir)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (refused.returncode, json.loads(refused.stdout)) == (1, {"revoked": [], "unknown": ["sess_0"]})
    done = json.loads(
        served.autional("sessions", "revoke", one["session_id"], *where, "--yes", "--json", "--reason", "lost")
    )
    assert done == {"revoked": [one["session_id"]], "unknown": []}
    shown = json.loads(served.autional("sessions", "show", one["session_id"], *where, "--json"))
    assert (shown["status"], shown["revoke_reason"]) == ("revoked", "lost")
    assert shown["ended_by"].startswith("operator cli:")
    count = len(listed(served, "--app", "web"))
    dry = json.loads(served.autional("sessions", "revoke", *where, "--app", "web", "--dry-run", "--json"))
    assert dry["sessions"] == count
    assert len(listed(served, "--app", "web")) == count
    done = json.loads(served.autional("sessions", "revoke", *where, "--app", "web", "--yes", "--json"))
    assert (done["revoked"], listed(served, "--app", "web")) == (count, [])
    log = json.loads(served.autional("audit", "list", *where, "--json", "--action", "sessions.revoke_many"))
    assert len(log) == 3
    assert served.autional("stats", "verify").split()[-1] == "0"


def test_revoke_must_be_told_what(served: Served) -> None:
    for options in ([], ["--everybody", "--app", "web"], ["sess_0", "--user", "x"]):
        command = [AUTIONAL, "sessions", "revoke", "--tenant", "acme", *options, "--data-dir", str(served.data_dir)]
        assert run_program(command, capture_output=True, timeout=60, check=False).returncode == 2


def test_a_user_is_shown(served: Served) -> None:
    user = listed(served)[0]["user_id"]
    shown = json.loads(served.autional("users", "show", user, "--tenant", "acme", "--json"))
    assert shown["statistics"]["active"] == len(shown["sessions"]) > 0
    assert "active" in served.autional("users", "show", user, "--tenant", "acme")


def test_what_happens_now_is_shown_each_second(served: Served) -> None:
    lines = served.autional("top", "--count", "2", "--json").splitlines()
    assert [json.loads(line)["tenant"] for line in lines] == ["acme", "acme"]
    assert " acme active " in served.autional("top", "--count", "1")
    answer = json.loads(served.autional("console", "login", "--tenant", "acme", "--user", "me", "--json"))
    assert "/console/sign-in#link_" in answer["link"]
