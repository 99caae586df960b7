"""From templates to pages: escaped by default, in the reader's language."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autional.api.response import NOT_STORED, Header, Response
from autional.console import charts
from autional.console.navigation import NAVIGATION
from autional.console.view import View
from autional.risk.scoring import level_of

_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    b" form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS: list[Header] = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", _POLICY),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    NOT_STORED,
]
_STATIC = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def texts(language: str) -> dict[str, dict[str, str]]:
    """The console's own texts in a language, by section and name."""
    return tomllib.loads((files("autional.console") / "locales" / f"{language}.toml").read_text())


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """Style sheet, script and icon by name, each with its media type."""
    folder = files("autional.console") / "static"
    return {name: ((folder / name).read_bytes(), media_type) for name, media_type in _STATIC.items()}


@cache
def asset_version() -> str:
    """What changes when an asset does, so that browsers may keep it for ever."""
    return hashlib.sha256(b"".join(content for content, _ in assets().values())).hexdigest()[:12]


def translator(language: str) -> Callable[..., str]:
    """The function that finds a text by its section and name, such as `sessions.title`, and fills it in."""
    known = texts(language)

    def translate(name: str, **arguments: object) -> str:
        section, _, rest = name.partition(".")
        return known[section][rest].format_map(arguments)

    return translate


def labels(language: str) -> Callable[[str, str], str]:
    """The function that finds the text for a word that came from outside; the word itself if there is none."""
    known = texts(language)
    return lambda section, word: known[section].get(word, word)


def render(view: View, template: str, status: int | None = None, **values: Any) -> Response:
    """A page, or the part of it that is fetched alone; its status is that of its first Problem unless one is given."""
    found = status or (view.problems[0].status if view.problems else 200)
    return render_outside(template, view.browser.language, found, view=view, **values)


def render_outside(template: str, language: str, status: int = 200, **values: Any) -> Response:
    """A page for who is not signed in."""
    html = (
        environment()
        .get_template(template)
        .render(t=translator(language), label=labels(language), language=language, **values)
    )
    return Response(status, PAGE_HEADERS, html.encode())


def redirect(location: str, *headers: tuple[bytes, bytes]) -> Response:
    """Lead to another page (RFC 9110 §15.4.4)."""
    return Response(303, [(b"location", location.encode("ascii")), NOT_STORED, *headers])


@cache
def environment() -> Environment:
    """The templates, with what they may use."""
    found = Environment(
        loader=PackageLoader("autional.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters |= {
        "number": number,
        "time": time_element,
        "segment": segment,
        "readable": readable,
        "coded": coded,
        "days": days,
    }
    found.globals |= {
        "asset_version": asset_version(),
        "languages": {"en": "English", "zh-CN": "中文"},
        "with_query": with_query,
        "charts": charts,
        "navigation": NAVIGATION,
        "level_of": level_of,
    }
    return found


def number(value: float) -> str:
    """A number with separators."""
    return f"{value:,}"


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="")


def time_element(at: datetime | None) -> Markup:
    """An instant: UTC in the page, which the browser shows in the reader's zone, with UTC on hover."""
    if at is None:
        return Markup("–")
    exact = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{} UTC">{} UTC</time>').format(
        exact.isoformat(), exact.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3], exact.strftime("%Y-%m-%d %H:%M")
    )


def coded(text: str) -> Markup:
    """A text in which what stands between backticks is code."""
    parts = [
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


def days(text: str | None) -> str | None:
    """A duration such as 720h in days, if it is two or more whole days."""
    found = re.fullmatch(r"(\d+)h", text or "")
    hours = int(found[1]) if found else 0
    return f"{hours // 24}d" if hours >= 48 and hours % 24 == 0 else text


def readable(value: Any) -> str:
    """A value as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def with_query(path: str, given: Mapping[str, Any], **changed: Any) -> str:
    """A path with a query: what is given, with some of it changed; without what is empty."""
    values = {name: value for name, value in {**given, **changed}.items() if value not in (None, "")}
    return f"{path}?{urlencode(values)}" if values else path
