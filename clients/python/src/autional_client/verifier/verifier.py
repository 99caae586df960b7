"""A verifier for programs with threads."""

import logging
import os
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import httpx

from autional_client.bearer import bearer_token
from autional_client.calls import NO_OPTIONS
from autional_client.client import Client
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


class Verifier:
    """Verifies access tokens (RFC 9068) without a call for each, and knows within a second what was revoked.

    `issuer` and `audience` are what `iss` and `aud` must be. `api_key` is that of a service of the tenant: with it the
    verifier reads what is revoked before it judges its first token, and then listens. What becomes of a token that is
    otherwise valid when nothing has been heard for `silence` seconds (at least 10) is your choice: `on_silence` is
    "refuse" it, "ask" the service about it, or "accept" it until it expires. `base_url` is where the service is
    reached, if not by the issuer's name; `leeway` how many seconds clocks may differ; `timeout` how many a call may
    take. Without an `api_key` it reads the status lists in which the tokens stand.

    Safe for threads and after a fork: two threads of its own listen, from the first token on.
    """

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
        self._told = Told(issuer, audience, api_key, on_silence, silence, base_url, leeway, timeout)
        self._lock = threading.Lock()
        self._pid = -1
        self._set_up()

    def _set_up(self) -> None:
        self._settings = settings_of(self._told)
        config = self._settings.config
        self.knowledge: Knowledge = self._settings.knowledge
        self._client = Client(
            config.base_url, api_key=self._told.api_key, tenant_id=config.tenant_id, timeout=config.timeout
        )
        self._http = httpx.Client(timeout=config.timeout)
        self._ready = threading.Event()
        self._finding_out = threading.Lock()
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self._started_at = 0.0

    def __repr__(self) -> str:
        """Whose tokens it verifies."""
        return f"{type(self).__name__}(issuer={self.issuer!r})"

    def __enter__(self) -> Self:
        """Listen for the length of a block."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self.close()

    def start(self) -> None:
        """Begin to listen, if that has not happened in this process."""
        with self._lock:
            if self._pid == os.getpid():
                must_be_open(is_closed=self._closed.is_set())
                return
            if self._pid != -1:  # a fork: neither threads nor connections came along
                self._set_up()
            self._started_at = ticks()
            self._pid = os.getpid()
            works = (self._keep_keys,) if self._told.api_key is None else (self._keep_keys, self._listen)
            self._threads = [
                threading.Thread(target=work, name=f"autional {work.__name__}", daemon=True) for work in works
            ]
            for thread in self._threads:
                thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        self._http.close()
        self._client.close()
        for thread in self._threads:
            thread.join(1)

    def verify(self, token: str | None) -> Verdict:
        """What is to be said of a token; never raises because of what is in it."""
        if not token:
            return Verdict("missing")
        if self._pid != os.getpid():
            self.start()
        if not self._ready.is_set():
            self._ready.wait(max(0.0, self._started_at + self._settings.timeout - ticks()))
        answer = self.knowledge.judge(token)
        if isinstance(answer, Question) and answer.what != "token":
            self._find_out(answer)
            answer = self.knowledge.judge(token, is_final=True)
        return answer if isinstance(answer, Verdict) else self._ask(token, answer)

    def _find_out(self, question: Question) -> None:
        """Read keys or a status list, in one thread; who cannot do without waits for it."""
        if self._finding_out.acquire(blocking=False):
            try:
                if self.knowledge.may_find_out(question):
                    self._read_keys() if question.what == "keys" else self._read_list(question.uri)
            finally:
                self._finding_out.release()
            return
        waits = not self.knowledge.is_ready or question.what == "list"
        if waits and self._finding_out.acquire(timeout=self._settings.timeout):
            self._finding_out.release()

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

    def sign_out(self, claims: Claims) -> None:
        """End the session of a token, or the token of an operator. It is refused here at once, and soon everywhere.

        Raises ProblemError where the service refuses, NoAnswerError where it does not answer.
        """
        with suppress(NotFoundError):  # it is gone already
            if claims.session_id is not None:
                self._client.internal_revoke_session(claims.session_id)
            else:
                self._client.internal_blacklist_token(token=claims.jti, token_type="access", user_id=claims.sub)
        self.knowledge.note_end(claims)

    def verify_request(self, request: Any) -> Verdict:
        """The same for the bearer token of a request of any framework, or for its headers."""
        return self.verify(bearer_token(request))

    def _ask(self, token: str, question: Question) -> Verdict:
        assert question.claims is not None  # noqa: S101
        try:
            answer = self._client.send(question_about(token, question.claims), AT_ONCE)
        except AutionalError as error:
            log.warning("the service did not say whether a token is valid: %s", error)
            return Verdict("status_unknown")
        return Verdict("valid", question.claims, "asked") if answer.valid else Verdict("revoked", None, "asked")

    def _read_keys(self) -> None:
        try:
            answer = self._http.get(self._settings.jwks_url)
            must_be_found(answer)
            self.knowledge.keys.read(answer.content)
            self.knowledge.clock.set_by(answer.headers)
            self._note_progress()
        except Exception as error:
            self.knowledge.keys.failures += 1
            if not self._closed.is_set() and should_log(self.knowledge.keys.failures):
                log.warning("the keys of %s could not be read: %s", self.issuer, error)

    def _read_list(self, uri: str) -> None:
        url = where_to_read(uri, self._settings)
        if url is None:
            log.warning("a token says that its status is published at %s, which is not the issuer's", uri)
            return
        try:
            answer = self._http.get(url, headers={"Accept": MEDIA_TYPE})
            must_be_found(answer)
            self.knowledge.keep_list(uri, answer.text)
        except Exception as error:
            log.warning("the status list %s could not be read: %s", uri, error)

    def _note_progress(self) -> None:
        if self.knowledge.is_ready:
            self._ready.set()

    def _keep_keys(self) -> None:
        while True:
            self._read_keys()
            pause = KEYS_EVERY if self.knowledge.keys.age < KEYS_EVERY else 1.0
            if self._closed.wait(pause):
                return

    def _listen(self) -> None:
        failures = 0
        while not self._closed.is_set():
            refusal: ProblemError | None = None
            try:
                self._fill()
                self._note_progress()
                self._read_stream()
                failures = 0 if self.knowledge.is_current else failures + 1
            except Exception as error:
                refusal = error if isinstance(error, ProblemError) and error.status < 500 else None
                failures += 1
                if refusal is not None:
                    self.knowledge.note_refusal(refusal.slug)
                if not self._closed.is_set() and should_log(failures):
                    log.warning("%s does not hear what is revoked: %s", self, error)
            self._closed.wait(pause_after(failures, was_refused=refusal is not None))

    def _fill(self) -> None:
        if self.knowledge.last_event_id is not None:
            return
        self.knowledge.begin_anew()
        after = self.knowledge.take(self._client.send(snapshot_after(None), NO_OPTIONS))
        while after is not None:
            after = self.knowledge.take(self._client.send(snapshot_after(after), NO_OPTIONS))

    def _read_stream(self) -> None:
        knowledge, reader = self.knowledge, Reader()
        headers = {**self._settings.feed_headers, "Last-Event-ID": knowledge.last_event_id or ""}
        limits = httpx.Timeout(self._settings.timeout, read=READ_WITHIN)
        with self._http.stream("GET", self._settings.feed_url, headers=headers, timeout=limits) as answer:
            if answer.status_code != httpx.codes.OK:
                raise problem_error(answer.status_code, answer.read(), None, f"GET {self._settings.feed_url}")
            knowledge.begin_stream()
            for piece in answer.iter_raw():
                for sent in reader.read(piece):
                    if not knowledge.hear(sent):
                        knowledge.begin_anew()
                        return
