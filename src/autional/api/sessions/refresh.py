"""Refresh a session, and raise its assurance level."""

from autional.api.model import Call, may_raise
from autional.api.tokens.responses import token_pair
from autional.api.tokens.schemas import (
    AccessTokenResponse,
    RefreshTokensRequest,
    TokenPairResponse,
    UpgradeRequest,
    UpgradeSessionMFAResponse,
)
from autional.core import problems
from autional.core.problems import Problem
from autional.postgres.database import Share
from autional.sessions.refresh import RefreshRequest, refresh_session, rotate_access_token
from autional.sessions.reissue import reissue_tokens
from autional.tokens import refresh_tokens
from autional.tokens.jwt import TokenError

_REFUSALS = (
    problems.INVALID_REFRESH_TOKEN,
    problems.REFRESH_TOKEN_REUSED,
    problems.TOO_MANY_REFRESHES,
    problems.INVALID_TOKEN,
)


@may_raise(*_REFUSALS)
async def refresh(call: Call, body: RefreshTokensRequest) -> TokenPairResponse:
    """Exchange a refresh token for the next pair.

    The refresh token is the credential and can be used once. A lost answer can be asked for again with the same
    `Idempotency-Key`, or within seconds. Any other reuse ends the session. An access token that comes along must
    belong to the same session.
    """
    request = _request(call, body)
    pair = await refresh_session(_database(call, request), call.service.issuer, request)
    return token_pair(pair)


@may_raise(*_REFUSALS)
async def rotate_access(call: Call, body: RefreshTokensRequest) -> AccessTokenResponse:
    """Get another access token.

    The refresh token is the credential and stays valid.
    """
    request = _request(call, body)
    access = await rotate_access_token(_database(call, request), call.service.issuer, request)
    return AccessTokenResponse(access_token=access.text, expires_in=access.expires_in)


@may_raise(problems.SESSION_NOT_FOUND, problems.OWN_SESSION, problems.ROLE_TOO_HIGH, problems.LEVEL_TOO_HIGH)
async def upgrade(call: Call, session_id: str, body: UpgradeRequest) -> UpgradeSessionMFAResponse:
    """Raise the assurance level of a session.

    The user has proved the factors in `amr` (without a body: `mfa`, several factors). The session gets the level
    of all of them, and new tokens; presenting its earlier refresh token afterwards is reuse and ends the session.
    For whoever authenticates users, never for a user's own session.
    """
    pair, subject = await reissue_tokens(
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


def _request(call: Call, body: RefreshTokensRequest) -> RefreshRequest:
    return RefreshRequest(
        presented=refresh_tokens.read(call.service.issuer, body.refresh_token),
        grace=call.service.refresh_grace,
        at=call.at,
        session_id=_session_of_bearer(call),
        idempotency_key=call.request.idempotency_key,
    )


def _database(call: Call, request: RefreshRequest) -> Share:
    """The database's share of the tenant that the token names, since the call itself names none."""
    return call.service.database.share("hot", request.presented.tenant_id)


def _session_of_bearer(call: Call) -> str | None:
    """The session of the bearer token that came along, expired or not; None without one."""
    if call.request.bearer is None:
        return None
    try:
        session_id = call.service.issuer.current_ring.verify(call.request.bearer).claims.session_id
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
    if session_id is None:  # an operator's token belongs to no session
        raise Problem(problems.INVALID_REFRESH_TOKEN)
    return session_id
