"""What goes wrong: a Problem that the service answered (RFC 9457), or no answer at all."""

import msgspec

UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""What reading the JSON of somebody else can raise."""


class AutionalError(Exception):
    """Anything that this package raises."""


class NoAnswerError(AutionalError):
    """The service was not reached, or gave no whole answer. Whether it acted is not known."""


class NoAnswerInTimeError(NoAnswerError):
    """There was no answer within the timeout."""


class FieldViolation(msgspec.Struct, frozen=True):
    """One invalid field of a request."""

    field: str
    code: str
    description: str


class Problem(msgspec.Struct, frozen=True):
    """The body of a refusal (RFC 9457 §3.1)."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    code: int = 0
    request_id: str = ""
    trace_id: str = ""
    errors: list[FieldViolation] = []
    error: str | None = None
    """The error code of OAuth (RFC 6749 §5.2), from endpoints of OAuth."""


class ProblemError(AutionalError):
    """The service refused, and said why."""

    def __init__(
        self, status: int, problem: Problem, retry_after: float | None = None, asked: str = "no request"
    ) -> None:
        self.status = status
        self.problem = problem
        self.retry_after = retry_after
        """Seconds after which to ask again, if the service said so."""
        self.asked = asked
        """The method and the URL."""
        super().__init__(status, problem, retry_after, asked)

    def __str__(self) -> str:
        """What is wrong, with the id by which the service's logs know the request."""
        problem = self.problem
        wrong = "".join(f"; {one.field}: {one.description}" for one in problem.errors)
        said = problem.detail or problem.title or problem.error or "no reason given"
        return f"{self.status} {said}{wrong} ({self.slug}; {self.asked}; request {self.request_id or 'unknown'})"

    @property
    def slug(self) -> str:
        """The name of the kind of problem: the last part of its `type`."""
        return self.problem.type.rpartition("/")[2]

    @property
    def request_id(self) -> str:
        """The id of the request in the service's logs."""
        return self.problem.request_id

    @property
    def errors(self) -> list[FieldViolation]:
        """The invalid fields, if that is what is wrong."""
        return self.problem.errors


class InvalidRequestError(ProblemError):
    """400, 413, 414, 415, 422, 431: the request cannot be understood, or a value in it is wrong."""


class UnauthenticatedError(ProblemError):
    """401: the credential is missing, wrong or over."""


class ForbiddenError(ProblemError):
    """403: the caller may not do that."""


class NotFoundError(ProblemError):
    """404: there is no such thing, or not for this caller."""


class ConflictError(ProblemError):
    """409: the state of things does not allow it."""


class RateLimitedError(ProblemError):
    """429: later."""


class ServiceError(ProblemError):
    """500 and above: the service failed, or is not available."""


_BY_STATUS: dict[int, type[ProblemError]] = {
    400: InvalidRequestError,
    401: UnauthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidRequestError,
    414: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitedError,
    431: InvalidRequestError,
}


def problem_error(status: int, body: bytes, retry_after: float | None, asked: str) -> ProblemError:
    """The error for a refusal, whatever its body."""
    try:
        problem = msgspec.json.decode(body, type=Problem, strict=False)
    except UNREADABLE:
        problem = Problem(status=status)
    kind = _BY_STATUS.get(status, ServiceError if status >= 500 else ProblemError)
    return kind(status, problem, retry_after, asked)
