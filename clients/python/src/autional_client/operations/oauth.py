"""Operations of oauth. Generated from the service's table of operations: do not edit."""

from types import NoneType
from typing import Literal

from autional_client.calls import NO_OPTIONS, Call, Options
from autional_client.schemas import TokenExchangeResponse, TokenIntrospectionResponse
from autional_client.sender import AsyncSender, Sender


class OAuth(Sender):
    """Operations of oauth."""

    def oauth_introspect(
        self, *, token: str, token_type_hint: str | None = None, options: Options = NO_OPTIONS
    ) -> TokenIntrospectionResponse:
        """Introspect a token as a client.

        RFC 7662, for tokens of any tenant that the client's API key is valid for.

        POST /oauth2/introspect

        token: An access or refresh token.
        token_type_hint: Ignored: the token itself says what it is (RFC 7009 §2.1).
        """
        call = Call[TokenIntrospectionResponse](
            "POST",
            "/oauth2/introspect",
            TokenIntrospectionResponse,
            body={"token": token, "token_type_hint": token_type_hint},
            is_form=True,
            is_repeatable=True,
        )
        return self.send(call, options)

    def oauth_revoke(self, *, token: str, token_type_hint: str | None = None, options: Options = NO_OPTIONS) -> None:
        """Revoke a token as a client.

        RFC 7009: any refresh token of a session, used or not, ends the session. An unknown token, or one of a tenant
        that the client's API key is not valid for, is ignored (§2.2).

        POST /oauth2/revoke

        token: An access or refresh token.
        token_type_hint: Ignored: the token itself says what it is (RFC 7009 §2.1).
        """
        call = Call[None](
            "POST",
            "/oauth2/revoke",
            NoneType,
            body={"token": token, "token_type_hint": token_type_hint},
            is_form=True,
            is_repeatable=True,
        )
        self.send(call, options)

    def oauth_exchange_token(
        self,
        *,
        grant_type: Literal[
            "urn:ietf:params:oauth:grant-type:token-exchange"
        ] = "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: str,
        subject_token_type: Literal[
            "urn:ietf:params:oauth:token-type:access_token"
        ] = "urn:ietf:params:oauth:token-type:access_token",
        audience: list[str] | None = None,
        resource: list[str] | None = None,
        requested_token_type: Literal["urn:ietf:params:oauth:token-type:access_token"] | None = None,
        scope: str | None = None,
        actor_token: str | None = None,
        actor_token_type: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TokenExchangeResponse:
        """Exchange a token as a client.

        RFC 8693, for tokens of any tenant that the client's API key is valid for; the client is the actor.

        POST /oauth2/token

        grant_type: Always token exchange (RFC 8693).
        subject_token: The access token to exchange.
        subject_token_type: Always an access token (RFC 8693 §3).
        audience: The service that the new token is for; at most one.
        resource: The absolute URI of the service that the new token is for.
        requested_token_type: Only access tokens are issued.
        scope: The role of the token's user.
        actor_token: Not supported: the actor is the client itself.
        actor_token_type: Not supported: the actor is the client itself.
        """
        call = Call[TokenExchangeResponse](
            "POST",
            "/oauth2/token",
            TokenExchangeResponse,
            body={
                "grant_type": grant_type,
                "subject_token": subject_token,
                "subject_token_type": subject_token_type,
                "audience": audience,
                "resource": resource,
                "requested_token_type": requested_token_type,
                "scope": scope,
                "actor_token": actor_token,
                "actor_token_type": actor_token_type,
            },
            is_form=True,
        )
        return self.send(call, options)


class AsyncOAuth(AsyncSender):
    """Operations of oauth, for AsyncClient."""

    async def oauth_introspect(
        self, *, token: str, token_type_hint: str | None = None, options: Options = NO_OPTIONS
    ) -> TokenIntrospectionResponse:
        """Introspect a token as a client.

        RFC 7662, for tokens of any tenant that the client's API key is valid for.

        POST /oauth2/introspect

        token: An access or refresh token.
        token_type_hint: Ignored: the token itself says what it is (RFC 7009 §2.1).
        """
        call = Call[TokenIntrospectionResponse](
            "POST",
            "/oauth2/introspect",
            TokenIntrospectionResponse,
            body={"token": token, "token_type_hint": token_type_hint},
            is_form=True,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def oauth_revoke(
        self, *, token: str, token_type_hint: str | None = None, options: Options = NO_OPTIONS
    ) -> None:
        """Revoke a token as a client.

        RFC 7009: any refresh token of a session, used or not, ends the session. An unknown token, or one of a tenant
        that the client's API key is not valid for, is ignored (§2.2).

        POST /oauth2/revoke

        token: An access or refresh token.
        token_type_hint: Ignored: the token itself says what it is (RFC 7009 §2.1).
        """
        call = Call[None](
            "POST",
            "/oauth2/revoke",
            NoneType,
            body={"token": token, "token_type_hint": token_type_hint},
            is_form=True,
            is_repeatable=True,
        )
        await self.send(call, options)

    async def oauth_exchange_token(
        self,
        *,
        grant_type: Literal[
            "urn:ietf:params:oauth:grant-type:token-exchange"
        ] = "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: str,
        subject_token_type: Literal[
            "urn:ietf:params:oauth:token-type:access_token"
        ] = "urn:ietf:params:oauth:token-type:access_token",
        audience: list[str] | None = None,
        resource: list[str] | None = None,
        requested_token_type: Literal["urn:ietf:params:oauth:token-type:access_token"] | None = None,
        scope: str | None = None,
        actor_token: str | None = None,
        actor_token_type: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> TokenExchangeResponse:
        """Exchange a token as a client.

        RFC 8693, for tokens of any tenant that the client's API key is valid for; the client is the actor.

        POST /oauth2/token

        grant_type: Always token exchange (RFC 8693).
        subject_token: The access token to exchange.
        subject_token_type: Always an access token (RFC 8693 §3).
        audience: The service that the new token is for; at most one.
        resource: The absolute URI of the service that the new token is for.
        requested_token_type: Only access tokens are issued.
        scope: The role of the token's user.
        actor_token: Not supported: the actor is the client itself.
        actor_token_type: Not supported: the actor is the client itself.
        """
        call = Call[TokenExchangeResponse](
            "POST",
            "/oauth2/token",
            TokenExchangeResponse,
            body={
                "grant_type": grant_type,
                "subject_token": subject_token,
                "subject_token_type": subject_token_type,
                "audience": audience,
                "resource": resource,
                "requested_token_type": requested_token_type,
                "scope": scope,
                "actor_token": actor_token,
                "actor_token_type": actor_token_type,
            },
            is_form=True,
        )
        return await self.send(call, options)
