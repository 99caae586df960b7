"""What a verifier says of a token."""

from typing import Any, Literal, NamedTuple

import msgspec

from autional_client.schemas import Actor

Reason = Literal[
    "valid",
    "missing",
    "malformed",
    "wrong_type",
    "unknown_key",
    "bad_signature",
    "wrong_issuer",
    "wrong_audience",
    "expired",
    "not_yet_valid",
    "lifetime_too_long",
    "revoked",
    "tenant_disabled",
    "no_status",
    "status_unknown",
]
"""`lifetime_too_long`: longer than revocations are remembered. `no_status`: it does not say where its status stands.
`status_unknown`: nobody can say now whether it is revoked."""
Basis = Literal["nothing", "feed", "status_list", "asked", "accepted"]
"""How the verifier knows that it is not revoked. `accepted`: it does not, and was told to accept that."""


class Claims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The claims of an access token (RFC 9068 §2.2). Times are seconds since 1970."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: int
    iat: int
    jti: str
    client_id: str
    nbf: int | None = None
    auth_time: int | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    role: str | None = None
    scope: str | None = None
    tenant_id: str | None = None
    session_id: str | None = None
    """Absent in the token of an operator, who belongs to no session."""
    act: Actor | None = None
    gen: tuple[int, int] = (0, 0)
    """Generations of tenant and session: the token is over when either is higher."""
    ancestors: tuple[str, ...] = ()
    """Ids of the tokens that it was exchanged from: it ends with any of them."""
    status: dict[str, Any] | None = None

    @property
    def level(self) -> int:
        """The assurance level, 1 to 3 (NIST SP 800-63B); 0 where `acr` names none."""
        level = (self.acr or "").removeprefix("aal")
        return int(level) if level in {"1", "2", "3"} else 0


class Verdict(NamedTuple):
    """Whether a token may be accepted, and why (not)."""

    reason: Reason
    claims: Claims | None = None
    """Only of a token that is valid."""
    basis: Basis = "nothing"

    @property
    def valid(self) -> bool:
        """Whether it may be accepted."""
        return self.claims is not None
