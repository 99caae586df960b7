"""Public keys of an issuer (RFC 7517), and signatures by them (RFC 7518 §3). The key fixes the algorithm."""

from base64 import urlsafe_b64decode
from binascii import Error, a2b_base64
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from autional_client.errors import UNREADABLE

Check = Callable[[bytes, bytes], None]
"""Takes a signature and what was signed; raises InvalidSignature."""
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_PADDING = (b"", b"", b"==", b"=")
_CURVES: Mapping[str, tuple[str, ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "P-256": ("ES256", ec.SECP256R1(), hashes.SHA256()),
    "P-384": ("ES384", ec.SECP384R1(), hashes.SHA384()),
    "P-521": ("ES512", ec.SECP521R1(), hashes.SHA512()),
}
_RSA: Mapping[str, hashes.HashAlgorithm] = {
    "RS256": hashes.SHA256(),
    "RS384": hashes.SHA384(),
    "RS512": hashes.SHA512(),
}
_SHORTEST_RSA = 2048


class Key(NamedTuple):
    """A public key, and the names that its one algorithm has."""

    algorithms: frozenset[str]
    check: Check


class Head(msgspec.Struct, frozen=True):
    """The header of a JWS (RFC 7515 §4.1)."""

    alg: str
    typ: str = ""
    kid: str = ""
    crit: list[str] | None = None


def decoded(text: str) -> bytes:
    """The bytes in base64url without padding (RFC 7515 §2); raises ValueError."""
    rest = len(text) % 4
    if rest == 1 or "=" in text:
        raise ValueError("not base64url")
    return a2b_base64(text.encode("ascii").translate(_TO_STANDARD) + _PADDING[rest], strict_mode=True)


def keys_of(jwks: bytes) -> dict[str, Key]:
    """The keys of a JWK Set that can verify signatures, by `kid`; raises ValueError for what is no such set."""
    try:
        found = msgspec.json.decode(jwks, type=dict[str, Any])["keys"]
        made = {str(jwk["kid"]): key_of(jwk) for jwk in found if jwk.get("use", "sig") == "sig" and "kid" in jwk}
    except (*UNREADABLE, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no JWK Set: {error}") from error
    return {kid: key for kid, key in made.items() if key is not None}


def key_of(jwk: Mapping[str, Any]) -> Key | None:
    """The key in a JWK; None for one of a kind that is not known here, or that is wrong."""
    try:
        if jwk["kty"] == "EC":
            return _elliptic(jwk)
        if jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519":
            verify = ed25519.Ed25519PublicKey.from_public_bytes(_bytes(jwk["x"])).verify
            return Key(frozenset({"Ed25519", "EdDSA"}), verify)
        if jwk["kty"] == "RSA":
            return _rsa(jwk)
    except (KeyError, ValueError, TypeError, UnsupportedAlgorithm, Error):
        return None
    return None


def _elliptic(jwk: Mapping[str, Any]) -> Key:
    name, curve, digest = _CURVES[jwk["crv"]]
    public = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), curve).public_key()
    size, algorithm = (curve.key_size + 7) // 8, ec.ECDSA(digest)
    verify = public.verify

    def check(signature: bytes, signed: bytes) -> None:
        if len(signature) != 2 * size:
            raise InvalidSignature
        numbers = int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
        verify(encode_dss_signature(*numbers), signed, algorithm)

    return Key(frozenset({name}), check)


def _rsa(jwk: Mapping[str, Any]) -> Key | None:
    name = jwk.get("alg", "RS256")
    public = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
    if public.key_size < _SHORTEST_RSA:
        return None
    digest, scheme = _RSA[name], padding.PKCS1v15()
    return Key(frozenset({name}), lambda signature, signed: public.verify(signature, signed, scheme, digest))


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text))


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
