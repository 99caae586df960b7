"""Security event tokens (RFC 8417) of any transmitter of Shared Signals: read and verified. No input, no output."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from autional_client.errors import UNREADABLE
from autional_client.verifier.signatures import KeySet, Refused

SECURITY_EVENT = frozenset({"secevent+jwt", "application/secevent+jwt"})
CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
SESSION_REVOKED = f"{CAEP}session-revoked"
SESSION_ESTABLISHED = f"{CAEP}session-established"
ASSURANCE_LEVEL_CHANGE = f"{CAEP}assurance-level-change"
TOKEN_CLAIMS_CHANGE = f"{CAEP}token-claims-change"
CREDENTIAL_CHANGE = f"{CAEP}credential-change"
VERIFICATION = "https://schemas.openid.net/secevent/ssf/event-type/verification"
STREAM_UPDATED = "https://schemas.openid.net/secevent/ssf/event-type/stream-updated"
LONGEST = 64 * 1024
"""Bytes of a token."""
_REMEMBERED = 10_000

Fault = Literal["invalid_request", "invalid_key", "invalid_issuer", "invalid_audience", "authentication_failed"]


class SecurityEventError(Exception):
    """A security event token that is not taken, with the `err` that its transmitter is told (RFC 8935 §2.4)."""

    def __init__(self, err: Fault, description: str) -> None:
        self.err = err
        self.description = description
        super().__init__(f"{err}: {description}")


class SecurityEvent(NamedTuple):
    """One event of a token, about a subject (RFC 9493)."""

    type: str
    """Its URI, such as SESSION_REVOKED."""
    subject: Mapping[str, Any]
    """By `format`; `iss_sub` has `iss` and `sub`, `complex` has `user` and `session`."""
    said: Mapping[str, Any]
    """What it says, such as `event_timestamp` and `reason_admin`."""
    jti: str
    issuer: str
    issued_at: int
    """Seconds since 1970."""

    @property
    def session_id(self) -> str | None:
        """The session that it is about, if it is about one."""
        return _id_in(self.subject, "session")

    @property
    def user_id(self) -> str | None:
        """The user whom it is about, as the issuer knows the user."""
        own = self.subject if self.subject.get("format") == "iss_sub" else self.subject.get("user")
        found = own.get("sub", own.get("id")) if isinstance(own, Mapping) else None
        return found if isinstance(found, str) else None


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    iat: int
    jti: str
    aud: str | list[str]
    events: dict[str, dict[str, Any]]
    sub_id: dict[str, Any] = {}
    exp: int | None = None


class Recent:
    """The ids of tokens that were taken lately: what is told again is taken once."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, jti: str) -> bool:
        """Whether a token was taken."""
        return jti in self._ids

    def add(self, jti: str) -> None:
        """A token has been taken."""
        self._ids[jti] = None
        if len(self._ids) > _REMEMBERED:
            self._ids.popitem(last=False)


def events_in(token: str, issuer: str, audience: str, keys: KeySet) -> list[SecurityEvent]:
    """The events in a token of an issuer for an audience; raises SecurityEventError for one that is not to be taken."""
    try:
        claims = msgspec.json.decode(keys.payload_of(token), type=_Claims)
    except Refused as refused:
        err: Fault = "invalid_key" if refused.reason == "unknown_key" else "invalid_request"
        raise SecurityEventError(err, f"the token cannot be verified ({refused.reason})") from None
    except UNREADABLE:
        raise SecurityEventError("invalid_request", "no security event token") from None
    if claims.iss != issuer:
        raise SecurityEventError("invalid_issuer", "the token is of another issuer")
    if audience not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
        raise SecurityEventError("invalid_audience", "the token is for another audience")
    if claims.exp is not None or not claims.events:  # RFC 8417 §4.5: an event is past, and does not expire
        raise SecurityEventError("invalid_request", "no security event token")
    subjects = {name: said.get("subject", claims.sub_id) for name, said in claims.events.items()}
    if not all(isinstance(subject, dict) for subject in subjects.values()):
        raise SecurityEventError("invalid_request", "the subject is no subject identifier")
    return [
        SecurityEvent(name, subjects[name], said, claims.jti, claims.iss, claims.iat)
        for name, said in claims.events.items()
    ]


def _id_in(subject: Mapping[str, Any], name: str) -> str | None:
    own = subject.get(name)
    found = own.get("id", own.get("sub")) if isinstance(own, Mapping) else None
    return found if isinstance(found, str) else None
