"""The types of the console: its pages, and what their forms do."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from autional.access.caller import ADMINISTRATORS
from autional.api.response import Response
from autional.console.view import View
from autional.core.authority import Role

PLATFORM: frozenset[Role] = frozenset({"platform_admin"})


class Redirected(NamedTuple):
    """Where the browser goes on after a form has done its work (RFC 9110 §15.4.4)."""

    location: str


class Page(NamedTuple):
    """A page, and what its forms do by name; a form with a Problem leads to the page again, with what was typed."""

    path: str
    """Under the path of the tenant."""
    show: Callable[[View], Awaitable[Response]]
    forms: Mapping[str, Callable[[View], Awaitable[Redirected | Response | None]]] = MappingProxyType({})
    """A response, where to go on, or None: the page is shown again."""
    roles: frozenset[Role] = ADMINISTRATORS
