"""Operations that hand out tokens."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from autional import durations, exchange, introspection, jwt_configs, problems, tokens
from autional.api import paging
from autional.api.calls import Call
from autional.api.paging import Place
from autional.api.schemas import DataResponse, RefreshTokensRequest, SimpleResponse, TokenPairResponse
from autional.api.session_answers import token_pair
from autional.api.token_schemas import (
    AccessTokenResponse,
    ExchangeForm,
    ExchangeTokenRequest,
    GenerateTokensRequest,
    TenantJWTConfigResponse,
    TokenExchangeResponse,
    TokenInfoResponse,
    TokenListQuery,
    TokenListResponse,
    UpdateTenantJWTConfigRequest,
    UpgradeRequest,
    UpgradeSessionMFAResponse,
)
from autional.jose import TokenError
from autional.jwt_configs import JwtConfig
from autional.problems import Problem, Violation
from autional.tokens import IssuedToken

_LEEWAY = timedelta(seconds=5)


async def refresh(call: Call, body: RefreshTokensRequest) -> TokenPairResponse:
    """Exchange a refresh token for the next pair; a bearer that comes along must be of the same session.

    Raises the Problems INVALID_REFRESH_TOKEN, REFRESH_TOKEN_REUSED, TOO_MANY_REFRESHES, INVALID_TOKEN.
    """
    presented = tokens.read_refresh_token(call.service.issuer, body.refresh_token)
    service = call.service
    pair = await tokens.refresh(
        call.database,
        service.issuer,
        service.refresh_grace,
        presented,
        call.at,
        session_id=_session_of_bearer(call),
        idempotency_key=call.idempotency_key,
    )
    return token_pair(pair)


async def rotate_access(call: Call, body: RefreshTokensRequest) -> AccessTokenResponse:
    """A new access token for a refresh token that stays as it is. Raises as `refresh` does."""
    presented = tokens.read_refresh_token(call.service.issuer, body.refresh_token)
    access = await tokens.rotate_access(
        call.service.database.share("hot", presented.tenant_id),
        call.service.issuer,
        call.service.refresh_grace,
        presented,
        call.at,
        session_id=_session_of_bearer(call),
        idempotency_key=call.idempotency_key,
    )
    return AccessTokenResponse(access_token=access.text, expires_in=access.expires_in)


async def generate(call: Call, body: GenerateTokensRequest) -> TokenPairResponse:
    """A fresh pair for a service that lost one. Raises the Problems INVALID_PARAMETER, SESSION_NOT_FOUND."""
    if body.tenant_id != call.caller.tenant_id:
        raise Problem(
            problems.INVALID_PARAMETER,
            violations=[Violation("tenant_id", "value", "Must be the tenant that the request acts in")],
        )
    pair, _ = await tokens.reissue(
        call.database, call.service.issuer, call.caller.authority, body.session_id, body.auth_user_id, call.at
    )
    return token_pair(pair)


async def upgrade(call: Call, session_id: str, body: UpgradeRequest) -> UpgradeSessionMFAResponse:
    """A user has proved more factors: the session rises to their level, with tokens of it.

    For those who authenticate users, never for the user's own word. Raises the Problem SESSION_NOT_FOUND.
    """
    pair, subject = await tokens.reissue(
        call.database, call.service.issuer, call.caller.authority, session_id, None, call.at, proved=body.amr
    )
    return UpgradeSessionMFAResponse(
        message="session MFA status upgraded",
        mfa_verified=subject.aal > 1,
        session_id=session_id,
        acr=f"aal{subject.aal}",
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        expires_in=pair.expires_in,
    )


async def exchange_token(call: Call, body: ExchangeTokenRequest) -> TokenExchangeResponse:
    """A token of the tenant for another audience, with the administrator as actor. Raises INVALID_SUBJECT_TOKEN."""
    return await _exchanged(call, body.subject_token, body.audience, _actor(call), frozenset({call.caller.tenant_id}))


async def exchange_form(call: Call, body: ExchangeForm) -> TokenExchangeResponse:
    """The same for a client, in any tenant that its key is good for (RFC 8693).

    Raises the Problems INVALID_SUBJECT_TOKEN, INVALID_TARGET, INVALID_SCOPE, INVALID_PARAMETER.
    """
    if body.actor_token is not None or body.actor_token_type is not None:  # who acts is the client itself
        wrong = [Violation("actor_token", "value", "Is not supported: the actor is the client itself")]
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    named = introspection.named(call.service.issuer, body.subject_token)
    scope = named.claims.role if named and named.claims else None
    if body.scope is not None and scope is not None and set(body.scope.split()) != {scope}:
        raise Problem(problems.INVALID_SCOPE)
    exchanged = await _exchanged(call, body.subject_token, _target(body), _actor(call), call.caller.tenant_ids)
    exchanged.scope = scope
    return exchanged


async def read_config(call: Call) -> TenantJWTConfigResponse:
    """How long the tokens of the tenant live."""
    return _config(call, await jwt_configs.read(call.database, call.caller.tenant_id))


async def put_config(call: Call, body: UpdateTenantJWTConfigRequest) -> TenantJWTConfigResponse:
    """How long the tokens of the tenant live from the next one on. Raises the Problem INVALID_PARAMETER."""
    config = JwtConfig(
        body.access_expiry.value, body.refresh_expiry.value, body.leeway.value if body.leeway else _LEEWAY
    )
    await jwt_configs.put(call.database, call.caller.tenant_id, config)
    return _config(call, config)


async def delete_config(call: Call) -> SimpleResponse:
    """Go back to the defaults."""
    await jwt_configs.delete(call.database, call.caller.tenant_id)
    return SimpleResponse(timestamp=call.now)


async def get_issued(call: Call, token_id: str) -> DataResponse[TokenInfoResponse]:
    """One token that was issued in the tenant. Raises the Problem TOKEN_NOT_FOUND."""
    found, _ = await tokens.issued(call.database, call.caller.tenant_id, call.at, token_id=token_id)
    if not found:
        raise Problem(problems.TOKEN_NOT_FOUND)
    return DataResponse(data=_info(found[0]), timestamp=call.now)


async def list_issued(call: Call, query: TokenListQuery) -> TokenListResponse:
    """The tokens that were issued in the tenant, newest first."""
    status = None if query.status == "all" else query.status
    listed = ["tokens", query.user_id, query.type, query.status]
    part = paging.part_of(call, query, listed)
    found, total = await tokens.issued(
        call.database,
        call.caller.tenant_id,
        call.at,
        user_id=query.user_id,
        token_type=query.type,
        status=status,
        bounds=part.bounds,
    )
    places = [Place(token.issued_at, token.token_id) for token in found]
    info = paging.page_info(call, query, listed, places, total)
    items = [_info(token) for token in found[: query.page_size]]
    return TokenListResponse(items=items, pagination=info, total=total, timestamp=call.now)


def _info(token: IssuedToken) -> TokenInfoResponse:
    return TokenInfoResponse(
        id=token.token_id,
        token_type=token.token_type,
        status=token.status,
        user_id=token.user_id,
        created_at=token.issued_at,
        expires_at=token.expires_at,
        session_id=token.session_id,
        ip=str(token.ip) if token.ip is not None else None,
        user_agent=token.user_agent,
    )


def _target(body: ExchangeForm) -> str | None:
    """The one audience or resource that a token is asked for (RFC 8693 §2.1, §2.2.2). Raises INVALID_TARGET."""
    targets = {*body.audience, *body.resource}
    if len(targets) > 1 or not all(map(_is_absolute, body.resource)):
        raise Problem(problems.INVALID_TARGET)
    return targets.pop() if targets else None


def _is_absolute(uri: str) -> bool:
    """Whether it is an absolute URI without a fragment (RFC 3986 §4.3)."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and "#" not in uri


async def _exchanged(
    call: Call, subject_token: str, audience: str | None, actor: dict[str, Any], tenant_ids: frozenset[str] | None
) -> TokenExchangeResponse:
    access, audience = await exchange.exchange(
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


def _actor(call: Call) -> dict[str, Any]:
    """Who acts (RFC 8693 §4.1): a user of the tenant, one of another with its issuer, or an API key."""
    home = call.caller.home_tenant
    sub = {"sub": call.caller.user_id or call.caller.key_id or ""}
    return sub | ({"iss": call.service.issuer.of(home)} if home else {})


def _config(call: Call, config: JwtConfig) -> TenantJWTConfigResponse:
    return TenantJWTConfigResponse(
        access_expiry=durations.render(config.access_expiry),
        refresh_expiry=durations.render(config.refresh_expiry),
        leeway=durations.render(config.leeway),
        tenant_id=call.caller.tenant_id,
    )


def _session_of_bearer(call: Call) -> str | None:
    """The session that a bearer names, whatever its age; None where none came along."""
    if call.bearer is None:
        return None
    try:
        return call.service.issuer.ring.verify(call.bearer).session_id or ""
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
