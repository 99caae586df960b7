"""A client for asyncio."""

import asyncio
from types import TracebackType
from typing import Self

import httpx

from autional_client.calls import Answer, Call, Options, answer_of, config_of, pause_before_retry, sendable
from autional_client.client import NOTHING_SENT, no_answer
from autional_client.errors import ProblemError
from autional_client.operations import AsyncOperations


class AsyncClient(AsyncOperations):
    """The same as Client, with coroutines for methods, of one event loop."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        access_token: str | None = None,
        tenant_id: str | None = None,
        timeout: float = 10.0,
        max_retries: int = 3,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self._config = config_of(base_url, api_key, access_token, tenant_id, timeout, max_retries)
        self._http = http_client or httpx.AsyncClient()
        self._is_own = http_client is None

    def __repr__(self) -> str:
        """Whom it calls; without the credential."""
        return f"{type(self).__name__}({self._config.base_url!r}, tenant_id={self._config.tenant_id!r})"

    async def __aenter__(self) -> Self:
        """Use it for the length of a block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    async def close(self) -> None:
        """Close its connections."""
        if self._is_own:
            await self._http.aclose()

    async def send(self, call: Call[Answer], options: Options) -> Answer:
        """Send a call until there is an answer, or no retry is left or safe."""
        sent = sendable(self._config, call, options)
        attempt = 0
        while True:
            problem: ProblemError | None = None
            failure: Exception
            was_sent = True
            try:
                answer = await self._http.request(
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
            await asyncio.sleep(pause)
            attempt += 1
