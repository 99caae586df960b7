"""Calls of the service without any input or output: what is sent, what an answer means, and when to ask again."""

import random
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import NoneType
from typing import Any, Generic, NamedTuple, TypeVar, cast
from urllib.parse import quote, urlencode

import msgspec

from autional_client.errors import UNREADABLE, AutionalError, ProblemError, problem_error

Answer = TypeVar("Answer")

LONGEST_PAUSE = 30.0
"""Seconds; who is told to wait for longer raises instead."""
_FIRST_PAUSE = 0.25
_MOST_BACKOFF = 8.0
_ASK_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOTHING_DONE = 429
_LOCAL = re.compile(r"https?://(localhost|127\.[\d.]+|\[::1\])(:\d+)?(/|$)")


class Config(NamedTuple):
    """Whom a client calls, and as whom."""

    base_url: str
    credential: tuple[str, str] | None
    """The header that says who calls, and its value; None: nobody, as where a refresh token is the credential."""
    tenant_id: str | None
    timeout: float
    max_retries: int


class Options(NamedTuple):
    """What is different for one call.

    timeout: seconds that one attempt may take. max_retries: how often to ask again. idempotency_key: for the operations
    that honour one; made by the client otherwise. tenant_id: the tenant to act in. headers: sent as they are.
    """

    timeout: float | None = None
    max_retries: int | None = None
    idempotency_key: str | None = None
    tenant_id: str | None = None
    headers: Mapping[str, str] = {}


NO_OPTIONS = Options()


class Call(NamedTuple, Generic[Answer]):
    """A call of an operation."""

    method: str
    path: str
    answer: type[Answer]
    query: Mapping[str, Any] = {}
    body: Mapping[str, Any] | None = None
    is_form: bool = False
    takes_key: bool = False
    """Whether it honours an Idempotency-Key."""
    is_repeatable: bool = False
    """Whether a repeat has no effect beyond that of the first."""


class Sendable(NamedTuple):
    """A call as it is sent; all of its attempts are the same."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None
    timeout: float
    max_retries: int
    is_repeatable: bool


def config_of(
    base_url: str,
    api_key: str | None,
    access_token: str | None,
    tenant_id: str | None,
    timeout: float,
    max_retries: int,
) -> Config:
    """A configuration; raises ValueError where it cannot be meant."""
    if api_key is not None and access_token is not None:
        raise ValueError("give either api_key or access_token")
    secret = api_key if api_key is not None else access_token
    if secret is not None and (not secret or not secret.isascii() or not secret.isprintable() or " " in secret):
        raise ValueError("the API key or access token is empty, or has a space, a line break or another odd character")
    must_be_safe(base_url)
    if timeout <= 0 or max_retries < 0:
        raise ValueError("timeout must be positive, max_retries 0 or more")
    credential = ("X-API-Key", api_key) if api_key is not None else None
    if access_token is not None:
        credential = ("Authorization", f"Bearer {access_token}")
    return Config(base_url.rstrip("/"), credential, tenant_id, timeout, max_retries)


def must_be_safe(url: str) -> None:
    """Raise ValueError for a URL without TLS, unless it is of this machine."""
    if not url.startswith("https://") and not _LOCAL.match(url):
        raise ValueError(f"{url!r} must begin with https:// (http:// is for this machine only)")


def path_of(template: str, **values: str) -> str:
    """A path with its parameters; one that is empty raises ValueError."""
    for name, value in values.items():
        if not value:
            raise ValueError(f"{name} is empty")
        template = template.replace(f"{{{name}}}", quote(value, safe="").replace(".", "%2E"))
    return template


def sendable(config: Config, call: Call[Any], options: Options) -> Sendable:
    """What is sent for a call."""
    given = {name: value for name, value in call.query.items() if value is not None}
    query = urlencode({name: _text(value) for name, value in given.items()})
    headers = {
        "Accept": "*/*" if call.answer is str else "application/json",
        "User-Agent": "autional-client",
    }
    headers |= dict([config.credential]) if config.credential else {}
    tenant_id = options.tenant_id or config.tenant_id
    if tenant_id is not None:
        headers["X-Tenant-ID"] = tenant_id
    if call.takes_key:
        headers["Idempotency-Key"] = options.idempotency_key or str(uuid.uuid4())
    content = None
    if call.body is not None:
        fields = {name: value for name, value in call.body.items() if value is not None}
        content = urlencode(fields, doseq=True).encode() if call.is_form else msgspec.json.encode(fields)
        headers["Content-Type"] = "application/x-www-form-urlencoded" if call.is_form else "application/json"
    return Sendable(
        call.method,
        f"{config.base_url}{call.path}{'?' if query else ''}{query}",
        headers | dict(options.headers),
        content,
        config.timeout if options.timeout is None else options.timeout,
        config.max_retries if options.max_retries is None else options.max_retries,
        call.is_repeatable or call.takes_key,
    )


def answer_of(call: Call[Answer], sent: Sendable, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """What the service answered; raises ProblemError, or AutionalError for what is no answer of this service."""
    if not 200 <= status < 300:
        asked = f"{sent.method} {sent.url.partition('?')[0]}"
        raise problem_error(status, body, _seconds(headers.get("retry-after")), asked)
    try:
        if call.answer is NoneType or call.answer is str:
            return cast(Answer, body.decode() if call.answer is str else None)
        kind: Any = Any if call.answer is object else call.answer
        return cast(Answer, msgspec.json.decode(body, type=kind))
    except UNREADABLE as error:
        raise AutionalError(f"no answer of this service: {error}") from error


def pause_before_retry(sent: Sendable, attempt: int, problem: ProblemError | None, *, was_sent: bool) -> float | None:
    """Seconds to wait before the next attempt; None: there is none, since it would be one too many, or not safe.

    `attempt` counts from 0. Without a problem there was no answer; `was_sent` says whether the request may have
    arrived.
    """
    status = problem.status if problem else None
    nothing_done = status == _NOTHING_DONE or (status is None and not was_sent)
    if attempt >= sent.max_retries or not (nothing_done or sent.is_repeatable):
        return None
    if status is not None and status not in _ASK_AGAIN:
        return None
    backoff = random.uniform(0.5, 1) * min(_FIRST_PAUSE * 2**attempt, _MOST_BACKOFF)  # noqa: S311
    pause = max(backoff, problem.retry_after or 0) if problem else backoff
    return pause if pause <= LONGEST_PAUSE else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds (RFC 9110 §10.2.3)."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
