"""Where settings come from: options win over the environment, and that over a file. How they are shown."""

import os
import stat
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from autional.core.settings import SECRETS, Settings, SettingsError

_PREFIX = "AUTIONAL_"
FILE_VARIABLE = f"{_PREFIX}CONFIG_FILE"
_HEAD = f"""# Settings

An option of a command wins over its environment variable, and that over the settings file: a TOML file named by
`{FILE_VARIABLE}`, in which a setting has the name of its variable in lower case without
`{_PREFIX}`. A setting that is unknown or invalid stops every command. `autional config` shows the
values in force, `autional config check FILE` reads a file before it is used.

```toml
public_url = "https://sessions.example"
trusted_proxies = ["10.0.0.0/8"] # a list, or one text with commas
```

A file that holds a secret ({", ".join(f"`{name}`" for name in sorted(SECRETS))}) must be closed to others: `chmod 600`.
"""


class EffectiveSetting(NamedTuple):
    """A setting as an operator sees it."""

    name: str
    value: str
    source: str
    description: str


def load_settings(environment: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """The settings; an override other than None, from an option, wins over the environment, and that over the file.

    Raises SettingsError.
    """
    filed, named = _from_file(environment), _from_environment(environment)
    chosen = {name: value for name, value in overrides.items() if value is not None}
    sources, given = _sources(environment, filed, overrides), filed | named | chosen
    if "data_dir" in chosen and "database_url" in given and "database_url" not in chosen:
        raise SettingsError(
            f"--data-dir names an embedded database and {_place('database_url', sources)} another one: "
            "remove that, or give --database-url too"
        )
    if (url := sources.get("database_url")) != sources.get("database_pooler_url", url):
        raise SettingsError(
            f"{_place('database_url', sources)} and {_place('database_pooler_url', sources)} come from different"
            " places: a pooler must be named where its database is, since all reads and writes go through it"
        )
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_describe_error(error, given, sources)) from None


def effective_settings(
    settings: Settings, environment: Mapping[str, str] = os.environ, **overrides: object
) -> list[EffectiveSetting]:
    """Every setting with its value (secrets masked), its source and its description. Raises SettingsError."""
    sources = _sources(environment, _from_file(environment), overrides)
    found = []
    for field in _fields():
        name = field.encode_name
        value = getattr(settings, name)
        shown = "***" if name in SECRETS and value else "-" if value in (None, "") else str(value)
        found.append(EffectiveSetting(_variable(name), shown, sources.get(name, "default"), _description(field)))
    return found


def settings_table() -> str:
    """All settings as a Markdown table: docs/settings.md."""
    rows = [
        f"| `{_variable(field.encode_name)}` | {_default(field)} | {_allowed(field)} | {_description(field)} |"
        for field in _fields()
    ]
    return "\n".join([_HEAD, "| variable | default | allowed | meaning |", "| --- | --- | --- | --- |", *rows, ""])


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {
        name.removeprefix(_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(_PREFIX) and name != FILE_VARIABLE
    }
    _must_be_known(found, _variable)
    return found


def _from_file(environment: Mapping[str, str]) -> dict[str, object]:
    if not (name := environment.get(FILE_VARIABLE)):
        return {}
    path = Path(name)
    try:
        found = tomllib.loads(path.read_text())
        is_open = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    _must_be_known(found, lambda setting: f"{setting} in {path}")
    if is_open and (secret := sorted(SECRETS & found.keys())):
        raise SettingsError(f"{path} holds {secret[0]} and can be read by others: chmod 600 it")
    return {setting: _joined(value) for setting, value in found.items()}


def _joined(value: object) -> object:
    return ",".join(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value


def _must_be_known(found: Mapping[str, object], shown: Any) -> None:
    for name in sorted(found.keys() - set(Settings.__struct_fields__)):
        meant = get_close_matches(name, Settings.__struct_fields__, n=1)
        hint = f": {shown(meant[0])} was probably meant" if meant else ": `autional config` shows all"
        raise SettingsError(f"{shown(name)} is not a setting{hint}")


def _sources(
    environment: Mapping[str, str], filed: Mapping[str, object], overrides: Mapping[str, object]
) -> dict[str, str]:
    """Where each setting that is given comes from."""
    return (
        dict.fromkeys(filed, environment.get(FILE_VARIABLE, ""))
        | dict.fromkeys(_from_environment(environment), "environment")
        | {name: _option(name) for name, value in overrides.items() if value is not None}
    )


def _describe_error(error: msgspec.ValidationError, given: Mapping[str, object], sources: Mapping[str, str]) -> str:
    """Which setting is invalid, its value and what is allowed."""
    message = str(error)
    for field in _fields():
        name = field.encode_name
        where = _place(name, sources)
        if message.endswith(f"`$.{name}`"):
            shown = "" if name in SECRETS else f" (it is {given.get(name)!r})"
            return f"{where} must be {_allowed(field)}{shown}"
        if message.startswith(f"{name}: "):
            return f"{where}: {message.removeprefix(f'{name}: ')}"
    return message


def _place(name: str, sources: Mapping[str, str]) -> str:
    """A setting by the name it has where it was given."""
    source = sources.get(name, "environment")
    return {"environment": _variable(name), _option(name): source}.get(source, f"{name} in {source}")


def _fields() -> tuple[inspect.Field, ...]:
    kind = inspect.type_info(Settings)
    return kind.fields if isinstance(kind, inspect.StructType) else ()


def _described(field: inspect.Field) -> tuple[inspect.Type, str]:
    kind, description = field.type, ""
    while isinstance(kind, inspect.Metadata | inspect.UnionType):
        if isinstance(kind, inspect.Metadata):
            description, kind = (kind.extra_json_schema or {}).get("description", description), kind.type
        else:
            kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind, description


def _description(field: inspect.Field) -> str:
    return _described(field)[1]


def _allowed(field: inspect.Field) -> str:
    kind, _ = _described(field)
    if isinstance(kind, inspect.IntType):
        return f"a whole number from {kind.ge} to {kind.le}"
    if isinstance(kind, inspect.FloatType):
        return (
            f"a number above {kind.gt} and up to {kind.le}"
            if kind.gt is not None
            else f"a number from {kind.ge} to {kind.le}"
        )
    if isinstance(kind, inspect.LiteralType):
        return " or ".join(map(str, kind.values))
    return "true or false" if isinstance(kind, inspect.BoolType) else "text"


def _default(field: inspect.Field) -> str:
    value: Any = field.default
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if value not in (None, "") else "none"


def _variable(name: str) -> str:
    return f"{_PREFIX}{name.upper()}"


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
