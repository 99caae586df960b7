"""Whom a verifier listens to, and how it asks: the same for both ways to wait."""

import random
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from autional_client.calls import Call, Config, Options, config_of
from autional_client.schemas import SnapshotResponse, TokenValidationResponse
from autional_client.status_lists import StatusCache
from autional_client.verifier.knowledge import Knowledge, OnSilence
from autional_client.verifier.signatures import Expectation
from autional_client.verifier.verdict import Claims

AT_ONCE = Options(max_retries=0)
"""A request waits for the answer about its token: no time for retries."""
KEYS_EVERY = 60.0
"""Seconds after which the keys are read again."""
READ_WITHIN = 12.0
"""Seconds within which a stream says something: it beats every five."""
_EXAMPLE = "https://sessions.example/acme"
_SHORTEST_SILENCE = 10.0
_LONGEST_PAUSE = 2.0
_AFTER_REFUSAL = 5.0
_FEED = "/internal/session/revocations"


class Settings(NamedTuple):
    """What follows from that."""

    knowledge: Knowledge
    config: Config
    jwks_url: str
    feed_url: str
    feed_headers: Mapping[str, str]
    timeout: float


class Told(NamedTuple):
    """What a verifier was told, as it was told."""

    issuer: str
    audience: str | list[str]
    api_key: str | None
    on_silence: OnSilence
    silence: float
    base_url: str | None
    leeway: float
    timeout: float


def settings_of(told: Told) -> Settings:
    """The settings of a verifier; raises ValueError where they cannot be meant."""
    issuer, audience, api_key, on_silence, silence, base_url, leeway, timeout = told
    base, _, tenant_id = issuer.rpartition("/")
    if not tenant_id or not urlsplit(base).netloc:
        raise ValueError(f"issuer is what `iss` says: the service and the tenant, such as {_EXAMPLE}, not {issuer!r}")
    audiences = frozenset([audience] if isinstance(audience, str) else audience)
    if on_silence not in {"refuse", "ask", "accept"}:
        raise ValueError("on_silence must be refuse, ask or accept")
    if silence < _SHORTEST_SILENCE:
        raise ValueError(f"silence must be at least {_SHORTEST_SILENCE:.0f} seconds: the log beats every five")
    if not 0 <= leeway <= 60 or timeout <= 0:
        raise ValueError("leeway must be from 0 to 60 seconds, timeout positive")
    if not audiences or not all(audiences):
        raise ValueError("give an audience: what `aud` says, usually autional")
    if api_key is None and on_silence == "ask":
        raise ValueError("on_silence can be ask only with an api_key")
    config = config_of(base_url or base, api_key, None, tenant_id, timeout, 1)
    return Settings(
        Knowledge(
            Expectation(issuer, audiences, leeway), silence, on_silence, StatusCache() if api_key is None else None
        ),
        config,
        f"{config.base_url}/tenants/{tenant_id}/jwks.json",
        f"{config.base_url}{_FEED}",
        {
            "X-Tenant-ID": tenant_id,
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "User-Agent": "autional-client",
        }
        | dict([config.credential] if config.credential else []),
        timeout,
    )


def snapshot_after(last_event_id: str | None) -> Call[SnapshotResponse]:
    """The call for the next part of what is revoked."""
    query = {"after": last_event_id}
    return Call("GET", f"{_FEED}/snapshot", SnapshotResponse, query=query, is_repeatable=True)


def question_about(token: str, claims: Claims) -> Call[TokenValidationResponse]:
    """The call that asks the service about a token."""
    body: dict[str, Any] = {"access_token": token, "audience": claims.aud if isinstance(claims.aud, str) else None}
    path = "/internal/session/validate-token"
    return Call("POST", path, TokenValidationResponse, body=body, is_repeatable=True)


def where_to_read(uri: str, settings: Settings) -> str | None:
    """Where a status list of the issuer is read; None for one that is published elsewhere: nobody is asked for it."""
    base = settings.knowledge.expectation.issuer.rpartition("/")[0]
    return settings.config.base_url + uri.removeprefix(base) if uri.startswith(f"{base}/") else None


def pause_after(failures: int, *, was_refused: bool) -> float:
    """Seconds until a stream is opened again after so many failures in a row."""
    longest = _AFTER_REFUSAL if was_refused else min(0.1 * 2 ** min(failures, 10), _LONGEST_PAUSE)
    return random.uniform(0.5, 1) * longest  # noqa: S311


def must_be_found(answer: httpx.Response) -> None:
    """Raise ValueError for any answer but a 200."""
    if answer.status_code != httpx.codes.OK:
        raise ValueError(f"{answer.url} answered {answer.status_code}")


def must_be_open(*, is_closed: bool) -> None:
    """Raise RuntimeError for a verifier that was closed: it would go on without listening."""
    if is_closed:
        raise RuntimeError("the verifier was closed: make another one")


def should_log(failures: int) -> bool:
    """Whether to log it again: the first time, the second, the fourth, the eighth …"""
    return failures & (failures - 1) == 0
