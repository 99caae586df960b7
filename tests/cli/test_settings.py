import subprocess
from pathlib import Path

import pytest
from tests.served import AUTIONAL

from autional.core import settings
from autional.core.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
HOSTILE = [
    "",
    " ",
    "x",
    "-1",
    "1e309",
    "10" * 40,
    "\x00",
    "\x85",
    "😀",
    "a/b",
    "nan",
    "x" * 10_000,
    "true",
    "1.5",
    "[",
    "http://[",
]


@pytest.mark.parametrize("name", Settings.__struct_fields__)
@pytest.mark.parametrize("value", HOSTILE)
def test_a_setting_is_used_or_refused_by_its_name(name: str, value: str) -> None:
    variable = f"AUTIONAL_{name.upper()}"
    said = refusal({variable: value})
    if said is None:
        chosen = settings.from_environment({variable: value})
        assert len(settings.effective_settings(chosen, {variable: value})) == len(Settings.__struct_fields__)
    else:
        assert variable in said
        assert not set("`$") & set(said.replace(repr(value), ""))
        assert name not in {"master_key", "database_url"} or not value.strip() or value not in said


def refusal(environment: dict[str, str]) -> str | None:
    """What is said against these settings; None: nothing."""
    try:
        settings.from_environment(environment)
    except SettingsError as error:
        return str(error)
    return None


def test_a_mistyped_setting_is_told_the_right_one() -> None:
    with pytest.raises(SettingsError, match="AUTIONAL_DATABASE_URL was probably meant"):
        settings.from_environment({"AUTIONAL_DATABSE_URL": "x"})


def test_two_databases_are_a_clash_and_not_a_choice() -> None:
    environment = {"AUTIONAL_DATABASE_URL": "postgresql://there/x"}
    with pytest.raises(SettingsError, match="--data-dir"):
        settings.from_environment(environment, data_dir="here")
    both = settings.from_environment(environment, data_dir="here", database_url="postgresql://elsewhere/x")
    assert (both.data_dir, both.database_url) == ("here", "postgresql://elsewhere/x")


def test_secrets_are_not_shown() -> None:
    environment = {"AUTIONAL_DATABASE_URL": "postgresql://u:canary@h/x", "AUTIONAL_MASTER_KEY": "canary"}
    shown = settings.effective_settings(settings.from_environment(environment), environment)
    assert "canary" not in str(shown)
    assert {one.source for one in shown if one.value == "***"} == {"environment"}


MINT = ["token", "mint", "--tenant", "a", "--user", "b"]
UNREACHABLE = "postgresql://u:canary@127.0.0.1:1/x"


def said(*arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [AUTIONAL, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", **environment},
        check=False,
    )
    return done.returncode, done.stderr + done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["stats", "--data-dir", "{here}/mistyped"], 2, ["there is no database", "--data-dir"]),
        ([*MINT, "--data-dir", "{here}/mistyped"], 2, ["there is no database"]),
        (["doctor", "--database-url", UNREACHABLE], 3, ["127.0.0.1:1/x", "Connection refused"]),
        (["doctor", "--database-url", "mysql://h/x"], 2, ["--database-url", "postgresql://"]),
        (["serve", "--port", "99999"], 2, ["--port", "65535"]),
    ],
)  # fmt: skip
def test_what_fails_at_the_shell_says_what_where_and_what_to_do(
    tmp_path: Path, arguments: list[str], code: int, words: list[str]
) -> None:
    found, line = said(*(one.format(here=tmp_path) for one in arguments))
    assert (found, [word for word in words if word not in line]) == (code, [])
    assert "Traceback" not in line
    assert "canary" not in line
    assert not (tmp_path / "mistyped").exists()
