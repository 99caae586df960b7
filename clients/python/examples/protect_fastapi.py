"""Protect FastAPI: no call for each request, and a revoked token is refused within a second."""

import os
from typing import Annotated

from fastapi import Depends, FastAPI

from autional_client import AsyncVerifier, Claims
from autional_client.middleware.fastapi import Protect, requires

verifier = AsyncVerifier(
    issuer=os.environ["SESSIONS_ISSUER"],
    audience="autional",
    api_key=os.environ["SESSIONS_API_KEY"],
    base_url=os.environ.get("SESSIONS_URL"),
    on_silence="refuse",
    silence=30,
)
app = FastAPI()
app.add_middleware(Protect, verifier=verifier, public={"/health"}, sign_out="/sign-out")


@app.get("/orders")
async def orders(claims: Annotated[Claims, Depends(requires())]) -> dict[str, str]:
    return {"of": claims.sub}


@app.delete("/orders")
async def remove(claims: Annotated[Claims, Depends(requires(role="admin", level=2))]) -> dict[str, str]:
    return {"by": claims.sub}


@app.get("/health")
async def health() -> str:
    return "ok"
