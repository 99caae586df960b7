"""Tenants, API keys and signing keys: what belongs to no single tenant."""

from datetime import datetime
from typing import Any

from autional.api import paging
from autional.api.model import Arguments, Call, may_raise
from autional.api.paging import Position
from autional.api.platform.schemas import (
    ApiKeyListResponse,
    ApiKeyResponse,
    CreateApiKeyRequest,
    CreatedApiKeyResponse,
    CreateTenantRequest,
    RevokedApiKeyResponse,
    SigningKeyListResponse,
    SigningKeyResponse,
    TenantListResponse,
    TenantResponse,
    TenantsQuery,
)
from autional.api.schemas import PageQuery, SimpleResponse
from autional.core import master_key, problems
from autional.core.ids import secret_id
from autional.postgres.queries import Size, database_time
from autional.tenancy import api_keys, tenants
from autional.tenancy.api_keys import API_KEY_PREFIX, ApiKey
from autional.tenancy.tenants import Tenant
from autional.tokens import signing_keys
from autional.tokens.signing_keys import KeyState

_KEY_LEVEL = 3  # a key counts by its role alone, at the highest level


async def list_tenants(call: Call, query: TenantsQuery) -> TenantListResponse:
    """List tenants.

    Newest first, those whose ids begin in some way.
    """
    listed = ["tenants", query.search]
    part = paging.part_of(call, query, listed)
    found, total = await tenants.search_tenants(call.database, query.search or "", part.bounds)
    places = [Position(one.created_at, one.tenant_id) for one in found]
    info = paging.page_info(call, query, listed, places, Size(total))
    items = [_tenant(one) for one in found[: query.page_size]]
    return TenantListResponse(items=items, pagination=info, total=total, timestamp=call.now)


@may_raise(problems.TENANT_EXISTS)
async def create_tenant(call: Call, body: CreateTenantRequest) -> SimpleResponse:
    """Create a tenant.

    The id of a deleted tenant cannot be used again.
    """
    await tenants.create_tenant(call.database, body.id, body.name, call.at, key=call.service.tenant_key)
    return SimpleResponse(timestamp=call.now)


async def disable_tenant(call: Call, tenant_id: str) -> SimpleResponse:
    """Disable a tenant.

    Every call for it is refused from the next request on.
    """
    await tenants.disable_tenant(call.database, tenant_id, call.at)
    return SimpleResponse(timestamp=call.now)


async def enable_tenant(call: Call, tenant_id: str) -> SimpleResponse:
    """Enable a disabled tenant."""
    await tenants.enable_tenant(call.database, tenant_id)
    return SimpleResponse(timestamp=call.now)


async def list_api_keys(call: Call, query: PageQuery) -> ApiKeyListResponse:
    """List API keys.

    Newest first, without their secrets.
    """
    part = paging.part_of(call, query, ["api_keys"])
    found, total = await api_keys.page_of_keys(call.database, part.bounds)
    places = [Position(one.created_at, one.api_key_id) for one in found]
    info = paging.page_info(call, query, ["api_keys"], places, Size(total))
    items = [_api_key(one) for one in found[: query.page_size]]
    return ApiKeyListResponse(items=items, pagination=info, total=total, timestamp=call.now)


@may_raise(problems.ROLE_TOO_HIGH, problems.LEVEL_TOO_HIGH)
async def create_api_key(call: Call, body: CreateApiKeyRequest) -> CreatedApiKeyResponse:
    """Create an API key.

    The answer has its secret, which cannot be shown again. A key acts at the highest assurance level, so its maker
    needs that level too.
    """
    call.caller.authority.must_reach("admin" if body.role == "service" else body.role, _KEY_LEVEL)
    key = await api_keys.create_api_key(call.database, body.name, body.tenant_ids, call.at, body.role)
    return CreatedApiKeyResponse(id=secret_id(key, API_KEY_PREFIX) or "", api_key=key)


@may_raise(problems.API_KEY_NOT_FOUND)
async def revoke_api_key(call: Call, api_key_id: str) -> RevokedApiKeyResponse:
    """Revoke an API key.

    It is refused from the next request on.
    """
    tenant_ids = await api_keys.revoke_api_key(call.database, api_key_id, call.at)
    return RevokedApiKeyResponse(timestamp=call.now, tenant_ids=tenant_ids)


async def list_signing_keys(call: Call) -> SigningKeyListResponse:
    """List signing keys.

    Each with its state: published, signing, verifying (it was replaced, and its tokens are still good) or retired.
    """
    now = await database_time(call.database, call.at)
    keys = await signing_keys.list_keys(call.database)
    signing = max((key for key in keys if key.retired_at is None and key.signs_from <= now), key=_since, default=None)
    items = [
        SigningKeyResponse(
            id=key.key_id,
            algorithm=key.algorithm,
            state=_state(key, signing, now),
            created_at=key.created_at,
            signs_from=key.signs_from,
            retired_at=key.retired_at,
        )
        for key in keys
    ]
    return SigningKeyListResponse(items=items, timestamp=call.now)


async def rotate_signing_keys(call: Call) -> SigningKeyListResponse:
    """Rotate the signing keys.

    The new key is published at once and signs two minutes later; earlier ones verify until they are retired.
    """
    settings = call.service.settings
    await signing_keys.rotate(call.database, master_key.master_key(settings), settings.signing_algorithm, call.at)
    return await list_signing_keys(call)


@may_raise(problems.KEY_NOT_RETIRABLE)
async def retire_signing_key(call: Call, key_id: str) -> SimpleResponse:
    """Retire a signing key.

    Every token that it signed is refused within two seconds, on every node.
    """
    await signing_keys.retire(call.database, key_id, call.at)
    return SimpleResponse(timestamp=call.now)


def of_platform(_: Arguments, __: Any) -> list[str]:
    """The logs of an act on what belongs to no tenant: the platform's alone."""
    return []


def of_tenant(arguments: Arguments, _: Any) -> list[str]:
    """The log of the tenant in the path."""
    return [arguments.path["tenant_id"]]


def of_new_tenant(arguments: Arguments, _: Any) -> list[str]:
    """The log of the tenant that was created."""
    return [arguments.body.id]


def of_key(arguments: Arguments, _: Any) -> list[str]:
    """The logs of the tenants that a new key is for."""
    return sorted(set(arguments.body.tenant_ids or []))


def of_revoked_key(_: Arguments, result: RevokedApiKeyResponse) -> list[str]:
    """The logs of the tenants that a revoked key was for."""
    return sorted(set(result.tenant_ids or []))


def _since(key: KeyState) -> datetime:
    return key.signs_from


def _state(key: KeyState, signing: KeyState | None, now: datetime) -> str:
    if key.retired_at is not None and key.retired_at <= now:
        return "retired"
    if key.signs_from > now:
        return "published"
    return "signing" if key == signing else "verifying"


def _tenant(one: Tenant) -> TenantResponse:
    return TenantResponse(id=one.tenant_id, name=one.name, created_at=one.created_at, disabled_at=one.disabled_at)


def _api_key(one: ApiKey) -> ApiKeyResponse:
    return ApiKeyResponse(
        id=one.api_key_id,
        name=one.name,
        role=one.role,
        tenant_ids=one.tenant_ids,
        created_at=one.created_at,
        revoked_at=one.revoked_at,
    )
