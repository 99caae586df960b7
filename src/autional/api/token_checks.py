"""Operations that say what a token is, or end it before its time."""

from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from autional import devices, ids, introspection, problems, revocations, sessions
from autional.api import acts, paging
from autional.api.calls import Call
from autional.api.paging import Place
from autional.api.schemas import (
    SIGNED_OUT_EVERYWHERE,
    CountedResponse,
    SimpleResponse,
    TokenValidationResponse,
)
from autional.api.token_schemas import (
    AddToBlacklistRequest,
    BlacklistCheckRequest,
    BlacklistCheckResponse,
    BlacklistedTokenListResponse,
    BlacklistedTokenResponse,
    BlacklistQuery,
    BlacklistTokenRequest,
    IntrospectTokenRequest,
    RevokeAllTokensRequest,
    TokenForm,
    TokenIntrospectionResponse,
    ValidateAccessTokenRequest,
)
from autional.authority import of_operator, whole
from autional.db import Lookup, retried
from autional.introspection import ActiveToken
from autional.jose import AccessClaims
from autional.problems import Problem, Violation
from autional.revocations import TokenReference
from autional.tokens import UNKNOWN_CLIENT

_SHOWN = 8
_INACTIVE = TokenIntrospectionResponse(active=False)


def named_token(call: Call, body: IntrospectTokenRequest | TokenForm) -> Lookup[ActiveToken | None] | None:
    """What to ask about the token that a request names."""
    return introspection.lookup(call.service.issuer, body.token, call.at)


def named_access_token(call: Call, body: ValidateAccessTokenRequest) -> Lookup[ActiveToken | None] | None:
    """The same where it must be an access token."""
    return introspection.lookup(call.service.issuer, body.access_token, call.at)


async def introspect(call: Call, body: IntrospectTokenRequest, found: ActiveToken | None) -> TokenIntrospectionResponse:
    """What a token of the tenant is; anything that is not good is only not active."""
    return _told(call, found) if found and found.reference.tenant_id == call.caller.tenant_id else _INACTIVE


async def introspect_form(call: Call, body: TokenForm, found: ActiveToken | None) -> TokenIntrospectionResponse:
    """The same for a client, in any tenant that its key is good for (RFC 7662)."""
    if found is None or not call.caller.acts_for(found.reference.tenant_id):
        return _INACTIVE
    await _note_activity(call, found)
    told = _told(call, found)
    told.token_type = "Bearer" if found.reference.token_type == "access" else None
    return told


async def revoke_form(call: Call, body: TokenForm) -> None:
    """End a token for a client; any refresh token of a session, consumed or not, ends the session (RFC 7009 §2.1).

    What is not ours, or of a tenant that the client's key is not good for, is passed over (§2.2).
    """
    named = introspection.named(call.service.issuer, body.token)
    if named is None or not call.caller.acts_for(named.tenant_id):
        return
    if named.claims is None and named.session_id is not None:
        with suppress(Problem):  # the session is gone
            await sessions.end(call.database, whole(named.tenant_id), named.session_id, "token_revoked", call.at)
    elif named.claims is not None:
        await revocations.blacklist(call.database, _of_claims(named.claims), "token_revoked", call.at)


async def validate(call: Call, body: ValidateAccessTokenRequest, found: ActiveToken | None) -> TokenValidationResponse:
    """Whether an access token of the tenant is good now, for this service or the audience and on the device named."""
    if found is None or found.claims is None or found.reference.tenant_id != call.caller.tenant_id:
        return TokenValidationResponse(valid=False, error="invalid_token")
    if found.claims.aud != (body.audience or call.service.issuer.audience):
        return TokenValidationResponse(valid=False, error="audience_mismatch")
    if body.device_fingerprint is not None and not _on_device(call, body.device_fingerprint, found):
        return TokenValidationResponse(valid=False, error="device_mismatch")
    await _note_activity(call, found)
    return TokenValidationResponse(valid=True, claims=msgspec.to_builtins(found.claims))


async def blacklist(call: Call, body: AddToBlacklistRequest) -> SimpleResponse:
    """End one token, named by itself or by its id: a user one of its own, an administrator any of the tenant.

    Whatever else ended it already, it is ended. Raises the Problems FOREIGN_USER, TOKEN_NOT_FOUND, INVALID_PARAMETER.
    """
    if not call.caller.scope.covers(body.user_id):
        raise Problem(problems.FOREIGN_USER)
    reference = await _reference(call, body.token)
    if reference is None:
        raise Problem(problems.TOKEN_NOT_FOUND)
    wrong = []
    if reference.user_id != body.user_id:
        wrong.append(Violation("token", "value", "Is not a token of this user"))
    if reference.token_type != body.token_type:
        wrong.append(Violation("token_type", "value", "Is not the type of this token"))
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    await revocations.blacklist(call.database, reference, body.reason or "token_revoked", call.at)
    return SimpleResponse(timestamp=call.now)


async def blacklist_internally(call: Call, body: BlacklistTokenRequest) -> SimpleResponse:
    """End one token of the tenant. Raises the Problem INVALID_PARAMETER."""
    return await blacklist(call, body)


async def check_blacklist(call: Call, query: BlacklistCheckRequest) -> BlacklistCheckResponse:
    """Whether a token of the tenant, or the id of one, is on the blacklist."""
    return await _checked(call, query.token)


async def check_blacklist_by_post(call: Call, body: BlacklistCheckRequest) -> BlacklistCheckResponse:
    """The same without the token in a URL."""
    return await _checked(call, body.token)


async def list_blacklist(call: Call, query: BlacklistQuery) -> BlacklistedTokenListResponse:
    """The tokens of the tenant that were ended by themselves."""
    listed = ["blacklist", query.user_id]
    part = paging.part_of(call, query, listed)
    entries, total = await revocations.blacklist_page(
        call.database, call.caller.tenant_id, query.user_id, part.bounds, call.at
    )
    places = [Place(entry.created_at, entry.blacklist_id) for entry in entries]
    items = [
        BlacklistedTokenResponse(
            id=entry.blacklist_id,
            token_id=entry.token_id,
            user_id=entry.user_id,
            reason=entry.reason,
            created_at=entry.created_at,
            expires_at=entry.expires_at,
        )
        for entry in entries[: query.page_size]
    ]
    info = paging.page_info(call, query, listed, places, total)
    return BlacklistedTokenListResponse(items=items, pagination=info, total=total, timestamp=call.now)


async def delete_from_blacklist(call: Call, id: str) -> SimpleResponse:  # noqa: A002 - the contract's name
    """Let a token be good again. Raises the Problem BLACKLIST_ENTRY_NOT_FOUND."""
    await revocations.remove_from_blacklist(call.database, call.caller.authority, id)
    return SimpleResponse(timestamp=call.now)


async def revoke_all(call: Call, body: RevokeAllTokensRequest) -> CountedResponse:
    """Sign a user out everywhere, or everybody; or end only the access or the refresh tokens."""
    tenant_id, reason = call.caller.tenant_id, body.reason or SIGNED_OUT_EVERYWHERE

    async def sign_out() -> int:
        async with call.database.transaction() as queries:
            await acts.note_actor(queries, call)
            return await revocations.revoke_all(queries, tenant_id, body.user_id, body.type, reason, call.at)

    ended = await retried(sign_out)
    if body.user_id is None:
        ended = await revocations.end_signed_out(call.database, tenant_id, call.at)
    return CountedResponse(timestamp=call.now, sessions=ended)


async def _reference(call: Call, token: str) -> TokenReference | None:
    """The token of this text or id, if it is within the caller's scope; any other is as one that never was."""
    scope, token_id = call.caller.scope, token
    if not _is_id(token):
        named = introspection.named(call.service.issuer, token)
        if named is None or named.tenant_id != scope.tenant_id:
            return None
        if named.claims is not None:
            return _of_claims(named.claims) if scope.covers(named.claims.user_id) else None
        token_id = named.token_id
    found = await revocations.token_by_id(call.database, scope.tenant_id, token_id, call.at)
    return found if found and scope.covers(found.user_id) else None


def _of_claims(claims: AccessClaims) -> TokenReference:
    expires_at = datetime.fromtimestamp(claims.exp, UTC)
    return TokenReference(claims.tenant_id, claims.jti, "access", claims.user_id, expires_at)


def _is_id(token: str) -> bool:
    return token.startswith("tok_") and "." not in token


async def _checked(call: Call, token: str) -> BlacklistCheckResponse:
    named = introspection.named(call.service.issuer, token)
    token_id = named.token_id if named else token.replace("\0", "")
    reason = await revocations.blacklist_reason(call.database, call.caller.scope, token_id)
    shown = token if _is_id(token) else f"{token[:_SHOWN]}..."
    return BlacklistCheckResponse(blacklisted=reason is not None, reason=reason or "", token=shown)


async def _note_activity(call: Call, found: ActiveToken) -> None:
    """Move the idle deadline of the token's session, where the operator has chosen that (a setting)."""
    session_id = found.subject.session_id
    if call.service.settings.validation_is_activity and found.claims is not None and session_id is not None:
        tenant_id = found.reference.tenant_id
        with suppress(Problem):  # it ended meanwhile
            await sessions.touch(call.database, of_operator(tenant_id), whole(tenant_id), session_id, call.at)


def _on_device(call: Call, fingerprint: str, found: ActiveToken) -> bool:
    hashed = devices.hashed(call.service.fingerprint_key, call.caller.tenant_id, fingerprint)
    return ids.same(hashed.encode(), (found.device_fingerprint or "").encode())


def _told(call: Call, found: ActiveToken) -> TokenIntrospectionResponse:
    reference, subject, claims = found.reference, found.subject, found.claims
    return TokenIntrospectionResponse(
        active=True,
        token_type=reference.token_type,
        sub=reference.user_id,
        username=reference.user_id,
        client_id=subject.client_id if subject.client_id != UNKNOWN_CLIENT else None,
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
