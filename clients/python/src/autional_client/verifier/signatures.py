"""Whether a token is one that the issuer signed, and still good by its own claims. No input, no output."""

from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature

from autional_client.verifier.keys import Head, Key, decoded, keys_of
from autional_client.verifier.verdict import Claims, Reason

LONGEST_TOKEN = 16_384
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_MOST_HEADS = 64
_head = msgspec.json.Decoder(Head).decode
_claims = msgspec.json.Decoder(Claims).decode


class Refused(Exception):  # noqa: N818
    """Why a token is not valid."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class KeySet:
    """The keys of an issuer that are in use."""

    def __init__(self, jwks: bytes) -> None:
        self._keys: Mapping[str, Key] = keys_of(jwks)
        self._by_head: dict[str, Key] = {}
        if not self._keys:
            raise ValueError("a JWK Set without a key that can be used")

    def key_for(self, head: str, types: frozenset[str]) -> Key:
        """The key that the encoded header of a JWS names; raises Refused."""
        known = self._by_head.get(head)
        if known is not None:
            return known
        try:
            read = _head(decoded(head))
        except (msgspec.MsgspecError, ValueError):
            raise Refused("malformed") from None
        if read.typ.lower() not in types:
            raise Refused("wrong_type")
        key = self._keys.get(read.kid)
        if key is None:
            raise Refused("unknown_key")
        if read.alg not in key.algorithms or read.crit is not None:
            raise Refused("bad_signature")
        if len(self._by_head) < _MOST_HEADS:
            self._by_head[head] = key
        return key

    def payload_of(self, token: str, types: frozenset[str]) -> bytes:
        """The payload of a compact JWS (RFC 7515 §7.1) whose signature is right; raises Refused."""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise Refused("malformed")
        signed, _, signature = token.rpartition(".")
        head, _, payload = signed.partition(".")
        key = self.key_for(head, types)
        try:
            key.check(decoded(signature), signed.encode())
        except InvalidSignature:
            raise Refused("bad_signature") from None
        except ValueError:
            raise Refused("malformed") from None
        return decoded(payload)

    def claims_of(self, token: str) -> Claims:
        """The claims of an access token that one of these keys signed; raises Refused."""
        try:
            return _claims(self.payload_of(token, _TYPES))
        except (msgspec.MsgspecError, ValueError):
            raise Refused("malformed") from None


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
        self.must_be_in_time(claims, now)

    def must_be_in_time(self, claims: Claims, now: float) -> None:
        """Raise Refused for a token that is not valid yet, or not any more (RFC 7519 §4.1.4, §4.1.5)."""
        if now >= claims.exp + self.leeway:
            raise Refused("expired")
        if now < max(claims.nbf or 0, claims.iat) - self.leeway:
            raise Refused("not_yet_valid")
