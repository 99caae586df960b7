"""A server of MCP by FastMCP, unmodified: it introspects, and names our authorization server to its clients."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from fastmcp import Client as McpClient
from fastmcp import FastMCP
from fastmcp.client.auth import BearerAuth
from fastmcp.server.auth import RemoteAuthProvider
from fastmcp.server.auth.providers.introspection import IntrospectionTokenVerifier
from fastmcp.server.dependencies import get_access_token
from pydantic import AnyHttpUrl
from tests.served import Served, free_port

from autional_client import Actor, Client


@contextlib.asynccontextmanager
async def mcp_server(service: Served, api_key: str) -> AsyncIterator[str]:
    """The URL of a server with one tool, which says who calls."""
    port = free_port()
    key_id, _, secret = api_key.partition(".")
    verifier = IntrospectionTokenVerifier(
        introspection_url=f"{service.address}/oauth2/introspect", client_id=key_id, client_secret=secret
    )
    issuer = AnyHttpUrl(f"{service.address}/acme")
    auth = RemoteAuthProvider(
        token_verifier=verifier, authorization_servers=[issuer], base_url=f"http://127.0.0.1:{port}"
    )
    mcp: FastMCP[Any] = FastMCP("orders", auth=auth)

    @mcp.tool
    def who() -> dict[str, Any]:
        """Who calls, and for whom."""
        token = get_access_token()
        assert token is not None
        return {"sub": token.claims["sub"], "act": token.claims.get("act")}

    running = uvicorn.Server(uvicorn.Config(mcp.http_app(), host="127.0.0.1", port=port, log_level="warning"))
    task = asyncio.create_task(running.serve())
    while not running.started:
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}/mcp"
    running.should_exit = True
    await task


@pytest.mark.filterwarnings("ignore")
async def test_an_agent_calls_a_tool_until_its_session_ends(service: Served, api_key: str) -> None:
    with Client(service.address, api_key=api_key) as backend:
        person = backend.internal_create_session(auth_user_id="usr_mcp", amr=["pwd"]).data
        agent = backend.internal_create_session(
            auth_user_id="usr_mcp", act=Actor(sub="assistant"), parent_session_id=person.session.id
        ).data
        async with mcp_server(service, api_key) as url:
            async with McpClient(url, auth=BearerAuth(agent.tokens.access_token)) as mcp:
                answer = await mcp.call_tool("who", {})
                assert answer.data == {"sub": "usr_mcp", "act": {"sub": "assistant"}}
            backend.internal_revoke_session(person.session.id)
            async with httpx.AsyncClient() as http:
                refused = await http.post(
                    url, headers={"Authorization": f"Bearer {agent.tokens.access_token}"}, json={}
                )
                assert refused.status_code == 401
                challenge = refused.headers["www-authenticate"]
                where = challenge.partition('resource_metadata="')[2].partition('"')[0]
                told = (await http.get(where)).json()
                assert told["authorization_servers"] == [f"{service.address}/acme"]
                found = await http.get(f"{service.address}/.well-known/oauth-authorization-server/acme")
                assert found.json()["issuer"] == told["authorization_servers"][0]
