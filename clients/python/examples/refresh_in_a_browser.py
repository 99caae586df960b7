"""A backend for a browser application: scripts never see a token, only cookies that they cannot read."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response

from autional_client import AsyncClient, UnauthenticatedError

client = AsyncClient(os.environ["SESSIONS_URL"], api_key=os.environ["SESSIONS_API_KEY"])


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with client:
        yield


app = FastAPI(lifespan=lifespan)


def keep(response: Response, access_token: str, refresh_token: str) -> None:
    rules = {"httponly": True, "secure": True, "samesite": "strict"}
    response.set_cookie("__Host-access", access_token, **rules)  # type: ignore[arg-type]
    response.set_cookie("__Secure-refresh", refresh_token, path="/session", **rules)  # type: ignore[arg-type]


@app.post("/session", status_code=204)
async def sign_in(response: Response) -> None:
    begun = await client.internal_create_session(auth_user_id="usr_42", amr=["pwd"])  # once you know who it is
    keep(response, begun.data.tokens.access_token, begun.data.tokens.refresh_token)


@app.post("/session/refresh")
async def refresh(request: Request) -> Response:
    """The page calls this when a call was answered with 401, once for all of its tabs (`navigator.locks`)."""
    response = Response(status_code=204)
    try:
        pair = await client.refresh_session(refresh_token=request.cookies.get("__Secure-refresh", "none"))
        keep(response, pair.access_token, pair.refresh_token)
    except UnauthenticatedError:
        response.status_code = 401  # the session is over: show the login page
        response.headers["Clear-Site-Data"] = '"cookies"'
    return response
