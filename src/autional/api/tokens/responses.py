"""Responses about tokens."""

from autional.api.tokens.schemas import TokenPairResponse
from autional.tokens.model import TokenPair


def token_pair(pair: TokenPair) -> TokenPairResponse:
    """A pair of tokens (RFC 6749 §5.1)."""
    return TokenPairResponse(
        access_token=pair.access_token, refresh_token=pair.refresh_token, expires_in=pair.expires_in
    )
