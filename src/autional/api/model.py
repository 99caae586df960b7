"""What an operation is, and what its function is given."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from autional.access.caller import Access, Caller
from autional.api.request_parsing import Nothing
from autional.audit.log import Action
from autional.postgres.pool import Work
from autional.postgres.queries import Lookup, Store
from autional.runtime.service import Service


class Call(NamedTuple):
    """What every function of an operation is given: who calls, when, in which language, and what it may work with."""

    service: Service
    database: Store
    """Where the operation works: the transaction of its act, where that is written down."""
    caller: Caller
    now: datetime
    """This node's time, for the timestamp of an answer."""
    at: datetime | None
    """The instant to decide by; None: the database's own."""
    language: str
    request_id: str
    idempotency_key: str | None
    bearer: str | None
    """The bearer token of the request as it came; authenticated only where the operation asks for a role."""


class Page(NamedTuple):
    """An answer for people."""

    html: str


class Operation(NamedTuple):
    """A row of the contract: everything that is declared about it, in one place."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    access: Access
    function: Callable[..., Awaitable[Any]]
    status: int = 200
    max_age: int | None = None
    """For how many seconds anybody may keep the answer; None: not at all."""
    work: Work = "hot"
    """Which connections it works on, and so how long it may take."""
    on_session: Literal["see", "end", "extend", "raise"] | None = None
    """What it does to the session in its path. To see or end one needs a scope that covers it; to extend it also a role
    of its rank; to raise it its level too, and another user's session. One with a session in its path says so."""
    query: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] = Nothing
    form: bool = False
    act: Action | None = None
    """What an administrator or a service does by it, in the words of the audit log."""
    before: Callable[..., Awaitable[Any]] | None = None
    """The operation that answers with what an act replaces."""
    conceals: bool = False
    """Whether the log must not say on whom."""
    in_pieces: bool = False
    """Whether it works in many transactions: the act is then written down before it."""
    beside: Callable[..., Lookup[Any] | None] | None = None
    """What to ask the database together with the caller's standing, given the call and the arguments. Its caller is
    only claimed yet, so it must be cheap where a claim is; the function is not called before it is believed, and gets
    the answer as `found`."""
