"""The receiver of Shared Signals: of our transmitter, and of what another one might send."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.clients import issuing
from tests.served import Served

from autional_client import Client, NoAnswerError
from autional_client.receiver import Answer, Receiver
from autional_client.security_events import (
    ASSURANCE_LEVEL_CHANGE,
    SECURITY_EVENT,
    SESSION_REVOKED,
    SecurityEvent,
    SecurityEventError,
    events_in,
)
from autional_client.verifier.signatures import KeySet

KEY = issuing.key("k1")
KEYS = KeySet(issuing.jwks(KEY), SECURITY_EVENT)
OTHER = "https://idp.example"


def event_token(**changed: Any) -> str:
    """As another transmitter might send it."""
    said = {"event_timestamp": 1770000000, "reason_admin": {"en": "logout"}}
    claims = {
        "iss": OTHER, "aud": ["shop"], "iat": 1770000000, "jti": "e1", "events": {SESSION_REVOKED: said},
        "sub_id": {"format": "complex", "user": {"format": "iss_sub", "iss": OTHER, "sub": "usr_1"},
                   "session": {"format": "opaque", "id": "s1"}},
    }  # fmt: skip
    kept = {name: value for name, value in (claims | changed).items() if value is not None and name != "typ"}
    return issuing.signed(KEY, kept, typ=changed.get("typ", "secevent+jwt"))


def test_an_event_of_another_transmitter_is_read() -> None:
    [event] = events_in(event_token(), OTHER, "shop", KEYS)
    assert (event.type, event.session_id, event.user_id, event.jti) == (SESSION_REVOKED, "s1", "usr_1", "e1")
    within = {SESSION_REVOKED: {"subject": {"format": "iss_sub", "iss": OTHER, "sub": "usr_2"}}}
    [older] = events_in(event_token(events=within, sub_id=None, aud="shop"), OTHER, "shop", KEYS)
    assert (older.session_id, older.user_id) == (None, "usr_2")


@pytest.mark.parametrize(
    ("err", "token"),
    [
        ("invalid_issuer", lambda: event_token(iss="https://evil.example")),
        ("invalid_audience", lambda: event_token(aud="other")),
        ("invalid_request", lambda: event_token(typ="at+jwt")),
        ("invalid_request", lambda: event_token(typ="JWT")),
        ("invalid_request", lambda: event_token(events={})),
        ("invalid_request", lambda: event_token(events=None)),
        ("invalid_request", lambda: event_token(exp=1970000000)),
        ("invalid_request", lambda: event_token()[:-4] + "AAAA"),
        ("invalid_request", lambda: "x" * 100_000),
        ("invalid_key", lambda: issuing.signed(KEY, {}, typ="secevent+jwt", kid="other")),
    ],
)
def test_what_is_none_is_refused_by_name(err: str, token: Any) -> None:
    with pytest.raises(SecurityEventError) as refused:
        events_in(token(), OTHER, "shop", KEYS)
    assert refused.value.err == err


@pytest.fixture
def stream(service: Served, api_key: str) -> Iterator[tuple[Receiver, str, str]]:
    """A receiver, the URL where it polls, and the authorization for it."""
    bearer = f"Bearer {api_key}"
    asked = {"delivery": {"method": "urn:ietf:rfc:8936"}}
    made = httpx.post(f"{service.address}/ssf/streams", headers={"Authorization": bearer}, json=asked).json()
    found = httpx.get(f"{service.address}/.well-known/ssf-configuration/acme").json()
    with Receiver(issuer=found["issuer"], audience=made["aud"], jwks_url=found["jwks_uri"]) as receiver:
        yield receiver, made["delivery"]["endpoint_url"], bearer
    httpx.delete(
        f"{service.address}/ssf/streams", headers={"Authorization": bearer}, params={"stream_id": made["stream_id"]}
    )


def test_our_events_are_polled_once_each(service: Served, api_key: str, stream: tuple[Receiver, str, str]) -> None:
    receiver, url, authorization = stream
    heard: list[SecurityEvent] = []
    with Client(service.address, api_key=api_key) as backend:
        made = backend.internal_create_session(auth_user_id="usr_heard", amr=["pwd"]).data.session
        backend.internal_upgrade_session(made.id, amr=["otp"])
        backend.internal_revoke_session(made.id)
    fails = True

    def handle(event: SecurityEvent) -> None:
        if fails:
            raise RuntimeError("not now")
        heard.append(event)

    with pytest.raises(RuntimeError):
        receiver.poll(url, authorization, handle)
    fails = False
    for _ in range(20):
        if {event.type for event in heard} >= {SESSION_REVOKED, ASSURANCE_LEVEL_CHANGE}:
            break
        receiver.poll(url, authorization, handle)
    mine = [event for event in heard if event.session_id == made.id and event.type == SESSION_REVOKED]
    assert len(mine) == 1
    assert mine[0].user_id == "usr_heard"
    assert receiver.poll(url, authorization, handle, wait=False) == 0


def test_our_events_are_pushed(service: Served, api_key: str) -> None:
    key = issuing.jwks(KEY)

    class Keys(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(key)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    heard: list[SecurityEvent] = []
    told: dict[str, Any] = {"issuer": OTHER, "audience": "shop", "authorization": "Bearer secret"}
    with Receiver(**told, jwks_url=f"http://127.0.0.1:{server.server_port}") as receiver:
        assert receiver.push(event_token().encode(), "Bearer secret", heard.append) == Answer(202, {}, b"")
        assert receiver.push(event_token().encode(), "Bearer secret", heard.append).status == 202
        assert len(heard) == 1, "told again, taken once"
        assert receiver.push(event_token(jti="e2").encode(), "Bearer wrong", heard.append).status == 401
        assert receiver.push(event_token(jti="e2").encode(), None, heard.append).status == 401
        wrong = receiver.push(event_token(jti="e3", iss="https://evil.example").encode(), "Bearer secret", heard.append)
        assert (wrong.status, b"invalid_issuer" in wrong.body) == (400, True)
        assert receiver.push(b"\xff", "Bearer secret", heard.append).status == 400
    server.shutdown()
    server.server_close()
    with Receiver(**told, jwks_url="http://127.0.0.1:1") as other, pytest.raises(NoAnswerError):
        other.push(event_token(jti="e4").encode(), "Bearer secret", heard.append)
    assert len(heard) == 1
