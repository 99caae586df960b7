"""The types of the API: operations, calls, arguments and answers."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

from autional.access.caller import Access, Caller
from autional.api.request import Request
from autional.api.request_parsing import Nothing
from autional.audit.log import Action
from autional.core.problems import ProblemType
from autional.events.subscription import Subscription
from autional.postgres.connection import WorkClass
from autional.postgres.queries import Lookup, Store
from autional.runtime.service import Service

Function = TypeVar("Function", bound=Callable[..., Awaitable[Any]])


class Call(NamedTuple):
    """What the function of an operation gets: caller, time, request, and what to work with."""

    service: Service
    database: Store
    """Where the operation works: the transaction of its act, where that is written down."""
    caller: Caller
    now: datetime
    """This node's time, for the timestamp of an answer."""
    at: datetime | None
    """The instant to decide by; None: the database's own."""
    request: Request
    """The request as it came; its bearer token is authenticated only where the operation asks for a role."""


class Arguments(NamedTuple):
    """The arguments of an operation's function; its row declares whether there are a query and a body."""

    path: Mapping[str, str]
    query: Any
    body: Any
    keywords: Mapping[str, Any]
    """What the function is called with: the path parameters, and `query`, `body` and `preloaded` where declared."""


class Page(NamedTuple):
    """An HTML page."""

    html: str
    has_scripts: bool = False


class File(NamedTuple):
    """A script or style sheet of a page."""

    content: bytes
    media_type: str


class Json(NamedTuple):
    """A response that is encoded already."""

    content: bytes


class Stream(NamedTuple):
    """Server-sent events (HTML, 9.2), as they come."""

    subscription: Subscription
    chunks: AsyncGenerator[bytes, None]


class Redirect(NamedTuple):
    """A redirection to another address of this service (RFC 9110 §15.4)."""

    location: str


class Operation(NamedTuple):
    """A row of the table of operations: everything that is declared about an operation."""

    id: str
    """The `operationId` of the OpenAPI document."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    access: Access
    function: Callable[..., Awaitable[Any]]
    status: int = 200
    media_type: str | None = None
    """Of what is neither JSON nor a page."""
    max_age: int | None = None
    """For how many seconds anybody may keep the answer; None: not at all."""
    work: WorkClass = "hot"
    """Which connections it works on, and so how long it may take."""
    on_session: Literal["see", "end", "extend", "raise"] | None = None
    """What it does to the session in its path. To see or end one needs a scope that covers it; to extend it also a role
    of its rank; to raise it its level too, and another user's session. One with a session in its path says so."""
    query: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] = Nothing
    form: bool = False
    """Whether the body is a form, as in OAuth, and not JSON."""
    idempotent: bool = False
    """Whether it honours an `Idempotency-Key`."""
    audit_action: Action | None = None
    """The action that the audit log records when an administrator or a service calls it."""
    logs: Callable[[Arguments, Any], list[str]] | None = None
    """The tenants in whose audit logs it stands, by its arguments and its result (none: the platform's log); by default
    the one that the caller acts in."""
    replaces: Callable[..., Awaitable[Any]] | None = None
    """The operation that answers with the state that this one replaces, for the audit log."""
    hide_target: bool = False
    """Whether the audit log records only a keyed hash of the user whom the body names."""
    non_transactional: bool = False
    """Whether it works in many transactions: its audit entry is then written before it."""
    preload: Callable[..., Lookup[Any] | None] | None = None
    """The lookup that is sent together with the check of the caller, given the service, the caller and the arguments.
    The caller is only claimed then, so the lookup must be cheap for anybody. The function is called once the caller is
    verified, and gets the answer as `preloaded` (None where there was no lookup)."""

    @property
    def tag(self) -> str:
        """Its group in the OpenAPI document: the package of its function."""
        return str(self.function.__module__.split(".")[2])

    @property
    def problems(self) -> tuple[ProblemType, ...]:
        """What its function declares by `may_raise`."""
        return getattr(self.function, "problems", ())


def may_raise(*kinds: ProblemType) -> Callable[[Function], Function]:
    """Declare the Problems of an operation beyond those of every operation with the same access and kind of body."""

    def declare(function: Function) -> Function:
        function.problems = kinds  # type: ignore[attr-defined]
        return function

    return declare
