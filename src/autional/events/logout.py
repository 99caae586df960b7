"""Sign-outs told to applications: OIDC Back-Channel Logout 1.0, and Global Token Revocation."""

from typing import Any
from urllib.parse import urlencode

import msgspec

from autional.events.log import Event
from autional.events.message import Telling

_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_LIFE = 120


def backchannel_logout(event: Event, telling: Telling) -> tuple[dict[str, str], bytes] | None:
    """Headers and body that tell a client to end a session, or all of a user (§2.4, §2.5).

    None where the person was erased and no session is named: nobody can be told of.
    """
    claims: dict[str, Any] = {
        "iss": telling.iss,
        "aud": telling.audience,
        "iat": telling.now,
        "exp": telling.now + _LIFE,
        "jti": telling.message_id,
        "events": {_LOGOUT: {}},
    }
    if event.user_id is not None:
        claims["sub"] = event.user_id
    if event.kind == "session":
        claims["sid"] = event.subject_id
    if not claims.keys() & {"sub", "sid"}:
        return None
    token = telling.issuer.current_ring.sign_as("logout+jwt", claims)
    return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode({"logout_token": token}).encode()


def global_token_revocation(event: Event, telling: Telling) -> tuple[dict[str, str], bytes] | None:
    """Headers and body that ask an application to revoke all tokens of a user, authenticated by a signed JWT.

    draft-parecki-oauth-global-token-revocation §3; None where the person was erased.
    """
    if event.user_id is None:
        return None
    claims = {
        "iss": telling.iss,
        "sub": telling.iss,
        "aud": telling.audience,
        "jti": telling.message_id,
        "iat": telling.now,
        "exp": telling.now + _LIFE,
    }
    token = telling.issuer.current_ring.sign_as("global-token-revocation+jwt", claims)
    subject = {"sub_id": {"format": "iss_sub", "iss": telling.iss, "sub": event.user_id}}
    return {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}, msgspec.json.encode(subject)
