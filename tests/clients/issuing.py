"""Keys and tokens of an issuer that is not there, to judge without a service."""

import base64
import time
from typing import Any

import msgspec
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from autional.core import ids
from autional_client.schemas import SnapshotResponse
from autional_client.verifier.knowledge import Knowledge, OnSilence
from autional_client.verifier.signatures import Expectation
from autional_client.verifier.stream import Sent

ISSUER = "https://sessions.example/acme"
_ALGORITHMS = JWSRegistry(algorithms=["ES256", "Ed25519", "RS256"])


def key(kid: str, kind: str = "EC") -> Any:
    options: Any = {"kid": kid, "use": "sig"}
    if kind == "EC":
        return ECKey.generate_key("P-256", options | {"alg": "ES256"})
    if kind == "OKP":
        return OKPKey.generate_key("Ed25519", options | {"alg": "Ed25519"})
    return RSAKey.generate_key(2048, options | {"alg": "RS256"})


def jwks(*keys: Any) -> bytes:
    return msgspec.json.encode({"keys": [one.as_dict(private=False) for one in keys]})


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {
        "iss": ISSUER, "sub": "usr_1", "user_id": "usr_1", "tenant_id": "acme", "jti": ids.new_id("tok"),
        "type": "access", "role": "user", "aud": "autional", "client_id": "web", "iat": now, "nbf": now,
        "exp": now + 3600, "auth_time": now, "amr": ["pwd"], "acr": "aal1", "session_id": ids.new_id("sess"),
        "gen": [0, 0],
    }  # fmt: skip
    return {name: value for name, value in (made | changed).items() if value is not None}


def signed(with_key: Any, said: dict[str, Any], **header: Any) -> str:
    head = {"typ": "at+jwt", "alg": with_key.as_dict()["alg"], "kid": with_key.kid} | header
    head = {name: value for name, value in head.items() if value is not None}
    message = ".".join(base64url(msgspec.json.encode(part)) for part in (head, said))
    signature = _ALGORITHMS.get_alg(with_key.as_dict()["alg"]).sign(message.encode(), with_key)
    return f"{message}.{base64url(signature)}"


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def snapshot(
    *ended: tuple[str, int], generation: int = 0, disabled: bool = False, more: bool = False
) -> SnapshotResponse:
    """Ids of sessions and tokens, each with the generation below which its tokens are over."""
    raw = b"".join(ids.stored(one) + number.to_bytes(4) for one, number in ended)
    return SnapshotResponse(
        ended=raw, generation=generation, disabled=disabled, longest_life=86400, last_event_id="w1", has_next=more,
        timestamp=None,  # type: ignore[arg-type]
    )  # fmt: skip


def knowing(*keys: Any, on_silence: OnSilence = "refuse", silence: float = 10, leeway: float = 5) -> Knowledge:
    """What a verifier knows when it has read keys and a snapshot without an ending."""
    made = Knowledge(Expectation(ISSUER, frozenset(["autional"]), leeway), silence, on_silence)
    made.keys.read(jwks(*keys))
    made.take(snapshot())
    return made


def told(name: str, **data: Any) -> Sent:
    """An event of the log."""
    return Sent("w2", name, msgspec.json.encode({"type": name} | data))


BEAT = Sent("w1", "heartbeat", b'{"position":1,"lag_ms":0}')
