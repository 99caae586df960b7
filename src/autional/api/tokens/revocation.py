"""Revocation of tokens."""

from datetime import UTC, datetime

from autional.access import introspection
from autional.api import audited, paging
from autional.api.model import Call, may_raise
from autional.api.paging import Position
from autional.api.schemas import CountedResponse, SimpleResponse
from autional.api.tokens.schemas import (
    AddToBlacklistRequest,
    BlacklistCheckRequest,
    BlacklistCheckResponse,
    BlacklistedTokenListResponse,
    BlacklistedTokenResponse,
    BlacklistQuery,
    BlacklistTokenRequest,
    RevokeAllTokensRequest,
)
from autional.core import problems
from autional.core.problems import Problem, Violation
from autional.postgres.queries import with_retry
from autional.sessions.model import SIGNED_OUT_EVERYWHERE
from autional.sessions.sign_out import end_signed_out_sessions, revoke_all_tokens
from autional.tokens import blacklist
from autional.tokens.blacklist import TokenReference
from autional.tokens.jwt import AccessClaims

_SHOWN = 8


@may_raise(problems.FOREIGN_USER, problems.TOKEN_NOT_FOUND)
async def add_to_blacklist(call: Call, body: AddToBlacklistRequest) -> SimpleResponse:
    """Revoke one token.

    Named by itself or by its id. Users revoke their own tokens, administrators any of the tenant.
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
    await blacklist.add(call.database, reference, body.reason or "token_revoked", call.at)
    return SimpleResponse(timestamp=call.now)


@may_raise(problems.FOREIGN_USER, problems.TOKEN_NOT_FOUND)
async def blacklist_internally(call: Call, body: BlacklistTokenRequest) -> SimpleResponse:
    """Revoke one token as a service."""
    return await add_to_blacklist(call, body)


async def check_blacklist(call: Call, query: BlacklistCheckRequest) -> BlacklistCheckResponse:
    """Check whether a token is on the blacklist."""
    return await _checked(call, query.token)


async def check_blacklist_by_post(call: Call, body: BlacklistCheckRequest) -> BlacklistCheckResponse:
    """Check the blacklist without the token in a URL."""
    return await _checked(call, body.token)


async def list_blacklist(call: Call, query: BlacklistQuery) -> BlacklistedTokenListResponse:
    """List the blacklist.

    Tokens of the tenant that were revoked one by one.
    """
    listed = ["blacklist", query.user_id]
    part = paging.part_of(call, query, listed)
    entries, size = await blacklist.list_blacklist(
        call.database, call.caller.tenant_id, query.user_id, part.bounds, call.at
    )
    places = [Position(entry.created_at, entry.token_id) for entry in entries]
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
    info = paging.page_info(call, query, listed, places, size)
    return BlacklistedTokenListResponse(items=items, pagination=info, total=info.total, timestamp=call.now)


@may_raise(problems.BLACKLIST_ENTRY_NOT_FOUND, problems.OWN_SESSION, problems.ROLE_TOO_HIGH, problems.LEVEL_TOO_HIGH)
async def delete_from_blacklist(call: Call, id: str) -> SimpleResponse:  # noqa: A002 - the contract's name
    """Remove a token from the blacklist.

    The token is valid again if nothing else revoked it.
    """
    await blacklist.remove(call.database, call.caller.authority, id)
    return SimpleResponse(timestamp=call.now)


async def revoke_all(call: Call, body: RevokeAllTokensRequest) -> CountedResponse:
    """Revoke all tokens of a user or of everybody.

    Without a type the sessions end too; otherwise only the access or the refresh tokens become invalid. Without a
    user, `everybody` must be true.
    """
    tenant_id, reason = call.caller.tenant_id, body.reason or SIGNED_OUT_EVERYWHERE

    async def revoked() -> int:
        async with call.database.transaction() as queries:
            await audited.record_actor(queries, call.caller, call.request.request_id)
            return await revoke_all_tokens(queries, tenant_id, body.user_id, body.type, reason, call.at)

    ended = await with_retry(revoked)
    if body.user_id is None:
        ended = await end_signed_out_sessions(call.database, tenant_id, call.at)
    return CountedResponse(timestamp=call.now, sessions=ended)


async def _reference(call: Call, token: str) -> TokenReference | None:
    """The token of this text or id, if it is within the caller's scope; any other is as one that never was."""
    scope, token_id = call.caller.scope, token
    if not _is_id(token):
        named = introspection.parse_token(call.service.issuer, token)
        if named is None or named.tenant_id != scope.tenant_id:
            return None
        if named.claims is not None:
            return reference_of(named.claims) if scope.covers(named.claims.user_id) else None
        token_id = named.token_id
    found = await blacklist.find_token(call.database, scope.tenant_id, token_id, call.at)
    return found if found and scope.covers(found.user_id) else None


def reference_of(claims: AccessClaims) -> TokenReference:
    """The reference of the token with these claims."""
    expires_at = datetime.fromtimestamp(claims.exp, UTC)
    return TokenReference(claims.tenant_id, claims.jti, "access", claims.user_id, expires_at)


def _is_id(token: str) -> bool:
    return token.startswith("tok_") and "." not in token


async def _checked(call: Call, token: str) -> BlacklistCheckResponse:
    named = introspection.parse_token(call.service.issuer, token)
    token_id = named.token_id if named else token.replace("\0", "")
    reason = await blacklist.reason_of(call.database, call.caller.scope, token_id)
    shown = token if _is_id(token) else f"{token[:_SHOWN]}..."
    return BlacklistCheckResponse(blacklisted=reason is not None, reason=reason or "", token=shown)
