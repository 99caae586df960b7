"""Sign and verify access tokens (RFC 7519, RFC 9068, RFC 8725). Pure functions of keys, claims and time."""

import base64
import binascii
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from cachetools import FIFOCache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry

from autional.core.authority import Role
from autional.core.errors import DatabaseUnavailableError
from autional.tokens.model import StatusKeys

_LONGEST_TOKEN = 8192
_REMEMBERED_BYTES = 48 * 1024 * 1024
_BYTES_BESIDE_CLAIMS = 2500
_TYPE = "at+jwt"
OLDEST_RING = 5.0

Derived = TypeVar("Derived")


class TokenError(Exception):
    """A token is not accepted; the text is for logs, never for whoever presented it."""


class TokenExpiredError(TokenError):
    """A token has expired."""


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The claims of an access token (RFC 9068 §2.2); times are seconds since 1970.

    The token of an operator belongs to no session and has no `session_id`.
    """

    iss: str
    sub: str
    user_id: str
    tenant_id: str
    jti: str
    type: Literal["access"]
    role: Role
    aud: str
    client_id: str
    iat: int
    nbf: int
    exp: int
    auth_time: int
    amr: list[str]
    acr: str
    session_id: str | None = None
    act: dict[str, Any] | None = None
    ancestors: list[str] = []
    """Ids of the tokens that it was exchanged from, the nearest first: it ends with any of them."""
    gen: tuple[int, int] = (0, 0)
    """Generations of the tenant and of the session: the token is over when either is another."""
    status: dict[str, Any] | None = None
    """Where its status is published (Token Status List §6.1)."""


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alg: str
    typ: str
    kid: str


class SigningKey(NamedTuple):
    """A private key, parsed once."""

    key_id: str
    algorithm: str
    key: ECKey | OKPKey

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The public key (RFC 7517)."""
        return {**self.key.as_dict(private=False), "kid": self.key_id, "alg": self.algorithm, "use": "sig"}


class VerifiedToken:
    """The claims of a token that this service signed, with what was derived from them."""

    __slots__ = ("_derived", "claims")

    def __init__(self, claims: AccessClaims) -> None:
        self.claims = claims
        self._derived: dict[Callable[[AccessClaims], Any], Any] = {}

    def once(self, derive: Callable[[AccessClaims], Derived]) -> Derived:
        """What a function makes of the claims, made once for as long as the token is remembered."""
        if derive not in self._derived:
            self._derived[derive] = derive(self.claims)
        found: Derived = self._derived[derive]
        return found


class KeyRing:
    """The signing keys in use: one of them signs, all of them verify."""

    def __init__(self, keys: list[SigningKey], signs: str) -> None:
        self._by_id = {key.key_id: key for key in keys}
        self._signs = self._by_id[signs]
        algorithm = self._signs.algorithm
        self._algorithm = JWSRegistry(algorithms=[algorithm]).get_alg(algorithm)
        self._head = _encoded({"typ": _TYPE, "alg": algorithm, "kid": signs})
        self._verified: FIFOCache[bytes, tuple[VerifiedToken, int]] = FIFOCache(_REMEMBERED_BYTES, itemgetter(1))

    @property
    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK Set (RFC 7517 §5)."""
        return {"keys": [key.public_jwk for key in self._by_id.values()]}

    def sign(self, claims: AccessClaims) -> str:
        """The claims as a signed compact JWT (RFC 7515 §3.1)."""
        return self._signed(self._head, claims)

    def sign_as(self, kind: str, claims: object) -> str:
        """Other claims as a signed JWT of another type (`typ`): never an access token (RFC 8725 §3.11)."""
        head = {"typ": kind, "alg": self._signs.algorithm, "kid": self._signs.key_id}
        return self._signed(_encoded(head), claims)

    def _signed(self, head: bytes, claims: object) -> str:
        message = b"%b.%b" % (head, _encoded(claims))
        signature = self._algorithm.sign(message, self._signs.key)
        return (message + b"." + _base64url(signature)).decode("ascii")

    def same_as(self, other: "KeyRing") -> bool:
        """Whether the other ring has the same keys and signs with the same one."""
        return self._by_id.keys() == other._by_id.keys() and self._signs.key_id == other._signs.key_id

    def verify(self, token: str) -> VerifiedToken:
        """A token that this service signed, whatever its time, issuer and audience.

        The header of a token only selects one of our keys, and that key decides the algorithm (RFC 8725
        §3.1). A header with anything that we do not write (crit, jku, jwk, x5u …) is rejected unread. A
        verified token is cached under a hash of the whole token for the lifetime of this ring. Raises
        TokenError.
        """
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        known = self._verified.get(digest)
        if known is not None:
            return known[0]
        verified = VerifiedToken(self._verify(token))
        self._verified[digest] = verified, _BYTES_BESIDE_CLAIMS + 2 * len(token)
        return verified

    def _verify(self, token: str) -> AccessClaims:
        if len(token) > _LONGEST_TOKEN or token.count(".") != 2:
            raise TokenError("not a compact JWT of a sensible size")
        try:
            header = msgspec.json.decode(_decoded(token.partition(".")[0]), type=_Header)
            key = self._by_id.get(header.kid)
            if key is None or header.alg != key.algorithm or header.typ != _TYPE:
                raise TokenError("not signed by a key of this service")
            return msgspec.convert(jwt.decode(token, key.key, algorithms=[key.algorithm]).claims, AccessClaims)
        except (JoseError, ValueError, msgspec.MsgspecError) as error:
            raise TokenError(str(error)) from error


@dataclass
class Issuer:
    """The service as the issuer of tokens: each tenant has its own `iss` under `name` (RFC 8414 §3).

    The ring is replaced as a whole when the keys change, and its cache with it.
    """

    ring: KeyRing
    name: str
    audience: str
    refresh_key: bytes
    """Authenticates the texts of refresh tokens."""
    status_keys: StatusKeys
    listing: frozenset[str] = frozenset()
    """The tenants whose access tokens say where their status is published, as far as this node knows."""
    ring_read_at: float = field(default_factory=time.monotonic)

    def renew(self, ring: KeyRing, asked_at: float) -> None:
        """Use the keys that were read, after they were asked for at this time of the monotonic clock."""
        if not ring.same_as(self.ring):
            self.ring = ring
        self.ring_read_at = asked_at

    @property
    def current_ring(self) -> KeyRing:
        """The keys, if they were read in the last seconds: a node that was stopped knows nothing of what was retired.

        Raises DatabaseUnavailableError.
        """
        self.must_be_recent()
        return self.ring

    def must_be_recent(self) -> None:
        """Raise DatabaseUnavailableError on a node that does not know what was changed in the last seconds."""
        if self.ring_age > OLDEST_RING:
            raise DatabaseUnavailableError(f"the signing keys were not read for {self.ring_age:.0f} seconds")

    @property
    def ring_age(self) -> float:
        """Seconds since the keys were read."""
        return time.monotonic() - self.ring_read_at

    def of(self, tenant_id: str) -> str:
        """The `iss` of a tenant's tokens."""
        return f"{self.name.rstrip('/')}/{tenant_id}"

    def read(self, token: str, audience: str | None = None) -> VerifiedToken:
        """A token that this service issued, for this audience if one is given, whatever its time.

        Raises TokenError, DatabaseUnavailableError.
        """
        verified = self.current_ring.verify(token)
        claims = verified.claims
        if claims.iss != self.of(claims.tenant_id) or claims.aud != (audience or claims.aud):
            raise TokenError("of another issuer or for another audience")
        return verified


def _encoded(part: object) -> bytes:
    return _base64url(msgspec.json.encode(part))


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decoded(segment: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(segment.encode("ascii") + b"=" * (-len(segment) % 4))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise TokenError("not base64url") from error
