"""Introspection and validation of tokens."""

from contextlib import suppress

import msgspec

from autional.access import introspection
from autional.access.caller import Caller
from autional.access.introspection import ActiveToken
from autional.api.model import Call
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
) -> TokenIntrospectionResponse:
    """Introspect a token of the tenant.

    For a token that is not valid the answer is only that it is not active.
    """
    return (
        introspection_response(call, preloaded)
        if preloaded and preloaded.reference.tenant_id == call.caller.tenant_id
        else INACTIVE
    )


async def validate(
    call: Call, body: ValidateAccessTokenRequest, preloaded: ActiveToken | None
) -> TokenValidationResponse:
    """Validate an access token.

    Whether it is valid now for this service, or for the named audience and device.
    """
    if preloaded is None or preloaded.claims is None or preloaded.reference.tenant_id != call.caller.tenant_id:
        return TokenValidationResponse(valid=False, error="invalid_token")
    if preloaded.claims.aud != (body.audience or call.service.issuer.audience):
        return TokenValidationResponse(valid=False, error="audience_mismatch")
    if body.device_fingerprint is not None and not _on_device(call, body.device_fingerprint, preloaded):
        return TokenValidationResponse(valid=False, error="device_mismatch")
    await record_token_activity(call, preloaded)
    return TokenValidationResponse(valid=True, claims=msgspec.to_builtins(preloaded.claims))


async def record_token_activity(call: Call, found: ActiveToken) -> None:
    """Move the idle deadline of the token's session, where the operator has chosen that (a setting)."""
    session_id = found.subject.session_id
    if call.service.settings.validation_is_activity and found.claims is not None and session_id is not None:
        tenant_id = found.reference.tenant_id
        with suppress(Problem):  # it ended meanwhile
            await touch_session(
                call.database, operator_authority(tenant_id), whole_tenant(tenant_id), session_id, call.at
            )


def _on_device(call: Call, fingerprint: str, found: ActiveToken) -> bool:
    hashed = trusted_devices.fingerprint_hash(call.service.fingerprint_key, call.caller.tenant_id, fingerprint)
    return ids.equal_hashes(hashed.encode(), (found.device_fingerprint or "").encode())


def introspection_response(call: Call, found: ActiveToken) -> TokenIntrospectionResponse:
    """The response about a valid token."""
    reference, subject, claims = found.reference, found.subject, found.claims
    return TokenIntrospectionResponse(
        active=True,
        token_type=reference.token_type,
        sub=reference.user_id,
        username=reference.user_id,
        client_id=subject.client_id if subject.client_id != NO_CLIENT else None,
        iss=call.service.issuer.of(reference.tenant_id),
        aud=claims.aud if claims else None,
        exp=int(reference.expires_at.timestamp()),
        iat=int(found.issued_at.timestamp()),
        nbf=claims.nbf if claims else None,
        jti=reference.token_id,
        scope=subject.role,
        sid=subject.session_id,
        tenant_id=reference.tenant_id,
        acr=f"aal{subject.aal}",
        amr=list(subject.amr),
        auth_time=int(subject.authenticated_at.timestamp()),
        act=claims.act if claims else None,
    )
