"""Client of Autional: sessions and tokens for many tenants.

`Client` and `AsyncClient` call the service, `Verifier` and `AsyncVerifier` verify its tokens without a call for each.
Errors and options are here too; what requests and answers are made of is in `autional_client.schemas`.
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
from autional_client.schemas import Actor
from autional_client.verifier.async_verifier import AsyncVerifier
from autional_client.verifier.verdict import Claims, Verdict
from autional_client.verifier.verifier import Verifier

__all__ = [
    "Actor",
    "AsyncClient",
    "AsyncPage",
    "AsyncVerifier",
    "AutionalError",
    "Claims",
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
    "Verdict",
    "Verifier",
]
