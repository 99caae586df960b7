"""Requests and responses about tokens, by the names of the contract."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from autional.api.schemas import Instant, ListResponse, PageQuery, RequestModel, ResponseModel, SessionId
from autional.core.formats import NO_CONTROLS, AuthenticationMethod, Duration, Leeway, ShortText, UserId
from autional.core.problems import Violation
from autional.tokens.blacklist import TokenType

TokenText = Annotated[str, Meta(min_length=1, max_length=8192, pattern=NO_CONTROLS)]
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"


class AccessTokenResponse(ResponseModel, omit_defaults=False):
    """A new access token of a session."""

    access_token: str
    expires_in: int
    token_type: str = "Bearer"


class GenerateTokensRequest(RequestModel):
    """The session whose tokens are reissued."""

    auth_user_id: UserId
    session_id: SessionId
    tenant_id: ShortText
    app_id: ShortText | None = None


class UpgradeRequest(RequestModel):
    """The authentication methods that the user has proved now (RFC 8176)."""

    amr: Annotated[list[AuthenticationMethod], Meta(min_length=1, max_length=16)] = msgspec.field(
        default_factory=lambda: ["mfa"]
    )


class UpgradeSessionMFAResponse(ResponseModel, omit_defaults=False):
    """The upgraded session, with tokens of its new level."""

    message: str
    mfa_verified: bool
    session_id: str
    acr: str
    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"


class AddToBlacklistRequest(RequestModel):
    """The token to revoke, its user, and why."""

    token: TokenText
    token_type: TokenType
    user_id: UserId
    reason: ShortText | None = None


class BlacklistTokenRequest(AddToBlacklistRequest):
    """The token to revoke, its user, and why. The entry is removed when the token has expired."""

    app_id: ShortText | None = None
    expires_at: int | None = None


class BlacklistCheckRequest(RequestModel):
    """A token or its id."""

    token: TokenText


class BlacklistCheckResponse(ResponseModel, omit_defaults=False):
    """Whether a token is on the blacklist, and why."""

    blacklisted: bool
    reason: str
    token: str


class BlacklistQuery(PageQuery):
    """Part of the blacklist."""

    user_id: UserId | None = None


class BlacklistedTokenResponse(ResponseModel):
    """An entry of the blacklist."""

    id: str
    token_id: str
    user_id: str
    reason: str
    created_at: Instant
    expires_at: Instant


class BlacklistedTokenListResponse(ListResponse, kw_only=True):
    """Part of the blacklist, newest first."""

    items: list[BlacklistedTokenResponse]


class RevokeAllTokensRequest(RequestModel):
    """Whose tokens to revoke, and of which type."""

    everybody: bool = False
    reason: ShortText | None = None
    type: TokenType | None = None
    user_id: UserId | None = None

    def faults(self) -> list[Violation]:
        """Whom it hits is said in so many words."""
        if (self.user_id is None) != self.everybody:
            return [Violation("everybody", "value", "Send either user_id, or everybody: true")]
        return []


class ValidateAccessTokenRequest(RequestModel):
    """An access token; the audience and the device that it must be for."""

    access_token: TokenText
    audience: ShortText | None = None
    device_fingerprint: ShortText | None = None


class IntrospectTokenRequest(RequestModel):
    """A token."""

    token: TokenText
    type: ShortText | None = None


class Form(msgspec.Struct, kw_only=True):
    """A form of an OAuth client; unknown parameters are ignored (RFC 6749 §3.2)."""


class TokenForm(Form):
    """A token (RFC 7662 §2.1, RFC 7009 §2.1)."""

    token: TokenText
    token_type_hint: ShortText | None = None


class TokenIntrospectionResponse(ResponseModel):
    """What a token is (RFC 7662 §2.2). Only `active` for a token that is not valid."""

    active: bool
    token_type: Literal["access", "refresh", "Bearer"] | None = None
    sub: str | None = None
    username: str | None = None
    client_id: str | None = None
    iss: str | None = None
    aud: str | None = None
    exp: int | None = None
    iat: int | None = None
    nbf: int | None = None
    jti: str | None = None
    scope: str | None = None
    sid: str | None = None
    tenant_id: str | None = None
    acr: str | None = None
    amr: list[str] | None = None
    auth_time: int | None = None
    act: dict[str, Any] | None = None


class ExchangeTokenRequest(RequestModel):
    """A token to exchange (RFC 8693)."""

    grant_type: Literal["urn:ietf:params:oauth:grant-type:token-exchange"]
    subject_token: TokenText
    audience: ShortText | None = None


class ExchangeForm(Form):
    """A token to exchange (RFC 8693 §2.1), for one audience or resource."""

    grant_type: Literal["urn:ietf:params:oauth:grant-type:token-exchange"]
    subject_token: TokenText
    subject_token_type: Literal["urn:ietf:params:oauth:token-type:access_token"]
    audience: Annotated[list[ShortText], Meta(max_length=10)] = []
    resource: Annotated[list[ShortText], Meta(max_length=10)] = []
    requested_token_type: Literal["urn:ietf:params:oauth:token-type:access_token"] | None = None
    scope: ShortText | None = None
    actor_token: TokenText | None = None
    actor_token_type: ShortText | None = None


class TokenExchangeResponse(ResponseModel):
    """The new token (RFC 8693 §2.2.1)."""

    access_token: str
    audience: str
    expires_in: int
    grant_type: str = msgspec.field(default_factory=lambda: TOKEN_EXCHANGE)
    issued_token_type: str = msgspec.field(default_factory=lambda: ACCESS_TOKEN_TYPE)
    scope: str | None = None
    token_type: str = msgspec.field(default_factory=lambda: "Bearer")


class TenantJWTConfigResponse(ResponseModel, omit_defaults=False):
    """Token lifetimes of a tenant."""

    access_expiry: str
    refresh_expiry: str
    leeway: str
    tenant_id: str


class UpdateTenantJWTConfigRequest(RequestModel):
    """Token lifetimes of a tenant."""

    access_expiry: Duration
    refresh_expiry: Duration
    leeway: Leeway | None = None


class RefreshTokenInfo(ResponseModel):
    """A refresh token in the chain of its session."""

    id: str
    access_token_id: str
    depth: int
    created_at: Instant
    expires_at: Instant
    access_expires_at: Instant
    consumed_at: Instant | None = None
    successor_id: str | None = None
    revoked_at: Instant | None = None
    reissued: bool = False
    repeated: bool = False


class TokenChainResponse(ResponseModel, omit_defaults=False):
    """The refresh tokens of a session that are on record, newest first, at most 50."""

    items: list[RefreshTokenInfo]
    timestamp: Instant


class TokenListQuery(PageQuery):
    """Part of the issued tokens."""

    user_id: UserId | None = None
    type: TokenType | None = None
    status: Literal["active", "expired", "revoked", "all"] = "all"


class TokenInfoResponse(ResponseModel):
    """An issued token, without its secret."""

    id: str
    token_type: TokenType
    status: str
    user_id: str
    created_at: Instant
    expires_at: Instant
    session_id: str | None = None
    ip: str | None = None
    user_agent: str | None = None


class TokenListResponse(ListResponse, kw_only=True):
    """Part of the issued tokens, newest first."""

    items: list[TokenInfoResponse]


RefreshTokenText = Annotated[str, Meta(min_length=1, max_length=512, pattern=NO_CONTROLS)]


class TokenPairResponse(ResponseModel, omit_defaults=False):
    """The tokens of a session (RFC 6749 §5.1)."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"


class RefreshTokensRequest(RequestModel):
    """A refresh token: the credential of the call."""

    refresh_token: RefreshTokenText


class TokenValidationResponse(ResponseModel):
    """Whether a session or token is valid; what it says, or why it is not."""

    valid: bool
    claims: dict[str, Any] | None = None
    error: str | None = None
    reauthentication: Literal["shortened", "full"] | None = None
