"""Middleware of each framework, in real applications, against a real service: the same requests, the same answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import django
import fastapi
import flask
import httpx
import litestar
import pytest
from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.served import Served

from autional_client import AsyncVerifier, Claims, Client, Verifier
from autional_client.middleware import django as for_django
from autional_client.middleware import flask as for_flask
from autional_client.middleware import litestar as for_litestar
from autional_client.middleware.asgi import Protect, claims_of
from autional_client.middleware.fastapi import requires

PUBLIC = {"/health"}
RESOURCE = "https://api.example/orders"
METADATA = "https://api.example/.well-known/oauth-protected-resource/orders"
KINDS = ["starlette", "fastapi", "litestar", "django", "flask"]


def starlette_app(verifier: AsyncVerifier) -> Any:
    async def orders(request: Request) -> JSONResponse:
        return JSONResponse({"user": claims_of(request.scope).sub})

    async def admin(request: Request) -> JSONResponse:
        return JSONResponse({"user": claims_of(request.scope, role="admin").sub})

    async def pay(request: Request) -> JSONResponse:
        return JSONResponse({"user": claims_of(request.scope, level=2, max_age=3600).sub})

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"user": None})

    routes = [Route("/orders", orders), Route("/admin", admin), Route("/pay", pay), Route("/health", health)]
    app = Starlette(routes=routes)
    app.add_middleware(Protect, verifier=verifier, public=PUBLIC, sign_out="/sign-out", resource=RESOURCE)
    return app


def fastapi_app(verifier: AsyncVerifier) -> Any:
    app = fastapi.FastAPI()
    app.add_middleware(Protect, verifier=verifier, public=PUBLIC, sign_out="/sign-out", resource=RESOURCE)

    @app.get("/orders")
    async def orders(claims: Annotated[Claims, fastapi.Depends(requires())]) -> dict[str, str]:
        return {"user": claims.sub}

    @app.get("/admin")
    def admin(claims: Annotated[Claims, fastapi.Depends(requires(role="admin"))]) -> dict[str, str]:
        return {"user": claims.sub}

    @app.get("/pay")
    async def pay(claims: Annotated[Claims, fastapi.Depends(requires(level=2, max_age=3600))]) -> dict[str, str]:
        return {"user": claims.sub}

    @app.get("/health")
    async def health() -> dict[str, None]:
        return {"user": None}

    return app


def litestar_app(verifier: AsyncVerifier) -> Any:
    @litestar.get("/orders")
    async def orders(request: litestar.Request[Any, Any, Any]) -> dict[str, str]:
        return {"user": for_litestar.claims_of_connection(request).sub}

    @litestar.get("/admin", guards=[for_litestar.requires(role="admin")])
    async def admin(request: litestar.Request[Any, Any, Any]) -> dict[str, str]:
        return {"user": for_litestar.claims_of_connection(request).sub}

    @litestar.get("/pay", guards=[for_litestar.requires(level=2, max_age=3600)])
    async def pay(request: litestar.Request[Any, Any, Any]) -> dict[str, str]:
        return {"user": for_litestar.claims_of_connection(request).sub}

    @litestar.get("/health")
    async def health() -> dict[str, None]:
        return {"user": None}

    app: Any = litestar.Litestar([orders, admin, pay, health])
    return Protect(app, verifier, public=PUBLIC, sign_out="/sign-out", resource=RESOURCE)


def flask_app(verifier: Verifier) -> Any:
    app = flask.Flask("orders")
    for_flask.protect(app, verifier, public=PUBLIC, sign_out="/sign-out", resource=RESOURCE)

    @app.get("/orders")
    def orders() -> dict[str, str]:
        return {"user": for_flask.claims().sub}

    @app.get("/admin")
    @for_flask.requires(role="admin")
    def admin() -> dict[str, str]:
        return {"user": for_flask.claims().sub}

    @app.get("/pay")
    @for_flask.requires(level=2, max_age=3600)
    def pay() -> dict[str, str]:
        return {"user": for_flask.claims().sub}

    @app.get("/health")
    def health() -> dict[str, None]:
        return {"user": None}

    return app


def orders(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user": request.claims.sub})


urlpatterns = [
    path("orders", orders),
    path("admin", for_django.requires(role="admin")(orders)),
    path("pay", for_django.requires(level=2, max_age=3600)(orders)),
    path("health", lambda _: JsonResponse({"user": None})),
]


def django_app(verifier: Verifier) -> Any:
    if not django_settings.configured:
        django_settings.configure(
            ROOT_URLCONF=__name__,
            ALLOWED_HOSTS=["*"],
            MIDDLEWARE=["autional_client.middleware.django.Protect"],
            AUTIONAL_PUBLIC=PUBLIC,
            AUTIONAL_SIGN_OUT="/sign-out",
            AUTIONAL_RESOURCE=RESOURCE,
        )
        django.setup()
    django_settings.AUTIONAL_VERIFIER = verifier
    for_django.verifier.cache_clear()
    return get_wsgi_application()


MAKERS: dict[str, Any] = {
    "starlette": starlette_app,
    "fastapi": fastapi_app,
    "litestar": litestar_app,
    "django": django_app,
    "flask": flask_app,
}


@asynccontextmanager
async def protected(kind: str, service: Served, api_key: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application of a kind."""
    told: dict[str, Any] = {"issuer": f"{service.address}/acme", "audience": "autional", "api_key": api_key}
    if kind in {"django", "flask"}:
        with Verifier(**told, on_silence="refuse", silence=30) as verifier:
            app = MAKERS[kind](verifier)
            with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://orders.example") as client:
                yield InThreads(client)  # type: ignore[misc]
        return
    async with AsyncVerifier(**told, on_silence="refuse", silence=30) as listening:
        transport = httpx.ASGITransport(MAKERS[kind](listening))
        async with httpx.AsyncClient(transport=transport, base_url="http://orders.example") as other:
            yield other


class InThreads:
    """A client whose requests are made in threads."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        return await asyncio.to_thread(self._client.request, method, url, **options)


@pytest.fixture
def backend(service: Served, api_key: str) -> Iterator[Client]:
    with Client(service.address, api_key=api_key) as client:
        yield client


@pytest.mark.parametrize("kind", KINDS)
async def test_who_may_call_what(kind: str, service: Served, api_key: str, backend: Client, administrator: str) -> None:
    made = backend.internal_create_session(auth_user_id="usr_web", amr=["pwd"])
    user, strong = made.data.tokens.access_token, None
    async with protected(kind, service, api_key) as app:

        async def get(url: str, token: str | None = None, **headers: str) -> httpx.Response:
            given = {"Authorization": f"Bearer {token}"} | headers if token else headers
            return await app.request("GET", url, headers=given)

        assert (await get("/health")).json() == {"user": None}
        assert (await get("/orders", user)).json() == {"user": "usr_web"}
        assert (await get("/admin", administrator)).json() == {"user": "ops"}

        missing = await get("/orders")
        assert missing.status_code == 401
        assert missing.headers["www-authenticate"] == f'Bearer resource_metadata="{METADATA}"'
        told = (await get("/.well-known/oauth-protected-resource/orders")).json()
        assert (told["resource"], told["authorization_servers"]) == (RESOURCE, [f"{service.address}/acme"])
        for wrong in ("nonsense", user[:-6] + "AAAAAA"):
            refused = await get("/orders", wrong)
            assert refused.status_code == 401
            assert 'error="invalid_token"' in refused.headers["www-authenticate"]
        assert (await get("/orders", Authorization=f"Basic {user}")).status_code == 401
        assert (await get("/unknown")).status_code == 401, "who is nobody does not learn what there is"

        low = await get("/admin", user)
        assert (low.status_code, low.headers["www-authenticate"]) == (403, 'Bearer error="insufficient_scope"')
        weak = await get("/pay", user)
        assert weak.status_code == 401
        challenge = weak.headers["www-authenticate"]
        assert 'error="insufficient_user_authentication"' in challenge
        assert 'acr_values="aal2"' in challenge
        assert 'max_age="3600"' in challenge

        strong = backend.internal_upgrade_session(made.data.session.id, amr=["otp"]).access_token
        assert (await get("/pay", strong)).json() == {"user": "usr_web"}
        ended = await app.request("POST", "/sign-out", headers={"Authorization": f"Bearer {strong}"})
        assert ended.status_code == 204
        assert (await get("/orders", strong)).status_code == 401
    assert not backend.oauth_introspect(token=strong).active


@pytest.mark.parametrize("kind", KINDS)
async def test_a_revoked_token_is_refused_within_a_second(
    kind: str, service: Served, api_key: str, backend: Client
) -> None:
    made = backend.internal_create_session(auth_user_id="usr_web", amr=["pwd"])
    headers = {"Authorization": f"Bearer {made.data.tokens.access_token}"}
    async with protected(kind, service, api_key) as app:
        assert (await app.request("GET", "/orders", headers=headers)).status_code == 200
        backend.internal_revoke_session(made.data.session.id)
        began = time.monotonic()
        while (await app.request("GET", "/orders", headers=headers)).status_code == 200:
            assert time.monotonic() - began < 1
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_be_known_signs_nobody_out(kind: str, service: Served, api_key: str, backend: Client) -> None:
    token = backend.internal_create_session(auth_user_id="usr_web", amr=["pwd"]).data.tokens.access_token
    async with protected(kind, service, "key_01M8BKCC40KFP87BTWK6FH4T3K.wrong") as app:
        answer = await app.request("GET", "/orders", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
