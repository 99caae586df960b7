"""Schemas that several resources share, by the names of the contract."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from autional.core.formats import NO_CONTROLS, UserId
from autional.core.problems import Violation

SessionId = UserId
PageNumber = Annotated[int, Meta(ge=1, le=10_000_000)]
PageSize = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(min_length=1, max_length=512, pattern=NO_CONTROLS)]

Data = TypeVar("Data")


Instant = Annotated[datetime, Meta(tz=True)]


class RequestModel(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A request body or query; an unknown field is refused, since a mistyped one must not be ignored."""

    def faults(self) -> list[Violation]:
        """What is wrong between its fields."""
        return []


class ResponseModel(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A response body; fields without a value are left out."""


class FieldViolation(ResponseModel):
    """One invalid field."""

    field: str
    code: str
    description: str
    value: Any = None


class ProblemResponse(ResponseModel):
    """A Problem (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: int
    service: str
    request_id: str
    trace_id: str
    span_id: str
    timestamp: Instant
    i18n_key: str
    i18n_args: dict[str, Any] = {}
    errors: list[FieldViolation] = []
    retry_after: int | None = None
    error: str | None = None
    error_description: str | None = None
    err: str | None = None
    description: str | None = None


class PageQuery(RequestModel):
    """Part of a list: a page, or what follows a cursor."""

    page: PageNumber = 1
    page_size: PageSize = 20
    cursor: Cursor | None = None


class PageInfo(ResponseModel):
    """Where a part is in its list. Without a page number if it was asked for by cursor.

    `total` is counted up to a bound (`total_is_exact`). `is_cut` says that the search for a filter stopped at a bound
    before the page was full: `next_cursor` goes on there.
    """

    page_size: int
    total: int
    total_pages: int
    has_next: bool
    has_prev: bool
    page: int | None = None
    next_cursor: str | None = None
    total_is_exact: bool = True
    is_cut: bool = False


class ListResponse(ResponseModel, omit_defaults=False):
    """Part of a list."""

    pagination: PageInfo
    total: int
    timestamp: Instant
    code: int = 0
    message: str = "success"


class SimpleResponse(ResponseModel, omit_defaults=False):
    """The operation is done."""

    timestamp: Instant
    code: int = 0
    message: str = "success"


class CountedResponse(SimpleResponse, kw_only=True):
    """The operation is done, with a number of sessions."""

    sessions: int


class DataResponse(ResponseModel, Generic[Data], omit_defaults=False):
    """The envelope of answers to services."""

    data: Data
    timestamp: Instant
    code: int = 0
    message: str = "success"
