"""Introspection and validation of tokens."""

from contextlib import suppress
from typing import Literal

import msgspec

from autional.access import introspection
from autional.access.caller import Caller
from autional.access.introspection import ActiveToken
from autional.api.model import Call, Json
from autional.api.tokens.schemas import (
    IntrospectTokenRequest,
    TokenForm,
    TokenIntrospectionResponse,
    TokenValidationResponse,
    ValidateAccessTokenRequest,
)
from autional.core import ids
from autional.core.authority import operator_authority, whole_tenant
from autional.core.problems import Problem
from autional.postgres.queries import Lookup
from autional.risk import trusted_devices
from autional.runtime.service import Service
from autional.sessions.lifecycle import touch_session
from autional.tokens.jwt import AccessClaims
from autional.tokens.model import NO_CLIENT

INACTIVE = TokenIntrospectionResponse(active=False)


def token_preload(
    running: Service, _: Caller, body: IntrospectTokenRequest | TokenForm
) -> Lookup[ActiveToken | None] | None:
    """What to ask about the token that a request names."""
    return introspection.lookup(running.issuer, body.token, running.at())


def access_token_preload(
    running: Service, _: Caller, body: ValidateAccessTokenRequest
) -> Lookup[ActiveToken | None] | None:
    """The same where it must be an access token."""
    return introspection.lookup(running.issuer, body.access_token, running.at())


async def introspect(
    call: Call, body: IntrospectTokenRequest, preloaded: ActiveToken | None
) -> TokenIntrospectionResponse | Json:
    """Introspect a token of the tenant.

    For a token that is not valid the answer is only that it is not active.
    """
    if preloaded is None or preloaded.tenant_id != call.caller.tenant_id:
        return INACTIVE
    if preloaded.verified is not None:
        return preloaded.verified.once(_access_token_response)
    return refresh_token_response(call, preloaded)


async def validate(
    call: Call, body: ValidateAccessTokenRequest, preloaded: ActiveToken | None
) -> TokenValidationResponse | Json:
    """Validate an access token.

    Whether it is valid now for this service, or for the named audience and device.
    """
    if preloaded is None or preloaded.verified is None or preloaded.tenant_id != call.caller.tenant_id:
        return TokenValidationResponse(valid=False, error="invalid_token")
    if preloaded.verified.claims.aud != (body.audience or call.service.issuer.audience):
        return TokenValidationResponse(valid=False, error="audience_mismatch")
    if body.device_fingerprint is not None and not _on_device(call, body.device_fingerprint, preloaded):
        return TokenValidationResponse(valid=False, error="device_mismatch")
    await record_token_activity(call, preloaded)
    return preloaded.verified.once(_validation_response)


async def record_token_activity(call: Call, found: ActiveToken) -> None:
    """Move the idle deadline of the token's session, where the operator has chosen that (a setting)."""
    if not call.service.settings.validation_is_activity:
        return
    session_id = found.facts.subject.session_id
    if found.verified is not None and session_id is not None:
        with suppress(Problem):  # it ended meanwhile
            authority, scope = operator_authority(found.tenant_id), whole_tenant(found.tenant_id)
            await touch_session(call.database, authority, scope, session_id, call.at)


def _on_device(call: Call, fingerprint: str, found: ActiveToken) -> bool:
    hashed = trusted_devices.fingerprint_hash(call.service.fingerprint_key, call.caller.tenant_id, fingerprint)
    return ids.equal_hashes(hashed.encode(), (found.device_fingerprint or "").encode())


def oauth_access_token_response(claims: AccessClaims) -> Json:
    """The response of RFC 7662 about a valid access token, whose `token_type` is that of RFC 6749 §7.1."""
    return Json(msgspec.json.encode(_introspected(claims, "Bearer")))


def _access_token_response(claims: AccessClaims) -> Json:
    return Json(msgspec.json.encode(_introspected(claims, "access")))


def _validation_response(claims: AccessClaims) -> Json:
    return Json(msgspec.json.encode(TokenValidationResponse(valid=True, claims=msgspec.to_builtins(claims))))


def _introspected(claims: AccessClaims, token_type: Literal["access", "Bearer"]) -> TokenIntrospectionResponse:
    return TokenIntrospectionResponse(
        active=True,
        token_type=token_type,
        sub=claims.user_id,
        username=claims.user_id,
        client_id=claims.client_id if claims.client_id != NO_CLIENT else None,
        iss=claims.iss,
        aud=claims.aud,
        exp=claims.exp,
        iat=claims.iat,
        nbf=claims.nbf,
        jti=claims.jti,
        scope=claims.role,
        sid=claims.session_id,
        tenant_id=claims.tenant_id,
        acr=claims.acr,
        amr=claims.amr,
        auth_time=claims.auth_time,
        act=claims.act,
    )


def refresh_token_response(call: Call, found: ActiveToken) -> TokenIntrospectionResponse:
    """The response about a valid refresh token."""
    reference, subject, issued_at = found.facts
    return TokenIntrospectionResponse(
        active=True,
        token_type="refresh",
        sub=reference.user_id,
        username=reference.user_id,
        client_id=subject.client_id if subject.client_id != NO_CLIENT else None,
        iss=call.service.issuer.of(reference.tenant_id),
        exp=int(reference.expires_at.timestamp()),
        iat=int(issued_at.timestamp()),
        jti=reference.token_id,
        scope=subject.role,
        sid=subject.session_id,
        tenant_id=reference.tenant_id,
        acr=f"aal{subject.aal}",
        amr=list(subject.amr),
        auth_time=int(subject.authenticated_at.timestamp()),
        act=subject.act,
    )
