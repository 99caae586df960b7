"""Operations of meta. Generated from the service's table of operations: do not edit."""

from typing import Any

from autional_client.calls import NO_OPTIONS, Call, Options, path_of
from autional_client.sender import AsyncSender, Sender


class Meta(Sender):
    """Operations of meta."""

    def get_liveness(self, *, options: Options = NO_OPTIONS) -> dict[str, str]:
        """Check that the process answers.

        GET /healthz
        """
        call = Call[dict[str, str]]("GET", "/healthz", dict[str, str], is_repeatable=True)
        return self.send(call, options)

    def get_readiness(self, *, options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Check that this node can serve requests.

        Tells how old its signing keys are and how long ago each background task succeeded, in seconds, over all nodes
        and on this one. Late maintenance is reported as `degraded`, which refuses nothing.

        GET /readyz
        """
        call = Call[dict[str, Any]]("GET", "/readyz", dict[str, Any], is_repeatable=True)
        return self.send(call, options)

    def get_metrics(self, *, options: Options = NO_OPTIONS) -> str:
        """Get metrics.

        In the text format of Prometheus, for API keys of all tenants: the sessions of each tenant (of those that have the
        most, up to a setting; the rest is `_other`), exact like the statistics; requests by route and status; connections,
        batches and tasks of this node; and, over all nodes, what waits to be done and how soon revocations are heard of.

        GET /metrics
        """
        call = Call[str]("GET", "/metrics", str, is_repeatable=True)
        return self.send(call, options)

    def get_jwks(self, *, options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Get the public keys of access tokens.

        A JSON Web Key Set (RFC 7517 §5). A new key is published for longer than this answer may be cached before it
        signs.

        GET /.well-known/jwks.json
        """
        call = Call[dict[str, Any]]("GET", "/.well-known/jwks.json", dict[str, Any], is_repeatable=True)
        return self.send(call, options)

    def get_tenant_jwks(self, tenant_id: str, *, options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Get the public keys of a tenant's access tokens.

        GET /tenants/{tenant_id}/jwks.json

        tenant_id: The tenant.
        """
        call = Call[dict[str, Any]](
            "GET", path_of("/tenants/{tenant_id}/jwks.json", tenant_id=tenant_id), dict[str, Any], is_repeatable=True
        )
        return self.send(call, options)

    def get_authorization_server_metadata(self, tenant_id: str, *, options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Get the OAuth metadata of a tenant.

        The authorization server metadata of RFC 8414: its issuer, keys and endpoints.

        GET /.well-known/oauth-authorization-server/{tenant_id}

        tenant_id: The tenant.
        """
        call = Call[dict[str, Any]](
            "GET",
            path_of("/.well-known/oauth-authorization-server/{tenant_id}", tenant_id=tenant_id),
            dict[str, Any],
            is_repeatable=True,
        )
        return self.send(call, options)

    def get_problem_page(self, slug: str, *, options: Options = NO_OPTIONS) -> str:
        """Open the page about a kind of Problem.

        The `type` of every Problem leads here: what it means, and what to do.

        GET /problems/{slug}

        slug: The last segment of a Problem's `type`.
        """
        call = Call[str]("GET", path_of("/problems/{slug}", slug=slug), str, is_repeatable=True)
        return self.send(call, options)


class AsyncMeta(AsyncSender):
    """Operations of meta, for AsyncClient."""

    async def get_liveness(self, *, options: Options = NO_OPTIONS) -> dict[str, str]:
        """Check that the process answers.

        GET /healthz
        """
        call = Call[dict[str, str]]("GET", "/healthz", dict[str, str], is_repeatable=True)
        return await self.send(call, options)

    async def get_readiness(self, *, options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Check that this node can serve requests.

        Tells how old its signing keys are and how long ago each background task succeeded, in seconds, over all nodes
        and on this one. Late maintenance is reported as `degraded`, which refuses nothing.

        GET /readyz
        """
        call = Call[dict[str, Any]]("GET", "/readyz", dict[str, Any], is_repeatable=True)
        return await self.send(call, options)

    async def get_metrics(self, *, options: Options = NO_OPTIONS) -> str:
        """Get metrics.

        In the text format of Prometheus, for API keys of all tenants: the sessions of each tenant (of those that have the
        most, up to a setting; the rest is `_other`), exact like the statistics; requests by route and status; connections,
        batches and tasks of this node; and, over all nodes, what waits to be done and how soon revocations are heard of.

        GET /metrics
        """
        call = Call[str]("GET", "/metrics", str, is_repeatable=True)
        return await self.send(call, options)

    async def get_jwks(self, *, options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Get the public keys of access tokens.

        A JSON Web Key Set (RFC 7517 §5). A new key is published for longer than this answer may be cached before it
        signs.

        GET /.well-known/jwks.json
        """
        call = Call[dict[str, Any]]("GET", "/.well-known/jwks.json", dict[str, Any], is_repeatable=True)
        return await self.send(call, options)

    async def get_tenant_jwks(self, tenant_id: str, *, options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Get the public keys of a tenant's access tokens.

        GET /tenants/{tenant_id}/jwks.json

        tenant_id: The tenant.
        """
        call = Call[dict[str, Any]](
            "GET", path_of("/tenants/{tenant_id}/jwks.json", tenant_id=tenant_id), dict[str, Any], is_repeatable=True
        )
        return await self.send(call, options)

    async def get_authorization_server_metadata(
        self, tenant_id: str, *, options: Options = NO_OPTIONS
    ) -> dict[str, Any]:
        """Get the OAuth metadata of a tenant.

        The authorization server metadata of RFC 8414: its issuer, keys and endpoints.

        GET /.well-known/oauth-authorization-server/{tenant_id}

        tenant_id: The tenant.
        """
        call = Call[dict[str, Any]](
            "GET",
            path_of("/.well-known/oauth-authorization-server/{tenant_id}", tenant_id=tenant_id),
            dict[str, Any],
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def get_problem_page(self, slug: str, *, options: Options = NO_OPTIONS) -> str:
        """Open the page about a kind of Problem.

        The `type` of every Problem leads here: what it means, and what to do.

        GET /problems/{slug}

        slug: The last segment of a Problem's `type`.
        """
        call = Call[str]("GET", path_of("/problems/{slug}", slug=slug), str, is_repeatable=True)
        return await self.send(call, options)
