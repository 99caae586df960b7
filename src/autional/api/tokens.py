"""Operations that hand out tokens."""

from autional import problems, tokens
from autional.api.kernel import Call
from autional.api.schemas import RefreshTokensRequest, TokenPairResponse
from autional.api.session_answers import token_pair
from autional.jose import TokenError
from autional.problems import Problem


async def refresh(call: Call, body: RefreshTokensRequest) -> TokenPairResponse:
    """Exchange a refresh token for the next pair; a bearer that comes along must be of the same session.

    Raises the Problems INVALID_REFRESH_TOKEN, REFRESH_TOKEN_REUSED, TOO_MANY_REFRESHES, INVALID_TOKEN.
    """
    presented = tokens.read_refresh_token(body.refresh_token)
    session_id = _session_of_bearer(call)
    service = call.service
    pair = await tokens.refresh(service.database, service.issuer, service.refreshing, presented, call.now, session_id)
    return token_pair(pair)


def _session_of_bearer(call: Call) -> str | None:
    """The session that a bearer names, whatever its age; None where none came along."""
    if call.bearer is None:
        return None
    try:
        return call.service.issuer.ring.verify(call.bearer).session_id or ""
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
