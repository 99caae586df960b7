"""Texts by key and language, from locales/."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

DEFAULT = "en"


@cache
def texts(language: str = DEFAULT) -> dict[str, dict[str, str]]:
    """Every text of a language, by section and name."""
    return tomllib.loads((files("autional.locales") / f"{language}.toml").read_text())


def text(
    section: str, name: str, arguments: Mapping[str, object] = MappingProxyType({}), language: str = DEFAULT
) -> str:
    """One text, with its arguments filled in."""
    return texts(language)[section][name].format_map(arguments)
