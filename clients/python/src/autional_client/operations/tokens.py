"""Operations of tokens. Generated from the service's table of operations: do not edit."""

from typing import Literal

from autional_client.calls import NO_OPTIONS, Call, Options, path_of
from autional_client.paging import AsyncPage, Page
from autional_client.schemas import (
    BlacklistCheckResponse,
    BlacklistedTokenListResponse,
    BlacklistedTokenResponse,
    CountedResponse,
    DataResponse,
    SimpleResponse,
    StatusListResponse,
    TenantJWTConfigResponse,
    TokenChainResponse,
    TokenExchangeResponse,
    TokenInfoResponse,
    TokenIntrospectionResponse,
    TokenListResponse,
    TokenPairResponse,
    TokenValidationResponse,
)
from autional_client.sender import AsyncSender, Sender


class Tokens(Sender):
    """Operations of tokens."""

    def get_status_list(self, list_id: str, *, options: Options = NO_OPTIONS) -> str:
        """Get a Token Status List.

        A signed list of bits, one for each token (Token Status List §5.1, §8.1): 1 is INVALID. A bit is set within a
        second of the end of its token, and never cleared.

        GET /status-lists/{list_id}

        list_id: Id of a status list.
        """
        call = Call[str]("GET", path_of("/status-lists/{list_id}", list_id=list_id), str, is_repeatable=True)
        return self.send(call, options)

    def get_status_list_setting(self, *, options: Options = NO_OPTIONS) -> StatusListResponse:
        """Get whether access tokens stand in a status list.

        GET /admin/tokens/status-list
        """
        call = Call[StatusListResponse]("GET", "/admin/tokens/status-list", StatusListResponse, is_repeatable=True)
        return self.send(call, options)

    def update_status_list_setting(self, *, enabled: bool, options: Options = NO_OPTIONS) -> StatusListResponse:
        """Have access tokens stand in a status list, or not.

        Those that are issued from now on have a `status` claim: whoever verifies them offline can look them up there.

        PUT /admin/tokens/status-list

        enabled: Whether access tokens stand in a status list.
        """
        call = Call[StatusListResponse](
            "PUT", "/admin/tokens/status-list", StatusListResponse, body={"enabled": enabled}, is_repeatable=True
        )
        return self.send(call, options)

    def list_session_tokens(self, session_id: str, *, options: Options = NO_OPTIONS) -> TokenChainResponse:
        """List the refresh tokens of a session.

        Each with what became of it: exchanged for the next one, once more repeated, revoked.

        GET /admin/sessions/{session_id}/tokens

        session_id: The id of the session.
        """
        call = Call[TokenChainResponse](
            "GET",
            path_of("/admin/sessions/{session_id}/tokens", session_id=session_id),
            TokenChainResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def list_tokens(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        user_id: str | None = None,
        type: Literal["access", "refresh"] | None = None,
        status: Literal["active", "expired", "revoked", "all"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[TokenListResponse, TokenInfoResponse]:
        """List issued tokens.

        A search for a status, or for a user with very many sessions, looks at a bounded number of tokens; where it was cut
        before the page was full, the cursor goes on from there.

        GET /admin/tokens

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        user_id: The user.
        type: Type of the token.
        status: Status at this instant.
        """
        call = Call[TokenListResponse](
            "GET",
            "/admin/tokens",
            TokenListResponse,
            query={
                "page": page,
                "page_size": page_size,
                "cursor": cursor,
                "user_id": user_id,
                "type": type,
                "status": status,
            },
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def get_token_lifetimes(self, *, options: Options = NO_OPTIONS) -> TenantJWTConfigResponse:
        """Get the token lifetimes.

        GET /admin/tokens/config
        """
        call = Call[TenantJWTConfigResponse]("GET", "/admin/tokens/config", TenantJWTConfigResponse, is_repeatable=True)
        return self.send(call, options)

    def update_token_lifetimes(
        self, *, access_expiry: str, refresh_expiry: str, leeway: str | None = None, options: Options = NO_OPTIONS
    ) -> TenantJWTConfigResponse:
        """Replace the token lifetimes.

        They apply to tokens that are issued from now on.

        PUT /admin/tokens/config

        access_expiry: Lifetime of an access token, at most 24h.
        refresh_expiry: Lifetime of a refresh token, from `access_expiry` to 8760h.
        leeway: How far clocks may differ when `exp` and `nbf` are checked, at most 1m.
        """
        call = Call[TenantJWTConfigResponse](
            "PUT",
            "/admin/tokens/config",
            TenantJWTConfigResponse,
            body={"access_expiry": access_expiry, "refresh_expiry": refresh_expiry, "leeway": leeway},
            is_repeatable=True,
        )
        return self.send(call, options)

    def reset_token_lifetimes(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Reset the token lifetimes.

        DELETE /admin/tokens/config
        """
        call = Call[SimpleResponse]("DELETE", "/admin/tokens/config", SimpleResponse, is_repeatable=True)
        return self.send(call, options)

    def exchange_token(
        self,
        *,
        grant_type: Literal[
            "urn:ietf:params:oauth:grant-type:token-exchange"
        ] = "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: str,
        audience: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TokenExchangeResponse:
        """Exchange a token for another audience.

        The new token is of the same user and session, names the administrator as actor, and never lasts longer.

        POST /admin/tokens/exchange

        grant_type: Always token exchange (RFC 8693).
        subject_token: The access token to exchange.
        audience: The service that the token is for.
        """
        call = Call[TokenExchangeResponse](
            "POST",
            "/admin/tokens/exchange",
            TokenExchangeResponse,
            body={"grant_type": grant_type, "subject_token": subject_token, "audience": audience},
        )
        return self.send(call, options)

    def introspect_token(
        self, *, token: str, type: str | None = None, options: Options = NO_OPTIONS
    ) -> TokenIntrospectionResponse:
        """Introspect a token of the tenant.

        For a token that is not valid the answer is only that it is not active.

        POST /admin/tokens/introspect

        token: An access or refresh token.
        type: Type of the token.
        """
        call = Call[TokenIntrospectionResponse](
            "POST",
            "/admin/tokens/introspect",
            TokenIntrospectionResponse,
            body={"token": token, "type": type},
            is_repeatable=True,
        )
        return self.send(call, options)

    def revoke_all_tokens(
        self,
        *,
        everybody: bool | None = None,
        reason: str | None = None,
        type: Literal["access", "refresh"] | None = None,
        user_id: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> CountedResponse:
        """Revoke all tokens of a user or of everybody.

        Without a type the sessions end too; otherwise only the access or the refresh tokens become invalid. Without a
        user, `everybody` must be true.

        POST /admin/tokens/revoke-all

        everybody: Must be true to sign out everybody when no user is named.
        reason: Why it was ended; free text.
        type: Type of the token.
        user_id: The user.
        """
        call = Call[CountedResponse](
            "POST",
            "/admin/tokens/revoke-all",
            CountedResponse,
            body={"everybody": everybody, "reason": reason, "type": type, "user_id": user_id},
        )
        return self.send(call, options)

    def list_blacklist(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        user_id: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[BlacklistedTokenListResponse, BlacklistedTokenResponse]:
        """List the blacklist.

        Tokens of the tenant that were revoked one by one.

        GET /admin/tokens/blacklist

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        user_id: The user.
        """
        call = Call[BlacklistedTokenListResponse](
            "GET",
            "/admin/tokens/blacklist",
            BlacklistedTokenListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor, "user_id": user_id},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def delete_blacklist_entry(self, id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Remove a token from the blacklist.

        The token is valid again if nothing else revoked it.

        DELETE /admin/tokens/blacklist/{id}

        id: The id.
        """
        call = Call[SimpleResponse](
            "DELETE", path_of("/admin/tokens/blacklist/{id}", id=id), SimpleResponse, is_repeatable=True
        )
        return self.send(call, options)

    def get_token(self, token_id: str, *, options: Options = NO_OPTIONS) -> DataResponse[TokenInfoResponse]:
        """Get an issued token.

        GET /admin/tokens/{token_id}

        token_id: The id of the token.
        """
        call = Call[DataResponse[TokenInfoResponse]](
            "GET",
            path_of("/admin/tokens/{token_id}", token_id=token_id),
            DataResponse[TokenInfoResponse],
            is_repeatable=True,
        )
        return self.send(call, options)

    def blacklist_token(
        self,
        *,
        token: str,
        token_type: Literal["access", "refresh"],
        user_id: str,
        reason: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> SimpleResponse:
        """Revoke one token.

        Named by itself or by its id. Users revoke their own tokens, administrators any of the tenant.

        POST /tokens/blacklist

        token: The token, or its id.
        token_type: Type of the token.
        user_id: The user.
        reason: Why it was ended; free text.
        """
        call = Call[SimpleResponse](
            "POST",
            "/tokens/blacklist",
            SimpleResponse,
            body={"token": token, "token_type": token_type, "user_id": user_id, "reason": reason},
        )
        return self.send(call, options)

    def check_blacklist(self, *, token: str, options: Options = NO_OPTIONS) -> BlacklistCheckResponse:
        """Check whether a token is on the blacklist.

        GET /tokens/blacklist/check

        token: An access or refresh token.
        """
        call = Call[BlacklistCheckResponse](
            "GET", "/tokens/blacklist/check", BlacklistCheckResponse, query={"token": token}, is_repeatable=True
        )
        return self.send(call, options)

    def check_blacklist_by_post(self, *, token: str, options: Options = NO_OPTIONS) -> BlacklistCheckResponse:
        """Check the blacklist without the token in a URL.

        POST /tokens/blacklist/check

        token: An access or refresh token.
        """
        call = Call[BlacklistCheckResponse](
            "POST", "/tokens/blacklist/check", BlacklistCheckResponse, body={"token": token}, is_repeatable=True
        )
        return self.send(call, options)

    def internal_blacklist_token(
        self,
        *,
        token: str,
        token_type: Literal["access", "refresh"],
        user_id: str,
        reason: str | None = None,
        app_id: str | None = None,
        expires_at: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> SimpleResponse:
        """Revoke one token as a service.

        POST /internal/session/blacklist-token

        token: The token, or its id.
        token_type: Type of the token.
        user_id: The user.
        reason: Why it was ended; free text.
        app_id: The application that the user signed in to.
        expires_at: When it ends.
        """
        call = Call[SimpleResponse](
            "POST",
            "/internal/session/blacklist-token",
            SimpleResponse,
            body={
                "token": token,
                "token_type": token_type,
                "user_id": user_id,
                "reason": reason,
                "app_id": app_id,
                "expires_at": expires_at,
            },
        )
        return self.send(call, options)

    def internal_generate_tokens(
        self,
        *,
        auth_user_id: str,
        session_id: str,
        tenant_id: str,
        app_id: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TokenPairResponse:
        """Reissue the tokens of a session.

        For a service that lost them; the earlier refresh tokens become invalid.

        POST /internal/session/generate-tokens

        auth_user_id: The user's id, as the caller knows it.
        session_id: The id of the session.
        tenant_id: The tenant.
        app_id: The application that the user signed in to.
        """
        call = Call[TokenPairResponse](
            "POST",
            "/internal/session/generate-tokens",
            TokenPairResponse,
            body={"auth_user_id": auth_user_id, "session_id": session_id, "tenant_id": tenant_id, "app_id": app_id},
        )
        return self.send(call, options)

    def internal_validate_token(
        self,
        *,
        access_token: str,
        audience: str | None = None,
        device_fingerprint: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TokenValidationResponse:
        """Validate an access token.

        Whether it is valid now for this service, or for the named audience and device.

        POST /internal/session/validate-token

        access_token: A signed access token (RFC 9068).
        audience: The service that the token is for.
        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        """
        call = Call[TokenValidationResponse](
            "POST",
            "/internal/session/validate-token",
            TokenValidationResponse,
            body={"access_token": access_token, "audience": audience, "device_fingerprint": device_fingerprint},
            is_repeatable=True,
        )
        return self.send(call, options)


class AsyncTokens(AsyncSender):
    """Operations of tokens, for AsyncClient."""

    async def get_status_list(self, list_id: str, *, options: Options = NO_OPTIONS) -> str:
        """Get a Token Status List.

        A signed list of bits, one for each token (Token Status List §5.1, §8.1): 1 is INVALID. A bit is set within a
        second of the end of its token, and never cleared.

        GET /status-lists/{list_id}

        list_id: Id of a status list.
        """
        call = Call[str]("GET", path_of("/status-lists/{list_id}", list_id=list_id), str, is_repeatable=True)
        return await self.send(call, options)

    async def get_status_list_setting(self, *, options: Options = NO_OPTIONS) -> StatusListResponse:
        """Get whether access tokens stand in a status list.

        GET /admin/tokens/status-list
        """
        call = Call[StatusListResponse]("GET", "/admin/tokens/status-list", StatusListResponse, is_repeatable=True)
        return await self.send(call, options)

    async def update_status_list_setting(self, *, enabled: bool, options: Options = NO_OPTIONS) -> StatusListResponse:
        """Have access tokens stand in a status list, or not.

        Those that are issued from now on have a `status` claim: whoever verifies them offline can look them up there.

        PUT /admin/tokens/status-list

        enabled: Whether access tokens stand in a status list.
        """
        call = Call[StatusListResponse](
            "PUT", "/admin/tokens/status-list", StatusListResponse, body={"enabled": enabled}, is_repeatable=True
        )
        return await self.send(call, options)

    async def list_session_tokens(self, session_id: str, *, options: Options = NO_OPTIONS) -> TokenChainResponse:
        """List the refresh tokens of a session.

        Each with what became of it: exchanged for the next one, once more repeated, revoked.

        GET /admin/sessions/{session_id}/tokens

        session_id: The id of the session.
        """
        call = Call[TokenChainResponse](
            "GET",
            path_of("/admin/sessions/{session_id}/tokens", session_id=session_id),
            TokenChainResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def list_tokens(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        user_id: str | None = None,
        type: Literal["access", "refresh"] | None = None,
        status: Literal["active", "expired", "revoked", "all"] | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[TokenListResponse, TokenInfoResponse]:
        """List issued tokens.

        A search for a status, or for a user with very many sessions, looks at a bounded number of tokens; where it was cut
        before the page was full, the cursor goes on from there.

        GET /admin/tokens

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        user_id: The user.
        type: Type of the token.
        status: Status at this instant.
        """
        call = Call[TokenListResponse](
            "GET",
            "/admin/tokens",
            TokenListResponse,
            query={
                "page": page,
                "page_size": page_size,
                "cursor": cursor,
                "user_id": user_id,
                "type": type,
                "status": status,
            },
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def get_token_lifetimes(self, *, options: Options = NO_OPTIONS) -> TenantJWTConfigResponse:
        """Get the token lifetimes.

        GET /admin/tokens/config
        """
        call = Call[TenantJWTConfigResponse]("GET", "/admin/tokens/config", TenantJWTConfigResponse, is_repeatable=True)
        return await self.send(call, options)

    async def update_token_lifetimes(
        self, *, access_expiry: str, refresh_expiry: str, leeway: str | None = None, options: Options = NO_OPTIONS
    ) -> TenantJWTConfigResponse:
        """Replace the token lifetimes.

        They apply to tokens that are issued from now on.

        PUT /admin/tokens/config

        access_expiry: Lifetime of an access token, at most 24h.
        refresh_expiry: Lifetime of a refresh token, from `access_expiry` to 8760h.
        leeway: How far clocks may differ when `exp` and `nbf` are checked, at most 1m.
        """
        call = Call[TenantJWTConfigResponse](
            "PUT",
            "/admin/tokens/config",
            TenantJWTConfigResponse,
            body={"access_expiry": access_expiry, "refresh_expiry": refresh_expiry, "leeway": leeway},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def reset_token_lifetimes(self, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Reset the token lifetimes.

        DELETE /admin/tokens/config
        """
        call = Call[SimpleResponse]("DELETE", "/admin/tokens/config", SimpleResponse, is_repeatable=True)
        return await self.send(call, options)

    async def exchange_token(
        self,
        *,
        grant_type: Literal[
            "urn:ietf:params:oauth:grant-type:token-exchange"
        ] = "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: str,
        audience: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TokenExchangeResponse:
        """Exchange a token for another audience.

        The new token is of the same user and session, names the administrator as actor, and never lasts longer.

        POST /admin/tokens/exchange

        grant_type: Always token exchange (RFC 8693).
        subject_token: The access token to exchange.
        audience: The service that the token is for.
        """
        call = Call[TokenExchangeResponse](
            "POST",
            "/admin/tokens/exchange",
            TokenExchangeResponse,
            body={"grant_type": grant_type, "subject_token": subject_token, "audience": audience},
        )
        return await self.send(call, options)

    async def introspect_token(
        self, *, token: str, type: str | None = None, options: Options = NO_OPTIONS
    ) -> TokenIntrospectionResponse:
        """Introspect a token of the tenant.

        For a token that is not valid the answer is only that it is not active.

        POST /admin/tokens/introspect

        token: An access or refresh token.
        type: Type of the token.
        """
        call = Call[TokenIntrospectionResponse](
            "POST",
            "/admin/tokens/introspect",
            TokenIntrospectionResponse,
            body={"token": token, "type": type},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def revoke_all_tokens(
        self,
        *,
        everybody: bool | None = None,
        reason: str | None = None,
        type: Literal["access", "refresh"] | None = None,
        user_id: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> CountedResponse:
        """Revoke all tokens of a user or of everybody.

        Without a type the sessions end too; otherwise only the access or the refresh tokens become invalid. Without a
        user, `everybody` must be true.

        POST /admin/tokens/revoke-all

        everybody: Must be true to sign out everybody when no user is named.
        reason: Why it was ended; free text.
        type: Type of the token.
        user_id: The user.
        """
        call = Call[CountedResponse](
            "POST",
            "/admin/tokens/revoke-all",
            CountedResponse,
            body={"everybody": everybody, "reason": reason, "type": type, "user_id": user_id},
        )
        return await self.send(call, options)

    async def list_blacklist(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        user_id: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[BlacklistedTokenListResponse, BlacklistedTokenResponse]:
        """List the blacklist.

        Tokens of the tenant that were revoked one by one.

        GET /admin/tokens/blacklist

        page: Number of the page, from 1.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        user_id: The user.
        """
        call = Call[BlacklistedTokenListResponse](
            "GET",
            "/admin/tokens/blacklist",
            BlacklistedTokenListResponse,
            query={"page": page, "page_size": page_size, "cursor": cursor, "user_id": user_id},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def delete_blacklist_entry(self, id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Remove a token from the blacklist.

        The token is valid again if nothing else revoked it.

        DELETE /admin/tokens/blacklist/{id}

        id: The id.
        """
        call = Call[SimpleResponse](
            "DELETE", path_of("/admin/tokens/blacklist/{id}", id=id), SimpleResponse, is_repeatable=True
        )
        return await self.send(call, options)

    async def get_token(self, token_id: str, *, options: Options = NO_OPTIONS) -> DataResponse[TokenInfoResponse]:
        """Get an issued token.

        GET /admin/tokens/{token_id}

        token_id: The id of the token.
        """
        call = Call[DataResponse[TokenInfoResponse]](
            "GET",
            path_of("/admin/tokens/{token_id}", token_id=token_id),
            DataResponse[TokenInfoResponse],
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def blacklist_token(
        self,
        *,
        token: str,
        token_type: Literal["access", "refresh"],
        user_id: str,
        reason: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> SimpleResponse:
        """Revoke one token.

        Named by itself or by its id. Users revoke their own tokens, administrators any of the tenant.

        POST /tokens/blacklist

        token: The token, or its id.
        token_type: Type of the token.
        user_id: The user.
        reason: Why it was ended; free text.
        """
        call = Call[SimpleResponse](
            "POST",
            "/tokens/blacklist",
            SimpleResponse,
            body={"token": token, "token_type": token_type, "user_id": user_id, "reason": reason},
        )
        return await self.send(call, options)

    async def check_blacklist(self, *, token: str, options: Options = NO_OPTIONS) -> BlacklistCheckResponse:
        """Check whether a token is on the blacklist.

        GET /tokens/blacklist/check

        token: An access or refresh token.
        """
        call = Call[BlacklistCheckResponse](
            "GET", "/tokens/blacklist/check", BlacklistCheckResponse, query={"token": token}, is_repeatable=True
        )
        return await self.send(call, options)

    async def check_blacklist_by_post(self, *, token: str, options: Options = NO_OPTIONS) -> BlacklistCheckResponse:
        """Check the blacklist without the token in a URL.

        POST /tokens/blacklist/check

        token: An access or refresh token.
        """
        call = Call[BlacklistCheckResponse](
            "POST", "/tokens/blacklist/check", BlacklistCheckResponse, body={"token": token}, is_repeatable=True
        )
        return await self.send(call, options)

    async def internal_blacklist_token(
        self,
        *,
        token: str,
        token_type: Literal["access", "refresh"],
        user_id: str,
        reason: str | None = None,
        app_id: str | None = None,
        expires_at: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> SimpleResponse:
        """Revoke one token as a service.

        POST /internal/session/blacklist-token

        token: The token, or its id.
        token_type: Type of the token.
        user_id: The user.
        reason: Why it was ended; free text.
        app_id: The application that the user signed in to.
        expires_at: When it ends.
        """
        call = Call[SimpleResponse](
            "POST",
            "/internal/session/blacklist-token",
            SimpleResponse,
            body={
                "token": token,
                "token_type": token_type,
                "user_id": user_id,
                "reason": reason,
                "app_id": app_id,
                "expires_at": expires_at,
            },
        )
        return await self.send(call, options)

    async def internal_generate_tokens(
        self,
        *,
        auth_user_id: str,
        session_id: str,
        tenant_id: str,
        app_id: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TokenPairResponse:
        """Reissue the tokens of a session.

        For a service that lost them; the earlier refresh tokens become invalid.

        POST /internal/session/generate-tokens

        auth_user_id: The user's id, as the caller knows it.
        session_id: The id of the session.
        tenant_id: The tenant.
        app_id: The application that the user signed in to.
        """
        call = Call[TokenPairResponse](
            "POST",
            "/internal/session/generate-tokens",
            TokenPairResponse,
            body={"auth_user_id": auth_user_id, "session_id": session_id, "tenant_id": tenant_id, "app_id": app_id},
        )
        return await self.send(call, options)

    async def internal_validate_token(
        self,
        *,
        access_token: str,
        audience: str | None = None,
        device_fingerprint: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TokenValidationResponse:
        """Validate an access token.

        Whether it is valid now for this service, or for the named audience and device.

        POST /internal/session/validate-token

        access_token: A signed access token (RFC 9068).
        audience: The service that the token is for.
        device_fingerprint: Fingerprint of the device. Only a keyed hash is stored.
        """
        call = Call[TokenValidationResponse](
            "POST",
            "/internal/session/validate-token",
            TokenValidationResponse,
            body={"access_token": access_token, "audience": audience, "device_fingerprint": device_fingerprint},
            is_repeatable=True,
        )
        return await self.send(call, options)
