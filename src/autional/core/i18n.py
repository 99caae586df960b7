"""Texts in the languages of locales/."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

DEFAULT = "en"
LANGUAGES = (DEFAULT, "zh-CN")
_LONGEST_HEADER = 200
_RANGE = re.compile(
    r"[ \t]*(?P<name>[a-z0-9*-]+)[ \t]*(?:;[ \t]*q=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?"
)


@cache
def texts(language: str = DEFAULT) -> dict[str, dict[str, str]]:
    """All texts of a language, by section and name."""
    return tomllib.loads((files("autional.core") / "locales" / f"{language}.toml").read_text())


def text(
    section: str, name: str, arguments: Mapping[str, object] = MappingProxyType({}), language: str = DEFAULT
) -> str:
    """One text, with its arguments filled in."""
    return texts(language)[section][name].format_map(arguments)


def violation(code: str, reason: str, arguments: Mapping[str, object], language: str = DEFAULT) -> str:
    """A sentence about an invalid field."""
    expected = texts(language)["expected"].get(reason)
    if expected is not None:
        return texts(language)["violations"][code].format(reason=expected.format_map(arguments))
    if reason:
        return texts(language)["reasons"].get(reason, reason).format_map(arguments)
    return texts(language)["violations"][f"{code}_bare"]


def negotiate(accept_language: str) -> str:
    """The supported language that an Accept-Language header prefers (RFC 9110 §12.5.4)."""
    return _negotiated(accept_language[:_LONGEST_HEADER])


@lru_cache(maxsize=256)
def _negotiated(accept_language: str) -> str:
    liked: list[tuple[float, str]] = []
    for part in accept_language.lower().split(","):
        found = _RANGE.fullmatch(part)
        if found:
            liked.append((float(found["weight"] or 1), found["name"]))
    for weight, name in sorted(liked, key=lambda choice: -choice[0]):
        if weight > 0 and name == "*":
            return DEFAULT
        for language in LANGUAGES:
            if weight > 0 and name.partition("-")[0] == language.partition("-")[0]:
                return language
    return DEFAULT
