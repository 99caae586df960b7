"""Sign in to the console by an OpenID provider: the authorization code flow with PKCE (OpenID Connect Core 1.0 §3.1).

What a browser began is kept in its own signed cookie; the service remembers nothing.
"""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, NamedTuple, cast
from urllib.parse import quote, urlencode

import httpx
import msgspec
import structlog
from cachetools import TTLCache
from itsdangerous import BadData, URLSafeSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from autional.core import problems
from autional.core.authority import Role
from autional.core.formats import AuthenticationMethod, UserId
from autional.core.problems import Problem
from autional.core.settings import ConsoleGrant, Settings
from autional.postgres.queries import database_time
from autional.runtime.service import Service

_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]
_PATIENCE = 10.0
_KEPT = 300
_AT_ONCE = 8
_FAILURES = (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError)
_waiting = asyncio.Semaphore(_AT_ONCE)
LIFETIME = 600
"""Seconds within which a sign-in that was begun has to come back."""

log = structlog.get_logger()


class Begun(NamedTuple):
    """Where the browser goes, and what it keeps meanwhile."""

    location: str
    kept: str


class SignedIn(NamedTuple):
    """Who came back, as what, and how the provider authenticated them (RFC 8176)."""

    user_id: str
    tenant_id: str
    role: Role
    amr: list[str]


async def begin(running: Service, redirect_uri: str) -> Begun:
    """Begin a sign-in. Raises the Problem SIGN_IN_REFUSED."""
    settings = running.settings
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        endpoint: str = (await _provider(settings)).metadata["authorization_endpoint"]
    except _FAILURES as error:
        raise _refused("the provider cannot be reached", error) from None
    asked = {
        "response_type": "code",
        "client_id": settings.console_oidc_client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    location = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
    now = await database_time(running.database.share("hot", None), running.at())
    return Begun(location, str(_serializer(running).dumps([state, nonce, verifier, int(now.timestamp())])))


async def finish(running: Service, redirect_uri: str, kept: str, answer: Mapping[str, str]) -> SignedIn:
    """Who the provider says has signed in. Raises the Problem SIGN_IN_REFUSED."""
    settings = running.settings
    try:
        state, nonce, verifier, begun_at = _serializer(running).loads(kept)
    except BadData as error:
        raise _refused("nothing was begun in this browser", error) from None
    now = await database_time(running.database.share("hot", None), running.at())
    if now.timestamp() - begun_at > LIFETIME:
        raise _refused("the sign-in was begun too long ago", None)
    if not secrets.compare_digest(answer.get("state", "").encode(), state.encode()) or "code" not in answer:
        raise _refused("another sign-in was begun in this browser", answer.get("error"))
    if answer.get("iss", settings.console_oidc_issuer) != settings.console_oidc_issuer:
        raise _refused("the answer is of another provider (RFC 9207 §2.4)", answer.get("iss"))
    try:
        provider = await _provider(settings)
        exchange = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        endpoint = provider.metadata["token_endpoint"]
        async with _one_of_few():
            told = await _client().post(endpoint, data=exchange, auth=_credentials(settings))
        claims = _verified(settings, provider.keys, told.raise_for_status().json()["id_token"], nonce)
    except _FAILURES as error:
        _known.clear()  # its keys may have changed: the next sign-in asks again
        raise _refused("the ID token cannot be verified", error) from None
    return _granted(settings, claims)


class Provider(NamedTuple):
    """What a provider says of itself: its metadata and its keys."""

    metadata: dict[str, Any]
    keys: KeySet


_known: TTLCache[str, Provider] = TTLCache(1, ttl=_KEPT)


async def _provider(settings: Settings) -> Provider:
    """The provider, asked once in five minutes (OpenID Connect Discovery 1.0 §4)."""
    issuer = settings.console_oidc_issuer or ""
    if issuer not in _known:
        async with _one_of_few():
            metadata = await _got(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if metadata["issuer"] != issuer:
                raise ValueError(f"the provider calls itself {metadata['issuer']}")
            _known[issuer] = Provider(metadata, KeySet.import_key_set(await _got(metadata["jwks_uri"])))
    return _known[issuer]


@asynccontextmanager
async def _one_of_few() -> AsyncIterator[None]:
    """A place among the few who may ask the provider at once. Raises ValueError if there is none."""
    if _waiting.locked():
        raise ValueError("too many sign-ins are under way")
    async with _waiting:
        yield


@cache
def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_PATIENCE, follow_redirects=False, trust_env=False)


def _credentials(settings: Settings) -> tuple[str, str]:
    """Client id and secret for HTTP Basic, encoded as RFC 6749 §2.3.1 says."""
    return quote(settings.console_oidc_client_id, safe=""), quote(settings.console_oidc_client_secret, safe="")


async def _got(address: str) -> Any:
    return (await _client().get(address)).raise_for_status().json()


def _verified(settings: Settings, keys: KeySet, id_token: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core 1.0 §3.1.3.7). Raises JoseError."""
    claims = jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims
    expected = jwt.JWTClaimsRegistry(
        leeway=60,
        iss={"essential": True, "value": settings.console_oidc_issuer or ""},
        aud={"essential": True, "value": settings.console_oidc_client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    expected.validate(claims)
    if claims.get("azp", settings.console_oidc_client_id) != settings.console_oidc_client_id:
        raise ValueError("the token was issued to another client")
    return dict(claims)


def _granted(settings: Settings, claims: Mapping[str, Any]) -> SignedIn:
    grant = next((one for one in settings.console_grants if _fits(one, claims)), None)
    if grant is None:
        raise _refused("no grant in AUTIONAL_CONSOLE_OIDC_GRANTS fits", None)
    try:
        user_id = msgspec.convert(claims["sub"], UserId)
        amr = msgspec.convert(claims.get("amr") or [], list[AuthenticationMethod])
    except msgspec.ValidationError as error:
        raise _refused("the ID token names nobody who can be named here", error) from None
    return SignedIn(user_id, grant.tenant_id, cast(Role, grant.role), amr[:16])


def _fits(grant: ConsoleGrant, claims: Mapping[str, Any]) -> bool:
    """Whether a claim, or one of a list, has the value as JSON writes it."""
    value = claims.get(grant.claim)
    return grant.value in {_written(one) for one in (value if isinstance(value, list) else [value])}


def _written(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _refused(reason: str, cause: object) -> Problem:
    log.warning("sign-in to the console refused", reason=reason, cause=str(cause) if cause else None)
    return Problem(problems.SIGN_IN_REFUSED)


def _serializer(running: Service) -> URLSafeSerializer:
    return URLSafeSerializer(running.cursor_key, "console sign-in")
