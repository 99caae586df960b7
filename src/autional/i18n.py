"""Texts by key and language, from locales/."""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

DEFAULT = "en"
LANGUAGES = (DEFAULT, "zh-CN")
_LONGEST_HEADER = 200


@cache
def texts(language: str = DEFAULT) -> dict[str, dict[str, str]]:
    """Every text of a language, by section and name."""
    return tomllib.loads((files("autional.locales") / f"{language}.toml").read_text())


def text(
    section: str, name: str, arguments: Mapping[str, object] = MappingProxyType({}), language: str = DEFAULT
) -> str:
    """One text, with its arguments filled in."""
    return texts(language)[section][name].format_map(arguments)


@lru_cache(maxsize=256)
def negotiate(accept_language: str) -> str:
    """The language that an Accept-Language header (RFC 9110 §12.5.4) likes best among ours."""
    liked: list[tuple[float, str]] = []
    for part in accept_language[:_LONGEST_HEADER].split(","):
        name, _, quality = part.partition(";q=")
        with suppress(ValueError):
            liked.append((float(quality or 1), name.strip().lower()))
    for weight, name in sorted(liked, key=lambda choice: -choice[0]):
        for language in LANGUAGES:
            if weight > 0 and name.partition("-")[0] == language.partition("-")[0]:
                return language
    return DEFAULT
