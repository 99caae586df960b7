"""Client of Autional: sessions and tokens for many tenants.

`Client` and `AsyncClient` call the service. Errors and options are here too; schemas in `autional_client.schemas`.
"""

from autional_client.async_client import AsyncClient
from autional_client.calls import Options
from autional_client.client import Client
from autional_client.errors import (
    AutionalError,
    ConflictError,
    FieldViolation,
    ForbiddenError,
    InvalidRequestError,
    NoAnswerError,
    NoAnswerInTimeError,
    NotFoundError,
    Problem,
    ProblemError,
    RateLimitedError,
    ServiceError,
    UnauthenticatedError,
)
from autional_client.paging import AsyncPage, Page

__all__ = [
    "AsyncClient",
    "AsyncPage",
    "AutionalError",
    "Client",
    "ConflictError",
    "FieldViolation",
    "ForbiddenError",
    "InvalidRequestError",
    "NoAnswerError",
    "NoAnswerInTimeError",
    "NotFoundError",
    "Options",
    "Page",
    "Problem",
    "ProblemError",
    "RateLimitedError",
    "ServiceError",
    "UnauthenticatedError",
]
