"""Token exchange, for administrators and clients."""

from typing import Any

from autional.access.exchange import exchange_token
from autional.api.model import Call
from autional.api.tokens.schemas import (
    TokenExchangeResponse,
)


async def exchanged(
    call: Call, subject_token: str, audience: str | None, actor: dict[str, Any], tenant_ids: frozenset[str] | None
) -> TokenExchangeResponse:
    """Exchange the subject token, and respond with the new one."""
    access, audience = await exchange_token(
        call.database,
        call.service.issuer,
        subject_token,
        audience,
        actor=actor,
        authority=call.caller.authority,
        tenant_ids=tenant_ids,
        at=call.at,
    )
    return TokenExchangeResponse(access_token=access.text, audience=audience, expires_in=access.expires_in)


def actor_of(call: Call) -> dict[str, Any]:
    """Who acts (RFC 8693 §4.1): a user of the tenant, one of another with its issuer, or an API key."""
    home = call.caller.home_tenant
    sub = {"sub": call.caller.user_id or call.caller.key_id or ""}
    return sub | ({"iss": call.service.issuer.of(home)} if home else {})
