"""A client that waits for each answer."""

import time
from types import TracebackType
from typing import Self

import httpx

from autional_client.calls import Answer, Call, Options, answer_of, config_of, pause_before_retry, sendable
from autional_client.errors import NoAnswerError, NoAnswerInTimeError, ProblemError
from autional_client.operations import Operations

NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Failures in which the service got nothing of the request."""


class Client(Operations):
    """Every operation of the service as a method, by the name that it has in the OpenAPI document.

    `base_url` begins with https:// (http:// on this machine only). Give the `api_key` of a service or the
    `access_token` of a user or administrator, or neither to refresh; `tenant_id` where the key is of several. `timeout`
    is in seconds and for each attempt, of which there are `max_retries` more where that is safe: nothing was done, the
    operation has the same effect when repeated, or it honours an Idempotency-Key, which stays the same. Retry-After is
    honoured up to 30 seconds. `http_client` is used as it is, for proxies and certificates; it is then yours to close.
    May be used from several threads.

    Methods raise ProblemError where the service refuses, and NoAnswerError where there is no answer.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        access_token: str | None = None,
        tenant_id: str | None = None,
        timeout: float = 10.0,
        max_retries: int = 3,
        http_client: httpx.Client | None = None,
    ) -> None:
        self._config = config_of(base_url, api_key, access_token, tenant_id, timeout, max_retries)
        self._http = http_client or httpx.Client()
        self._is_own = http_client is None

    def __repr__(self) -> str:
        """Whom it calls; without the credential."""
        return f"{type(self).__name__}({self._config.base_url!r}, tenant_id={self._config.tenant_id!r})"

    def __enter__(self) -> Self:
        """Use it for the length of a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close its connections."""
        if self._is_own:
            self._http.close()

    def send(self, call: Call[Answer], options: Options) -> Answer:
        """Send a call until there is an answer, or no retry is left or safe."""
        sent = sendable(self._config, call, options)
        attempt = 0
        while True:
            problem: ProblemError | None = None
            failure: Exception
            was_sent = True
            try:
                answer = self._http.request(
                    sent.method, sent.url, headers=sent.headers, content=sent.content, timeout=sent.timeout
                )
                return answer_of(call, sent, answer.status_code, answer.headers, answer.content)
            except ProblemError as error:
                failure = problem = error
            except httpx.HTTPError as error:
                failure, was_sent = no_answer(error), not isinstance(error, NOTHING_SENT)
            pause = pause_before_retry(sent, attempt, problem, was_sent=was_sent)
            if pause is None:
                raise failure
            time.sleep(pause)
            attempt += 1


def no_answer(error: httpx.HTTPError) -> NoAnswerError:
    """The error for a request that got no answer."""
    kind = NoAnswerInTimeError if isinstance(error, httpx.TimeoutException) else NoAnswerError
    made = kind(f"no answer: {type(error).__name__} {error}".strip())
    made.__cause__ = error
    return made
