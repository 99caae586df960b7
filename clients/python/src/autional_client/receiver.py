"""A receiver of Shared Signals (OpenID SSF 1.0): what is pushed (RFC 8935), and what is polled (RFC 8936)."""

import hmac
import logging
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import httpx
import msgspec

from autional_client.calls import must_be_safe
from autional_client.client import no_answer
from autional_client.errors import NoAnswerError, problem_error
from autional_client.security_events import (
    LONGEST,
    SECURITY_EVENT,
    Recent,
    SecurityEvent,
    SecurityEventError,
    events_in,
)
from autional_client.verifier.clock import ticks
from autional_client.verifier.signatures import KeySet

_KEYS_EVERY = 60.0
_UNKNOWN_KEYS_EVERY = 10.0
_ONCE_IN = 1.0
_POLL_SECONDS = 30.0
log = logging.getLogger("autional_client")
Handler = Callable[[SecurityEvent], Any]


class Answer(NamedTuple):
    """The answer to a push (RFC 8935 §2.2, §2.3)."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Polled(msgspec.Struct):
    sets: dict[str, str] = {}


class Receiver:
    """Takes events of one issuer, for one audience, each once.

    `issuer` and `jwks_url` stand in the transmitter's configuration (`/.well-known/ssf-configuration`), `audience` in
    that of the stream. With `authorization` a push has to have that `Authorization` header. Safe for threads: one
    event is handled at a time.
    """

    def __init__(
        self, *, issuer: str, audience: str, jwks_url: str, authorization: str | None = None, timeout: float = 10.0
    ) -> None:
        must_be_safe(jwks_url)
        self._issuer = issuer
        self._audience = audience
        self._jwks_url = jwks_url
        self._authorization = authorization
        self._http = httpx.Client(timeout=timeout)
        self._recent = Recent()
        self._keys: KeySet | None = None
        self._read_at = self._asked_at = float("-inf")
        self._taking, self._reading = threading.Lock(), threading.Lock()

    def __repr__(self) -> str:
        """Whose events it takes."""
        return f"{type(self).__name__}(issuer={self._issuer!r}, audience={self._audience!r})"

    def __enter__(self) -> Self:
        """Use it for the length of a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def push(self, body: bytes, authorization: str | None, handle: Handler) -> Answer:
        """Take what was pushed, and answer. What `handle` raises is raised, so that the transmitter tries again.

        Raises NoAnswerError where the issuer's keys cannot be read: answer with a 5xx.
        """
        if self._authorization is not None and not _equal(authorization, self._authorization):
            return _refusal(401, "authentication_failed", "the Authorization header is not that of the stream")
        try:
            self._take(body.decode("ascii"), handle)
        except UnicodeDecodeError:
            return _refusal(400, "invalid_request", "no security event token")
        except SecurityEventError as error:
            log.warning("a security event was refused: %s", error)
            return _refusal(400, error.err, error.description)
        return Answer(202, {}, b"")

    def poll(self, url: str, authorization: str, handle: Handler, *, wait: bool = True) -> int:
        """Ask once for events, hand them on, and acknowledge them; returns how many tokens there were.

        Without `wait` the answer is immediate. What `handle` raises is raised before anything of it is acknowledged.
        Raises ProblemError, NoAnswerError; SecurityEventError for events of another issuer or audience than was given.
        """
        headers = {"Authorization": authorization, "Accept": "application/json"}
        sets = self._ask(url, headers, {"maxEvents": 100, "returnImmediately": not wait})
        taken, wrong = [], {}
        for jti, token in sets.items():
            try:
                self._take(token, handle)
                taken.append(jti)
            except SecurityEventError as error:
                if error.err in {"invalid_issuer", "invalid_audience"}:
                    raise  # what this receiver was told is wrong, and not the event
                log.warning("a security event was refused: %s", error)
                wrong[jti] = {"err": error.err, "description": error.description}
        if sets:
            said = {"maxEvents": 0, "returnImmediately": True, "ack": taken}
            self._ask(url, headers, said | ({"setErrs": wrong} if wrong else {}))
        return len(sets)

    def _ask(self, url: str, headers: dict[str, str], body: dict[str, Any]) -> dict[str, str]:
        try:
            answer = self._http.post(url, headers=headers, json=body, timeout=_POLL_SECONDS)
        except httpx.HTTPError as error:
            raise no_answer(error) from error
        if answer.status_code not in {200, 202, 204}:
            raise problem_error(answer.status_code, answer.content, None, f"POST {url}")
        return msgspec.json.decode(answer.content or b"{}", type=_Polled).sets

    def _take(self, token: str, handle: Handler) -> None:
        events = self._events(token)
        with self._taking:
            if events[0].jti in self._recent:
                return
            for event in events:
                handle(event)
            self._recent.add(events[0].jti)

    def _events(self, token: str) -> list[SecurityEvent]:
        try:
            return events_in(token, self._issuer, self._audience, self._current_keys())
        except SecurityEventError as error:
            if error.err != "invalid_key" or ticks() - self._read_at < _UNKNOWN_KEYS_EVERY:
                raise
        return events_in(token, self._issuer, self._audience, self._read_keys())

    def _current_keys(self) -> KeySet:
        if self._keys is not None and ticks() - self._read_at < _KEYS_EVERY:
            return self._keys
        try:
            return self._read_keys()
        except NoAnswerError:
            if self._keys is None:
                raise
            return self._keys

    def _read_keys(self) -> KeySet:
        """The keys as they are now; raises NoAnswerError, so that nothing is refused for good that may be right."""
        with self._reading:
            if ticks() - self._asked_at < _ONCE_IN:
                raise NoAnswerError(f"the keys of {self._issuer} could not be read a moment ago")
            try:
                answer = self._http.get(self._jwks_url)
                answer.raise_for_status()
                self._keys = KeySet(answer.content, SECURITY_EVENT, LONGEST)
            except (httpx.HTTPError, ValueError) as error:
                self._asked_at = ticks()
                raise NoAnswerError(f"the keys of {self._issuer} cannot be read: {error}") from error
            self._read_at = ticks()
            return self._keys


def _equal(given: str | None, expected: str) -> bool:
    return hmac.compare_digest((given or "").encode(), expected.encode())


def _refusal(status: int, err: str, description: str) -> Answer:
    return Answer(
        status, {"Content-Type": "application/json"}, msgspec.json.encode({"err": err, "description": description})
    )
