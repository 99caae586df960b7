import subprocess
from pathlib import Path

import pytest
from tests.served import AUTIONAL

from autional.core import configuration
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
        chosen = configuration.load_settings({variable: value})
        assert len(configuration.effective_settings(chosen, {variable: value})) == len(Settings.__struct_fields__)
    else:
        assert variable in said
        assert not set("`$") & set(said.replace(repr(value), ""))
        assert name not in {"master_key", "database_url"} or not value.strip() or value not in said


def refusal(environment: dict[str, str]) -> str | None:
    """What is said against these settings; None: nothing."""
    try:
        configuration.load_settings(environment)
    except SettingsError as error:
        return str(error)
    return None


def test_a_mistyped_setting_is_told_the_right_one() -> None:
    with pytest.raises(SettingsError, match="AUTIONAL_DATABASE_URL was probably meant"):
        configuration.load_settings({"AUTIONAL_DATABSE_URL": "x"})


def test_two_databases_are_a_clash_and_not_a_choice() -> None:
    environment = {"AUTIONAL_DATABASE_URL": "postgresql://there/x"}
    with pytest.raises(SettingsError, match="--data-dir"):
        configuration.load_settings(environment, data_dir="here")
    both = configuration.load_settings(environment, data_dir="here", database_url="postgresql://elsewhere/x")
    assert (both.data_dir, both.database_url) == ("here", "postgresql://elsewhere/x")


def test_a_pooler_of_another_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "autional.toml"
    file.write_text('database_url = "postgresql://production/x"\ndatabase_pooler_url = "postgresql://pooler/x"\n')
    file.chmod(0o600)
    environment = {"AUTIONAL_CONFIG_FILE": str(file)}
    assert configuration.load_settings(environment).database_pooler_url == "postgresql://pooler/x"
    with pytest.raises(SettingsError, match="come from different places"):
        configuration.load_settings(environment, database_url="postgresql://staging/x")
    with pytest.raises(SettingsError, match="come from different places"):
        configuration.load_settings(environment | {"AUTIONAL_DATABASE_URL": "postgresql://staging/x"})


def test_secrets_are_not_shown() -> None:
    environment = {"AUTIONAL_DATABASE_URL": "postgresql://u:canary@h/x", "AUTIONAL_MASTER_KEY": "canary"}
    shown = configuration.effective_settings(configuration.load_settings(environment), environment)
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
        (["doctor", "--url", "http://127.0.0.1:1"], 3, ["reachable", "wrong", "Connection refused"]),
        (["doctor", "--url", "nonsense"], 3, ["reachable", "wrong"]),
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


def test_options_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "autional.toml"
    file.write_text(
        'data_dir = "filed"\naudience = "filed"\nconnections = 7\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n'
    )
    environment = {"AUTIONAL_CONFIG_FILE": str(file), "AUTIONAL_AUDIENCE": "named", "AUTIONAL_DATA_DIR": "named"}
    chosen = configuration.load_settings(environment, data_dir="chosen")
    assert (chosen.data_dir, chosen.audience, chosen.connections) == ("chosen", "named", 7)
    assert [str(network) for network in chosen.proxies] == ["10.0.0.0/8", "::1/128"]
    shown = configuration.effective_settings(chosen, environment, data_dir="chosen")
    sources = {one.name.removeprefix("AUTIONAL_").lower(): one.source for one in shown}
    assert (sources["data_dir"], sources["audience"], sources["connections"], sources["issuer"]) == (
        "--data-dir",
        "environment",
        str(file),
        "default",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("connections = 0", "connections in {file} must be a whole number from 1 to 65536 (it is 0)"),
        ("conections = 5", "conections in {file} is not a setting: connections in {file} was probably meant"),
        ("[database]\nurl = 5", "database in {file} is not a setting"),
        ("audience =", "{file}: Invalid value"),
        ("audience = 1979-05-27", "audience in {file} must be text"),
        ("trusted_proxies = [1]", "trusted_proxies in {file} must be text"),
        ('master_key = "canary"', "{file} holds master_key and can be read by others: chmod 600 it"),
        (None, "{file}: No such file or directory"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_its_name_and_the_setting(
    tmp_path: Path, text: str | None, words: str
) -> None:
    file = tmp_path / "autional.toml"
    if text is not None:
        file.write_text(text)
        file.chmod(0o644)
    code, line = said("config", "check", str(file))
    assert (code, words.format(file=file) in line, "canary" in line) == (2, True, False), line


def test_a_file_is_checked_before_it_is_used(tmp_path: Path) -> None:
    file = tmp_path / "autional.toml"
    file.write_text('database_url = "postgresql://u:canary@h/x"')
    file.chmod(0o600)
    code, printed = said("config", "check", str(file))
    assert (code, "canary" in printed) == (0, False)
    assert f"AUTIONAL_DATABASE_URL=***   [{file}]" in printed
    assert f"{file} is valid" in printed
