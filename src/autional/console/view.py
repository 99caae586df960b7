"""What a page of the console works with: who looks at it, what was asked for, and the operations of the API."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from autional.access.caller import Caller
from autional.api.dispatch import Invoke
from autional.api.problem_response import problem_of
from autional.api.request import Request
from autional.core import i18n
from autional.core.problems import Problem
from autional.postgres.queries import database_time
from autional.runtime.service import Service

Values = Mapping[str, Any]
Form = Mapping[str, list[str]]


class ShownProblem(NamedTuple):
    """A Problem as a page shows it."""

    status: int
    title: str
    detail: str
    remedy: str
    errors: list[tuple[str, str]]
    """Fields, and what is wrong with each."""
    request_id: str


class Browser(NamedTuple):
    """What is the same for every page of a browser: its language, and where it is."""

    language: str
    here: str
    """Path and query of the page."""


class Query(dict[str, str]):
    """The parameters of a page; one that is not there is empty."""

    def __missing__(self, name: str) -> str:
        """Nothing."""
        return ""


class View:
    """One request for a page by a signed-in administrator."""

    def __init__(
        self,
        running: Service,
        operations: Mapping[str, Invoke],
        request: Request,
        caller: Caller,
        secret: str,
        *,
        path: Values,
        query: Query,
        form: Form,
        browser: Browser,
    ) -> None:
        self.running = running
        self.request = request
        self.caller = caller
        self.path = path
        self.query = query
        self.form = form
        self.browser = browser
        self.csrf_token = csrf_token(secret)
        self.problems: list[ShownProblem] = []
        self.state: dict[str, Any] = {}
        """What a form found out for its page."""
        self._operations = operations

    async def call(
        self, operation_id: str, *, path: Values | None = None, query: Values | None = None, body: Values | None = None
    ) -> Any:
        """The result of an operation of the API, called as who looks at the page. Raises its Problems."""
        given = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        encoded = urlencode(given).encode()
        raw = b"" if body is None else msgspec.json.encode(body)
        return await self._operations[operation_id](self.request, self.caller, path or {}, encoded, raw)

    async def attempt(self, operation_id: str, **arguments: Values | None) -> Any | None:
        """The same; a Problem is shown on the page instead, and the result is None."""
        try:
            return await self.call(operation_id, **arguments)
        except Exception as error:
            self.show(problem_of(error, self.request))
            return None

    def show(self, problem: Problem) -> None:
        """Show a Problem on the page."""
        shown = shown_problem(problem, self.request.request_id, self.browser.language)
        if shown not in self.problems:
            self.problems.append(shown)

    @property
    def base(self) -> str:
        """Where the pages of the tenant are."""
        return f"/console/t/{quote(self.caller.tenant_id)}"

    @property
    def platform(self) -> bool:
        """Whether who looks administers the platform."""
        return self.caller.role == "platform_admin"

    @property
    def is_live(self) -> bool:
        """Whether the browser reads it by itself, again and again."""
        return self.request.header(b"x-part") == "live"

    @property
    def is_part(self) -> bool:
        """Whether the page is fetched to stand inside another one."""
        return self.request.header(b"x-part") is not None

    async def receipt(self) -> str:
        """Where the page about what this request has ended is."""
        at = await database_time(self.running.database.share("hot", self.caller.tenant_id), self.running.at())
        return f"{self.base}/receipts/{self.request.request_id}?at={at:%Y-%m-%dT%H:%M:%SZ}"

    def field(self, name: str) -> str:
        """A field of the form, without blanks around it; empty if there is none."""
        return self.form.get(name, [""])[0].strip()


def csrf_token(secret: str) -> str:
    """The token that every form of a browser sends; it follows from the secret that the browser holds."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def shown_problem(problem: Problem, request_id: str, language: str) -> ShownProblem:
    """A Problem in the words of a language."""
    kind = problem.kind
    title, detail, remedy = (
        i18n.text(kind.slug, part, problem.arguments, language) for part in ("title", "detail", "remedy")
    )
    errors = [
        (violation.field, i18n.violation(violation.code, violation.reason, violation.arguments, language))
        for violation in problem.violations
    ]
    return ShownProblem(kind.status, title, detail, remedy, errors, request_id)
