"""Requests and responses about tenants, API keys and signing keys."""

from typing import Annotated

from msgspec import Meta

from autional.access.caller import KeyRole
from autional.api.schemas import Instant, ListResponse, PageQuery, RequestModel, ResponseModel, SimpleResponse
from autional.core.formats import NO_SECRET, ShortText
from autional.core.problems import Violation

TenantId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*(?![\s\S])")]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_SECRET)]


class TenantsQuery(PageQuery):
    """Part of the tenants whose ids begin in some way."""

    search: ShortText | None = None


class CreateTenantRequest(RequestModel):
    """A new tenant."""

    id: TenantId
    name: Name


class TenantResponse(ResponseModel):
    """A tenant."""

    id: str
    name: str
    created_at: Instant
    disabled_at: Instant | None = None


class TenantListResponse(ListResponse, kw_only=True):
    """Part of the tenants."""

    items: list[TenantResponse]


class CreateApiKeyRequest(RequestModel):
    """A new API key, for some tenants or for all."""

    name: Name
    tenant_ids: Annotated[list[TenantId], Meta(min_length=1, max_length=100)] | None = None
    all_tenants: bool = False
    role: KeyRole = "service"

    def faults(self) -> list[Violation]:
        """It says for which tenants it is, in one way."""
        if (self.tenant_ids is None) is not self.all_tenants:
            return [Violation("tenant_ids", "value", "Send either tenant_ids or all_tenants")]
        return []


class ApiKeyResponse(ResponseModel):
    """An API key without its secret; valid for every tenant without `tenant_ids`."""

    id: str
    name: str
    role: str
    created_at: Instant
    tenant_ids: list[str] | None = None
    revoked_at: Instant | None = None


class ApiKeyListResponse(ListResponse, kw_only=True):
    """Part of the API keys."""

    items: list[ApiKeyResponse]


class CreatedApiKeyResponse(ResponseModel):
    """A new API key. It cannot be shown again."""

    id: str
    api_key: str


class RevokedApiKeyResponse(SimpleResponse, kw_only=True):
    """The key is revoked; the tenants that it was for, null for all."""

    tenant_ids: list[str] | None


class SigningKeyResponse(ResponseModel):
    """A signing key, by its public facts."""

    id: str
    algorithm: str
    state: str
    created_at: Instant
    signs_from: Instant
    retired_at: Instant | None = None


class SigningKeyListResponse(ResponseModel, omit_defaults=False):
    """The signing keys, oldest first."""

    items: list[SigningKeyResponse]
    timestamp: Instant
