"""Protect any ASGI application: Starlette, FastAPI, Litestar, Django's asgi, Quart."""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from contextlib import suppress
from typing import Any

from autional_client.bearer import bearer_token
from autional_client.errors import AutionalError
from autional_client.middleware.requirement import (
    NOT_SIGNED_OUT,
    SIGNED_OUT,
    NotAllowedError,
    Refusal,
    must_be_able_to_sign_out,
    refusal_of,
    requirement,
    shortfall,
)
from autional_client.resource_metadata import metadata_of
from autional_client.verifier.async_verifier import AsyncVerifier
from autional_client.verifier.verdict import Claims

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
CLAIMS = "autional.claims"
"""Where the claims of a request stand in its scope."""
_VERIFIER = "autional.verifier"


class Protect:
    """Lets only requests with a valid access token in, but for paths in `public`, which everybody may call.

    Add it by the framework's own `add_middleware`, so that what `claims_of` raises is answered here.

    The verifier listens from the start of the application to its end. A POST to `sign_out` ends the session of the
    request. With `resource`, the URL that the API is known by, its metadata is published for clients that have no token
    (RFC 9728). Websockets without a valid token are refused.
    """

    def __init__(
        self,
        app: App,
        verifier: AsyncVerifier,
        *,
        public: Collection[str] = (),
        sign_out: str | None = None,
        resource: str | None = None,
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._public = frozenset(public)
        must_be_able_to_sign_out(sign_out, can_sign_out=verifier.can_sign_out)
        self._sign_out = sign_out
        self._metadata = metadata_of(resource, verifier.issuer) if resource else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge a request, and pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, self._listening(receive), send)
            return
        if scope["type"] not in {"http", "websocket"}:
            raise RuntimeError(f"nobody knows how to protect {scope['type']}")
        if scope["path"] in self._public:
            await self._app(scope, receive, send)
            return
        if self._metadata is not None and scope["path"] == self._metadata.path:
            await answer(Refusal(200, {"Content-Type": "application/json"}, self._metadata.body), scope, send)
            return
        verdict = await self._verifier.verify(token_of(scope))
        refusal = refusal_of(verdict, self._metadata.url if self._metadata else None)
        if refusal is not None:
            await answer(refusal, scope, send)
            return
        assert verdict.claims is not None  # noqa: S101
        scope[CLAIMS], scope[_VERIFIER] = verdict.claims, self._verifier
        if scope["type"] == "http" and scope["path"] == self._sign_out and scope["method"] == "POST":
            await self._end(verdict.claims, scope, send)
            return
        await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except NotAllowedError as error:
            if has_begun:
                raise
            await answer(error.refusal, scope, send)

    async def _end(self, claims: Claims, scope: Scope, send: Send) -> None:
        try:
            await self._verifier.sign_out(claims)
        except AutionalError:
            await answer(NOT_SIGNED_OUT, scope, send)
            return
        await answer(SIGNED_OUT, scope, send)

    def _listening(self, receive: Receive) -> Receive:
        async def heard() -> MutableMapping[str, Any]:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._verifier.start()
            elif message["type"] == "lifespan.shutdown":
                with suppress(Exception):
                    await self._verifier.close()
            return message

        return heard


def claims_of(scope: Scope, role: str | None = None, level: int = 0, max_age: int | None = None) -> Claims:
    """The claims of a request that came through `Protect`; raises NotAllowedError where they are not enough.

    `role` is the lowest that will do, `level` an assurance level, `max_age` the seconds since the user authenticated.
    """
    claims: Claims | None = scope.get(CLAIMS)
    if claims is None:
        raise LookupError("the request did not come through Protect: its path is public, or the middleware is missing")
    refusal = shortfall(claims, requirement(role, level, max_age), scope[_VERIFIER].now())
    if refusal is not None:
        raise NotAllowedError(refusal)
    return claims


def token_of(scope: Scope) -> str | None:
    """The bearer token in the headers of a request; None where there is none, or more than one `Authorization`."""
    found = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
    return bearer_token({"Authorization": found[0].decode("latin-1")}) if len(found) == 1 else None


async def answer(refusal: Refusal, scope: Scope, send: Send) -> None:
    """Answer with a refusal; a websocket is closed before it is accepted, which its client sees as a 403."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in refusal.headers.items()]
    headers.append((b"content-length", str(len(refusal.body)).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": refusal.body})
