"""Whether a token is one that the issuer signed, and still good by its own claims. No input, no output."""

from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature

from autional_client.errors import UNREADABLE
from autional_client.verifier.keys import Head, Key, decoded, keys_of
from autional_client.verifier.verdict import Claims, Reason

LONGEST_TOKEN = 16_384
ACCESS_TOKEN = frozenset({"at+jwt", "application/at+jwt"})
REMEMBERED = 2048
"""Tokens, twice: a few megabytes."""
_MOST_HEADS = 64
_head = msgspec.json.Decoder(Head).decode
_claims = msgspec.json.Decoder(Claims).decode


class Refused(Exception):  # noqa: N818
    """Why a token is not valid."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class KeySet:
    """The keys of an issuer that are in use, for JWTs of some types: no other is taken for one (RFC 8725 §3.11)."""

    def __init__(self, jwks: bytes, types: frozenset[str] = ACCESS_TOKEN, longest: int = LONGEST_TOKEN) -> None:
        self._types = types
        self._longest = longest
        self._keys: Mapping[str, Key] = keys_of(jwks)
        self._by_head: dict[str, Key] = {}
        self._verified: dict[str, Claims] = {}
        self._verified_before: dict[str, Claims] = {}
        if not self._keys:
            raise ValueError("a JWK Set without a key that can be used")

    def _key_for(self, head: str) -> Key:
        """The key that the encoded header of a JWS names; raises Refused."""
        try:
            read = _head(decoded(head))
        except UNREADABLE:
            raise Refused("malformed") from None
        if read.typ.lower() not in self._types:
            raise Refused("wrong_type")
        key = self._keys.get(read.kid)
        if key is None:
            raise Refused("unknown_key")
        if read.alg not in key.algorithms or read.crit is not None:
            raise Refused("bad_signature")
        return key

    def payload_of(self, token: str) -> bytes:
        """The payload of a compact JWS (RFC 7515 §7.1) whose signature is right; raises Refused."""
        if len(token) > self._longest:
            raise Refused("malformed")
        head, _, rest = token.partition(".")
        payload, _, signature = rest.partition(".")
        key = self._by_head.get(head) or self._key_for(head)
        try:
            key.check(decoded(signature), token[: -len(signature) - 1].encode("ascii"))
            if len(self._by_head) < _MOST_HEADS:
                self._by_head[head] = key
            return decoded(payload)
        except InvalidSignature:
            raise Refused("bad_signature") from None
        except ValueError:
            raise Refused("malformed") from None

    def claims_of(self, token: str) -> Claims:
        """The claims of an access token that one of these keys signed; raises Refused.

        Those of the last thousands of tokens are remembered by the whole text, for as long as these keys are in use.
        """
        known = self._verified.get(token) or self._verified_before.get(token)
        if known is not None:
            return known
        try:
            claims = _claims(self.payload_of(token))
        except UNREADABLE:
            raise Refused("malformed") from None
        if len(self._verified) >= REMEMBERED:
            self._verified_before, self._verified = self._verified, {}
        self._verified[token] = claims
        return claims


class Expectation:
    """What the claims of a token must be for an API (RFC 9068 §4)."""

    def __init__(self, issuer: str, audiences: frozenset[str], leeway: float) -> None:
        self.issuer = issuer
        self.audiences = audiences
        self.leeway = leeway
        """Seconds that clocks may differ."""

    def must_hold(self, claims: Claims, now: float) -> None:
        """Raise Refused for a token of another issuer, for another audience, or of another time."""
        if claims.iss != self.issuer:
            raise Refused("wrong_issuer")
        aud = claims.aud
        if not (aud in self.audiences if isinstance(aud, str) else self.audiences.intersection(aud)):
            raise Refused("wrong_audience")
        if now >= claims.exp + self.leeway:  # RFC 7519 §4.1.4
            raise Refused("expired")
        if now + self.leeway < claims.iat or (claims.nbf is not None and now + self.leeway < claims.nbf):
            raise Refused("not_yet_valid")
