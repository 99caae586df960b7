"""Tokens: reissue, exchange and list."""

from autional.api import paging
from autional.api.model import Call, may_raise
from autional.api.paging import Position
from autional.api.schemas import DataResponse
from autional.api.tokens.exchange import actor_of, exchanged
from autional.api.tokens.responses import token_pair
from autional.api.tokens.schemas import (
    ExchangeTokenRequest,
    GenerateTokensRequest,
    RefreshTokenInfo,
    TokenChainResponse,
    TokenExchangeResponse,
    TokenInfoResponse,
    TokenListQuery,
    TokenListResponse,
    TokenPairResponse,
)
from autional.core import problems
from autional.core.ids import sibling
from autional.core.problems import Problem, Violation
from autional.sessions.listing import find_session
from autional.sessions.reissue import reissue_tokens
from autional.tokens.listing import TokenFilter, find_issued, list_tokens, session_chain
from autional.tokens.model import IssuedToken


@may_raise(problems.SESSION_NOT_FOUND, problems.ROLE_TOO_HIGH)
async def generate(call: Call, body: GenerateTokensRequest) -> TokenPairResponse:
    """Reissue the tokens of a session.

    For a service that lost them; the earlier refresh tokens become invalid.
    """
    if body.tenant_id != call.caller.tenant_id:
        raise Problem(
            problems.INVALID_PARAMETER,
            violations=[Violation("tenant_id", "value", "Must be the tenant that the request acts in")],
        )
    pair, _ = await reissue_tokens(
        call.database, call.service.issuer, call.caller.authority, body.session_id, body.auth_user_id, call.at
    )
    return token_pair(pair)


@may_raise(problems.INVALID_SUBJECT_TOKEN, problems.ROLE_TOO_HIGH, problems.LEVEL_TOO_HIGH)
async def exchange_token(call: Call, body: ExchangeTokenRequest) -> TokenExchangeResponse:
    """Exchange a token for another audience.

    The new token is of the same user and session, names the administrator as actor, and never lasts longer.
    """
    return await exchanged(call, body.subject_token, body.audience, actor_of(call), frozenset({call.caller.tenant_id}))


@may_raise(problems.TOKEN_NOT_FOUND)
async def get_issued(call: Call, token_id: str) -> DataResponse[TokenInfoResponse]:
    """Get an issued token."""
    found = await find_issued(call.database, call.caller.tenant_id, token_id, call.at)
    if found is None:
        raise Problem(problems.TOKEN_NOT_FOUND)
    return DataResponse(data=_info(found), timestamp=call.now)


@may_raise(problems.SESSION_NOT_FOUND)
async def list_of_session(call: Call, session_id: str) -> TokenChainResponse:
    """List the refresh tokens of a session.

    Each with what became of it: exchanged for the next one, once more repeated, revoked.
    """
    await find_session(call.database, call.caller.scope, session_id, call.at)
    chain = await session_chain(call.database, call.caller.tenant_id, session_id)
    items = [
        RefreshTokenInfo(
            id=one.refresh_id,
            access_token_id=sibling(one.refresh_id),
            depth=one.depth,
            created_at=one.issued_at,
            expires_at=one.expires_at,
            access_expires_at=one.access_expires_at,
            consumed_at=one.consumed_at,
            successor_id=one.successor_id,
            revoked_at=one.revoked_at,
            reissued=one.reissued,
            repeated=one.repeated_late,
        )
        for one in chain
    ]
    return TokenChainResponse(items=items, timestamp=call.now)


async def list_issued(call: Call, query: TokenListQuery) -> TokenListResponse:
    """List issued tokens.

    A search for a status, or for a user with very many sessions, looks at a bounded number of tokens; where it was cut
    before the page was full, the cursor goes on from there.
    """
    status = None if query.status == "all" else query.status
    listed = ["tokens", query.user_id, query.type, query.status]
    part = paging.part_of(call, query, listed)
    only = TokenFilter(query.user_id, query.type, status)
    found = await list_tokens(call.database, call.caller.tenant_id, only, part.bounds, call.at)
    places = [Position(token.issued_at, token.token_id) for token in found.tokens]
    cut_at = Position(*found.cut_at) if found.cut_at else None
    info = paging.page_info(call, query, listed, places, found.size, cut_at)
    items = [_info(token) for token in found.tokens[: query.page_size]]
    return TokenListResponse(items=items, pagination=info, total=info.total, timestamp=call.now)


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
