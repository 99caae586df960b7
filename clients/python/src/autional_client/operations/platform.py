"""Operations of platform. Generated from the service's table of operations: do not edit."""

from typing import Literal

from autional_client.calls import NO_OPTIONS, Call, Options, path_of
from autional_client.paging import AsyncPage, Page
from autional_client.schemas import (
    ApiKeyListResponse,
    ApiKeyResponse,
    CreatedApiKeyResponse,
    RevokedApiKeyResponse,
    SigningKeyListResponse,
    SimpleResponse,
    TenantListResponse,
    TenantResponse,
)
from autional_client.sender import AsyncSender, Sender


class Platform(Sender):
    """Operations of platform."""

    def list_tenants(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        search: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[TenantListResponse, TenantResponse]:
        """List tenants.

        Newest first, those whose ids begin in some way.

        GET /admin/tenants

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        search: Only sessions whose user id or session id begins with this.
        """
        call = Call[TenantListResponse](
            "GET",
            "/admin/tenants",
            TenantListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor, "search": search},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def create_tenant(self, *, id: str, name: str, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Create a tenant.

        The id of a deleted tenant cannot be used again.

        POST /admin/tenants

        id: The id.
        name: Display name.
        """
        call = Call[SimpleResponse]("POST", "/admin/tenants", SimpleResponse, body={"id": id, "name": name})
        return self.send(call, options)

    def disable_tenant(self, tenant_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Disable a tenant.

        Every call for it is refused from the next request on.

        POST /admin/tenants/{tenant_id}/disable

        tenant_id: The tenant.
        """
        call = Call[SimpleResponse](
            "POST",
            path_of("/admin/tenants/{tenant_id}/disable", tenant_id=tenant_id),
            SimpleResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def enable_tenant(self, tenant_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Enable a disabled tenant.

        POST /admin/tenants/{tenant_id}/enable

        tenant_id: The tenant.
        """
        call = Call[SimpleResponse](
            "POST",
            path_of("/admin/tenants/{tenant_id}/enable", tenant_id=tenant_id),
            SimpleResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def list_api_keys(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[ApiKeyListResponse, ApiKeyResponse]:
        """List API keys.

        Newest first, without their secrets.

        GET /admin/api-keys

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[ApiKeyListResponse](
            "GET",
            "/admin/api-keys",
            ApiKeyListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def create_api_key(
        self,
        *,
        name: str,
        tenant_ids: list[str] | None = None,
        all_tenants: bool | None = None,
        role: Literal["service", "security_admin", "admin", "platform_admin"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> CreatedApiKeyResponse:
        """Create an API key.

        The answer has its secret, which cannot be shown again. A key acts at the highest assurance level, so its maker
        needs that level too.

        POST /admin/api-keys

        name: Display name.
        tenant_ids: The tenants that the key is valid for; not with all_tenants.
        all_tenants: Whether the key is valid for every tenant.
        role: What the key may do.
        """
        call = Call[CreatedApiKeyResponse](
            "POST",
            "/admin/api-keys",
            CreatedApiKeyResponse,
            body={"name": name, "tenant_ids": tenant_ids, "all_tenants": all_tenants, "role": role},
        )
        return self.send(call, options)

    def revoke_api_key(self, api_key_id: str, *, options: Options = NO_OPTIONS) -> RevokedApiKeyResponse:
        """Revoke an API key.

        It is refused from the next request on.

        DELETE /admin/api-keys/{api_key_id}

        api_key_id: Id of an API key: the part before the dot.
        """
        call = Call[RevokedApiKeyResponse](
            "DELETE",
            path_of("/admin/api-keys/{api_key_id}", api_key_id=api_key_id),
            RevokedApiKeyResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def list_signing_keys(self, *, options: Options = NO_OPTIONS) -> SigningKeyListResponse:
        """List signing keys.

        Each with its state: published, signing, verifying (it was replaced, and its tokens are still good) or retired.

        GET /admin/signing-keys
        """
        call = Call[SigningKeyListResponse]("GET", "/admin/signing-keys", SigningKeyListResponse, is_repeatable=True)
        return self.send(call, options)

    def rotate_signing_keys(self, *, options: Options = NO_OPTIONS) -> SigningKeyListResponse:
        """Rotate the signing keys.

        The new key is published at once and signs two minutes later; earlier ones verify until they are retired.

        POST /admin/signing-keys/rotate
        """
        call = Call[SigningKeyListResponse]("POST", "/admin/signing-keys/rotate", SigningKeyListResponse)
        return self.send(call, options)

    def retire_signing_key(self, key_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Retire a signing key.

        Every token that it signed is refused within two seconds, on every node.

        POST /admin/signing-keys/{key_id}/retire

        key_id: Id of a signing key.
        """
        call = Call[SimpleResponse](
            "POST", path_of("/admin/signing-keys/{key_id}/retire", key_id=key_id), SimpleResponse, is_repeatable=True
        )
        return self.send(call, options)


class AsyncPlatform(AsyncSender):
    """Operations of platform, for AsyncClient."""

    async def list_tenants(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        search: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[TenantListResponse, TenantResponse]:
        """List tenants.

        Newest first, those whose ids begin in some way.

        GET /admin/tenants

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        search: Only sessions whose user id or session id begins with this.
        """
        call = Call[TenantListResponse](
            "GET",
            "/admin/tenants",
            TenantListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor, "search": search},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def create_tenant(self, *, id: str, name: str, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Create a tenant.

        The id of a deleted tenant cannot be used again.

        POST /admin/tenants

        id: The id.
        name: Display name.
        """
        call = Call[SimpleResponse]("POST", "/admin/tenants", SimpleResponse, body={"id": id, "name": name})
        return await self.send(call, options)

    async def disable_tenant(self, tenant_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Disable a tenant.

        Every call for it is refused from the next request on.

        POST /admin/tenants/{tenant_id}/disable

        tenant_id: The tenant.
        """
        call = Call[SimpleResponse](
            "POST",
            path_of("/admin/tenants/{tenant_id}/disable", tenant_id=tenant_id),
            SimpleResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def enable_tenant(self, tenant_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Enable a disabled tenant.

        POST /admin/tenants/{tenant_id}/enable

        tenant_id: The tenant.
        """
        call = Call[SimpleResponse](
            "POST",
            path_of("/admin/tenants/{tenant_id}/enable", tenant_id=tenant_id),
            SimpleResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def list_api_keys(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[ApiKeyListResponse, ApiKeyResponse]:
        """List API keys.

        Newest first, without their secrets.

        GET /admin/api-keys

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[ApiKeyListResponse](
            "GET",
            "/admin/api-keys",
            ApiKeyListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def create_api_key(
        self,
        *,
        name: str,
        tenant_ids: list[str] | None = None,
        all_tenants: bool | None = None,
        role: Literal["service", "security_admin", "admin", "platform_admin"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> CreatedApiKeyResponse:
        """Create an API key.

        The answer has its secret, which cannot be shown again. A key acts at the highest assurance level, so its maker
        needs that level too.

        POST /admin/api-keys

        name: Display name.
        tenant_ids: The tenants that the key is valid for; not with all_tenants.
        all_tenants: Whether the key is valid for every tenant.
        role: What the key may do.
        """
        call = Call[CreatedApiKeyResponse](
            "POST",
            "/admin/api-keys",
            CreatedApiKeyResponse,
            body={"name": name, "tenant_ids": tenant_ids, "all_tenants": all_tenants, "role": role},
        )
        return await self.send(call, options)

    async def revoke_api_key(self, api_key_id: str, *, options: Options = NO_OPTIONS) -> RevokedApiKeyResponse:
        """Revoke an API key.

        It is refused from the next request on.

        DELETE /admin/api-keys/{api_key_id}

        api_key_id: Id of an API key: the part before the dot.
        """
        call = Call[RevokedApiKeyResponse](
            "DELETE",
            path_of("/admin/api-keys/{api_key_id}", api_key_id=api_key_id),
            RevokedApiKeyResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def list_signing_keys(self, *, options: Options = NO_OPTIONS) -> SigningKeyListResponse:
        """List signing keys.

        Each with its state: published, signing, verifying (it was replaced, and its tokens are still good) or retired.

        GET /admin/signing-keys
        """
        call = Call[SigningKeyListResponse]("GET", "/admin/signing-keys", SigningKeyListResponse, is_repeatable=True)
        return await self.send(call, options)

    async def rotate_signing_keys(self, *, options: Options = NO_OPTIONS) -> SigningKeyListResponse:
        """Rotate the signing keys.

        The new key is published at once and signs two minutes later; earlier ones verify until they are retired.

        POST /admin/signing-keys/rotate
        """
        call = Call[SigningKeyListResponse]("POST", "/admin/signing-keys/rotate", SigningKeyListResponse)
        return await self.send(call, options)

    async def retire_signing_key(self, key_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Retire a signing key.

        Every token that it signed is refused within two seconds, on every node.

        POST /admin/signing-keys/{key_id}/retire

        key_id: Id of a signing key.
        """
        call = Call[SimpleResponse](
            "POST", path_of("/admin/signing-keys/{key_id}/retire", key_id=key_id), SimpleResponse, is_repeatable=True
        )
        return await self.send(call, options)
