"""A verifier for asyncio."""

import asyncio
import logging
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import httpx

from autional_client.async_client import AsyncClient
from autional_client.bearer import bearer_token
from autional_client.calls import NO_OPTIONS
from autional_client.errors import AutionalError, NotFoundError, ProblemError, problem_error
from autional_client.status_lists import MEDIA_TYPE
from autional_client.verifier.clock import ticks
from autional_client.verifier.knowledge import Knowledge, OnSilence, Question
from autional_client.verifier.settings import (
    AT_ONCE,
    KEYS_EVERY,
    READ_WITHIN,
    Told,
    must_be_found,
    must_be_open,
    pause_after,
    question_about,
    settings_of,
    should_log,
    snapshot_after,
    where_to_read,
)
from autional_client.verifier.stream import Reader
from autional_client.verifier.verdict import Claims, Verdict

log = logging.getLogger("autional_client")


class AsyncVerifier:
    """The same as Verifier, with coroutines, for one event loop: two tasks listen from the first token on."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str | list[str],
        api_key: str | None = None,
        on_silence: OnSilence,
        silence: float,
        base_url: str | None = None,
        leeway: float = 5.0,
        timeout: float = 5.0,
    ) -> None:
        told = Told(issuer, audience, api_key, on_silence, silence, base_url, leeway, timeout)
        self._settings = settings_of(told)
        config = self._settings.config
        self.knowledge: Knowledge = self._settings.knowledge
        self._client = AsyncClient(config.base_url, api_key=api_key, tenant_id=config.tenant_id, timeout=timeout)
        self._http = httpx.AsyncClient(timeout=timeout)
        self._api_key = api_key
        self._ready = asyncio.Event()
        self._finding_out = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._started_at = 0.0
        self._is_closed = False

    def __repr__(self) -> str:
        """Whose tokens it verifies."""
        return f"{type(self).__name__}(issuer={self.issuer!r})"

    async def __aenter__(self) -> Self:
        """Listen for the length of a block."""
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        await self.close()

    def start(self) -> None:
        """Begin to listen, if that has not happened."""
        must_be_open(is_closed=self._is_closed)
        if not self._tasks:
            self._started_at = ticks()
            works = [self._keep_keys()] if self._api_key is None else [self._keep_keys(), self._listen()]
            self._tasks = [asyncio.create_task(work) for work in works]

    async def close(self) -> None:
        """Stop listening."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()
        await self._client.close()

    async def verify(self, token: str | None) -> Verdict:
        """What is to be said of a token; never raises because of what is in it."""
        if not token:
            return Verdict("missing")
        if not self._tasks:
            self.start()
        if not self._ready.is_set():
            await self._wait_until_ready()
        answer = self.knowledge.judge(token)
        if isinstance(answer, Question) and answer.what != "token":
            await self._find_out(answer)
            answer = self.knowledge.judge(token, is_final=True)
        return answer if isinstance(answer, Verdict) else await self._ask(token, answer)

    async def _wait_until_ready(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._started_at + self._settings.timeout - ticks())):
                await self._ready.wait()

    async def _find_out(self, question: Question) -> None:
        """Read keys or a status list, once at a time; who cannot do without waits for it."""
        if self._finding_out.locked():
            if not self.knowledge.is_ready or question.what == "list":
                async with self._finding_out:
                    return
            return
        async with self._finding_out:
            if self.knowledge.may_find_out(question):
                await (self._read_keys() if question.what == "keys" else self._read_list(question.uri))

    @property
    def issuer(self) -> str:
        """Whose tokens it verifies."""
        return self.knowledge.expectation.issuer

    @property
    def can_sign_out(self) -> bool:
        """Whether it has an API key to end sessions with."""
        return self._settings.config.credential is not None

    def now(self) -> float:
        """The issuer's time, in seconds since 1970."""
        return self.knowledge.clock.at(ticks())

    async def sign_out(self, claims: Claims) -> None:
        """End the session of a token, or the token of an operator. It is refused here at once, and soon everywhere.

        Raises ProblemError where the service refuses, NoAnswerError where it does not answer.
        """
        with suppress(NotFoundError):  # it is gone already
            if claims.session_id is not None:
                await self._client.internal_revoke_session(claims.session_id)
            else:
                await self._client.internal_blacklist_token(token=claims.jti, token_type="access", user_id=claims.sub)
        self.knowledge.note_end(claims)

    async def verify_request(self, request: Any) -> Verdict:
        """The same for the bearer token of a request of any framework, or for its headers."""
        return await self.verify(bearer_token(request))

    async def _ask(self, token: str, question: Question) -> Verdict:
        assert question.claims is not None  # noqa: S101
        try:
            answer = await self._client.send(question_about(token, question.claims), AT_ONCE)
        except AutionalError as error:
            log.warning("the service did not say whether a token is valid: %s", error)
            return Verdict("status_unknown")
        return Verdict("valid", question.claims, "asked") if answer.valid else Verdict("revoked", None, "asked")

    async def _read_keys(self) -> None:
        try:
            answer = await self._http.get(self._settings.jwks_url)
            must_be_found(answer)
            self.knowledge.keys.read(answer.content)
            self.knowledge.clock.set_by(answer.headers)
            self._note_progress()
        except Exception as error:
            self.knowledge.keys.failures += 1
            if should_log(self.knowledge.keys.failures):
                log.warning("the keys of %s could not be read: %s", self.issuer, error)

    async def _read_list(self, uri: str) -> None:
        url = where_to_read(uri, self._settings)
        if url is None:
            log.warning("a token says that its status is published at %s, which is not the issuer's", uri)
            return
        try:
            answer = await self._http.get(url, headers={"Accept": MEDIA_TYPE})
            must_be_found(answer)
            self.knowledge.keep_list(uri, answer.text)
        except Exception as error:
            log.warning("the status list %s could not be read: %s", uri, error)

    def _note_progress(self) -> None:
        if self.knowledge.is_ready:
            self._ready.set()

    async def _keep_keys(self) -> None:
        while True:
            await self._read_keys()
            await asyncio.sleep(KEYS_EVERY if self.knowledge.keys.age < KEYS_EVERY else 1.0)

    async def _listen(self) -> None:
        failures = 0
        while True:
            refusal: ProblemError | None = None
            try:
                await self._fill()
                self._note_progress()
                await self._read_stream()
                failures = 0 if self.knowledge.is_current else failures + 1
            except Exception as error:
                refusal = error if isinstance(error, ProblemError) and error.status < 500 else None
                failures += 1
                if refusal is not None:
                    self.knowledge.note_refusal(refusal.slug)
                if should_log(failures):
                    log.warning("%s does not hear what is revoked: %s", self, error)
            await asyncio.sleep(pause_after(failures, was_refused=refusal is not None))

    async def _fill(self) -> None:
        if self.knowledge.last_event_id is not None:
            return
        self.knowledge.begin_anew()
        after = self.knowledge.take(await self._client.send(snapshot_after(None), NO_OPTIONS))
        while after is not None:
            after = self.knowledge.take(await self._client.send(snapshot_after(after), NO_OPTIONS))

    async def _read_stream(self) -> None:
        knowledge, reader = self.knowledge, Reader()
        headers = {**self._settings.feed_headers, "Last-Event-ID": knowledge.last_event_id or ""}
        limits = httpx.Timeout(self._settings.timeout, read=READ_WITHIN)
        async with self._http.stream("GET", self._settings.feed_url, headers=headers, timeout=limits) as answer:
            if answer.status_code != httpx.codes.OK:
                raise problem_error(answer.status_code, await answer.aread(), None, f"GET {self._settings.feed_url}")
            knowledge.begin_stream()
            async for piece in answer.aiter_raw():
                for sent in reader.read(piece):
                    if not knowledge.hear(sent):
                        knowledge.begin_anew()
                        return
