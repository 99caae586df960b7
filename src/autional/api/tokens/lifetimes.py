"""The token lifetimes of a tenant."""

from datetime import timedelta

from autional.api.model import Call
from autional.api.schemas import SimpleResponse
from autional.api.tokens.schemas import (
    TenantJWTConfigResponse,
    UpdateTenantJWTConfigRequest,
)
from autional.core import durations
from autional.tokens import lifetimes
from autional.tokens.lifetimes import TokenLifetimes

_LEEWAY = timedelta(seconds=5)


async def read_config(call: Call) -> TenantJWTConfigResponse:
    """Get the token lifetimes."""
    return _config(call, await lifetimes.read(call.database, call.caller.tenant_id))


async def put_config(call: Call, body: UpdateTenantJWTConfigRequest) -> TenantJWTConfigResponse:
    """Replace the token lifetimes.

    They apply to tokens that are issued from now on.
    """
    config = TokenLifetimes(
        body.access_expiry.value, body.refresh_expiry.value, body.leeway.value if body.leeway else _LEEWAY
    )
    await lifetimes.put(call.database, call.caller.tenant_id, config)
    return _config(call, config)


async def delete_config(call: Call) -> SimpleResponse:
    """Reset the token lifetimes."""
    await lifetimes.delete(call.database, call.caller.tenant_id)
    return SimpleResponse(timestamp=call.now)


def _config(call: Call, config: TokenLifetimes) -> TenantJWTConfigResponse:
    return TenantJWTConfigResponse(
        access_expiry=durations.render(config.access_expiry),
        refresh_expiry=durations.render(config.refresh_expiry),
        leeway=durations.render(config.leeway),
        tenant_id=call.caller.tenant_id,
    )
