"""The SSF transmitter, as a receiver uses it (OpenID SSF 1.0, CAEP 1.0, RFC 8935, RFC 8936)."""

import asyncio
from typing import Any

import jwt
from tests.conftest import People
from tests.events.conftest import Nodes
from tests.events.listener import Listener

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
VERIFICATION = "https://schemas.openid.net/secevent/ssf/event-type/verification"
UPDATED = "https://schemas.openid.net/secevent/ssf/event-type/stream-updated"
STREAMS = "/ssf/streams"


async def stream(nodes: Nodes, **asked: Any) -> dict[str, Any]:
    answer = await nodes.one.post(STREAMS, headers=bearer(nodes), json=asked)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def bearer(nodes: Nodes) -> dict[str, str]:
    """As a receiver of SSF sends its key."""
    return {"Authorization": f"Bearer {nodes.key['X-API-Key']}"}


async def opened(nodes: Nodes, token: str, audience: str) -> dict[str, Any]:
    """The claims of a security event token, verified by the published keys."""
    head = jwt.get_unverified_header(token)
    assert head["typ"] == "secevent+jwt"
    configuration = (await nodes.other.get("/.well-known/ssf-configuration/acme")).json()
    keys = (await nodes.other.get(configuration["jwks_uri"].removeprefix("http://127.0.0.1:8080"))).json()
    key = jwt.PyJWKSet.from_dict(keys)[head["kid"]].key
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["ES256"], audience=audience)
    assert claims["iss"] == configuration["issuer"]
    assert not claims.keys() & {"sub", "exp"}
    return claims


async def poll(nodes: Nodes, stream_id: str, **body: Any) -> dict[str, Any]:
    body = {"returnImmediately": True} | body
    answer = await nodes.other.post(f"{STREAMS}/{stream_id}/poll", headers=bearer(nodes), json=body)
    assert answer.status_code == 200, answer.text
    got: dict[str, Any] = answer.json()
    return got


async def test_a_stream_is_pushed(nodes: Nodes, listener: Listener) -> None:
    listener.status = 202
    url = f"{listener.address}/events"
    made = await stream(
        nodes,
        delivery={"method": "urn:ietf:rfc:8935", "endpoint_url": url, "authorization_header": "Bearer secret"},
        events_requested=[f"{CAEP}session-revoked", f"{CAEP}session-established", "https://example.com/unknown"],
    )
    assert made["events_delivered"] == [f"{CAEP}session-revoked", f"{CAEP}session-established"]
    begun = await nodes.begin("usr_5")
    await nodes.end(begun["session"]["id"])
    got = await listener.wait_for(2)
    claims = [await opened(nodes, one.body.decode(), made["aud"]) for one in got]
    assert [list(one["events"]) for one in claims] == [[f"{CAEP}session-established"], [f"{CAEP}session-revoked"]]
    assert claims[1]["sub_id"] == {
        "format": "complex",
        "user": {"format": "iss_sub", "iss": made["iss"], "sub": "usr_5"},
        "session": {"format": "opaque", "id": begun["session"]["id"]},
    }
    assert {one.headers["authorization"] for one in got} == {"Bearer secret"}
    assert {one.headers["content-type"] for one in got} == {"application/secevent+jwt"}


async def test_a_stream_is_polled_and_repeats_what_is_not_acknowledged(nodes: Nodes) -> None:
    made = await stream(nodes, delivery={"method": "urn:ietf:rfc:8936", "endpoint_url": ""})
    assert made["delivery"]["endpoint_url"].endswith(f"{STREAMS}/{made['stream_id']}/poll")
    first, second = [(await nodes.begin("usr_6"))["session"]["id"] for _ in range(2)]
    for one in (first, second):
        await nodes.end(one)
    waiting = asyncio.create_task(poll(nodes, made["stream_id"], returnImmediately=False))
    got = await waiting
    assert (await poll(nodes, made["stream_id"]))["sets"].keys() == got["sets"].keys()
    seen: dict[str, list[str]] = {}
    while got["sets"]:
        for jti, token in got["sets"].items():
            claims = await opened(nodes, token, made["aud"])
            assert claims["jti"] == jti
            name = next(iter(claims["events"])).removeprefix(CAEP)
            seen.setdefault(claims["sub_id"]["session"]["id"], []).append(name)
        assert len(got["sets"]) <= 2  # of each session one after the other
        got = await poll(nodes, made["stream_id"], ack=list(got["sets"]))
    assert seen == {one: ["session-established", "session-revoked"] for one in (first, second)}
    assert got == {"sets": {}}


async def test_what_a_receiver_refuses_is_dead(nodes: Nodes) -> None:
    made = await stream(nodes, events_requested=[f"{CAEP}session-revoked"])
    await nodes.end((await nodes.begin())["session"]["id"])
    await asyncio.sleep(0.2)
    [jti] = (await poll(nodes, made["stream_id"]))["sets"]
    refused = {jti: {"err": "authentication_failed", "description": "no such issuer"}}
    assert (await poll(nodes, made["stream_id"], setErrs=refused))["sets"] == {}
    path = f"/admin/receivers/{made['stream_id']}/deliveries"
    [dead] = (await nodes.one.get(path, headers=await nodes.people.bearer(), params={"state": "dead"})).json()["items"]
    assert dead["answer"] == "authentication_failed: no such issuer"


async def test_a_stream_is_verified_and_told_of_its_status(nodes: Nodes) -> None:
    made = await stream(nodes)
    stream_id, headers = made["stream_id"], bearer(nodes)
    asked = {"stream_id": stream_id, "state": "abc"}
    assert (await nodes.one.post("/ssf/verification", headers=headers, json=asked)).status_code == 204
    [(jti, token)] = (await poll(nodes, stream_id))["sets"].items()
    claims = await opened(nodes, token, made["aud"])
    assert claims["events"] == {VERIFICATION: {"state": "abc"}}
    assert claims["sub_id"] == {"format": "opaque", "id": stream_id}
    await poll(nodes, stream_id, ack=[jti])
    for status, heard in (("disabled", 0), ("paused", 1)):
        asked = {"stream_id": stream_id, "status": status}
        assert (await nodes.one.post("/ssf/status", headers=headers, json=asked)).json() == asked
        begun = await nodes.begin(f"usr_{status}")
        await asyncio.sleep(0.1)
        assert await told_of(nodes, made) == [(stream_id, UPDATED)]
        asked["status"] = "enabled"
        await nodes.one.post("/ssf/status", headers=headers, json=asked)
        told = await told_of(nodes, made)
        assert (stream_id, UPDATED) in told
        assert told.count((begun["session"]["id"], f"{CAEP}session-established")) == heard, status


async def told_of(nodes: Nodes, made: dict[str, Any]) -> list[tuple[str, str]]:
    """What a poll gives, acknowledged: about which session or stream, and what."""
    sets = (await poll(nodes, made["stream_id"]))["sets"]
    await poll(nodes, made["stream_id"], ack=list(sets))
    claims = [await opened(nodes, token, made["aud"]) for token in sets.values()]
    return [(one["sub_id"].get("session", one["sub_id"])["id"], next(iter(one["events"]))) for one in claims]


async def test_an_upgrade_is_told_as_a_change_of_level_and_of_claims(nodes: Nodes) -> None:
    made = await stream(nodes, events_requested=[f"{CAEP}assurance-level-change", f"{CAEP}token-claims-change"])
    begun = await nodes.begin("usr_2")
    path = f"/internal/session/{begun['session']['id']}/upgrade-mfa"
    answer = await nodes.one.post(path, headers=nodes.key, json={"amr": ["pwd", "otp"]})
    assert answer.status_code == 200, answer.text
    await asyncio.sleep(0.2)
    [token] = (await poll(nodes, made["stream_id"]))["sets"].values()
    events = (await opened(nodes, token, made["aud"]))["events"]
    assert events[f"{CAEP}assurance-level-change"]["current_level"] == "nist-aal2"
    assert events[f"{CAEP}token-claims-change"]["claims"] == {"acr": "aal2"}


async def test_a_stream_is_not_told_about_who_was_removed(nodes: Nodes) -> None:
    made = await stream(nodes, events_requested=[f"{CAEP}session-revoked"])
    headers, stream_id = bearer(nodes), made["stream_id"]
    first, second = await nodes.begin("usr_3"), await nodes.begin("usr_4")
    subject = {"format": "iss_sub", "iss": made["iss"], "sub": "usr_3"}
    body = {"stream_id": stream_id, "subject": subject}
    assert (await nodes.one.post("/ssf/subjects/remove", headers=headers, json=body)).status_code == 204
    for one in (first, second):
        await nodes.end(one["session"]["id"])
    await asyncio.sleep(0.2)
    [token] = (await poll(nodes, stream_id))["sets"].values()
    assert (await opened(nodes, token, made["aud"]))["sub_id"]["user"]["sub"] == "usr_4"
    assert (await nodes.one.post("/ssf/subjects/add", headers=headers, json=body)).status_code == 200
    unknown = body | {"subject": subject | {"sub": "nobody"}}
    refused = await nodes.one.post("/ssf/subjects/add", headers=headers, json=unknown)
    assert (refused.status_code, refused.json()["err"]) == (404, "invalid_request")


async def test_a_stream_belongs_to_the_key_that_made_it(nodes: Nodes, people: People) -> None:
    made = await stream(nodes)
    other = await people.api_key(role="admin")
    query = {"stream_id": made["stream_id"]}
    assert (await nodes.one.get(STREAMS, headers=other)).json() == []
    assert (await nodes.one.get(STREAMS, headers=other, params=query)).status_code == 404
    assert (await nodes.one.delete(STREAMS, headers=other, params=query)).status_code == 404
    assert (await nodes.one.post(f"{STREAMS}/{made['stream_id']}/poll", headers=other, json={})).status_code == 404
    assert (await nodes.one.get(STREAMS, headers=bearer(nodes), params=query)).json() == made
    changes = {name: value for name, value in made.items() if name != "delivery"} | {"description": "ours"}
    changed = await nodes.one.patch(STREAMS, headers=bearer(nodes), json=changes)
    assert changed.json()["description"] == "ours"
    assert (await nodes.one.delete(STREAMS, headers=bearer(nodes), params=query)).status_code == 204
    assert (await nodes.one.get(STREAMS, headers=bearer(nodes))).json() == []


WRONG: list[tuple[str, bytes, int]] = [
    ("/ssf/streams", b"{", 400),
    ("/ssf/streams", b'{"delivery":{"method":"urn:ietf:rfc:8935"}}', 400),
    ("/ssf/streams", b'{"description":"' + b"x" * 70000 + b'"}', 413),
    ("/ssf/verification", b'{"stream_id":"rcv_nothing"}', 404),
    ("/global-token-revocation", b'{"sub_id":{"format":"email","email":"a@b.c"}}', 400),
    ("/global-token-revocation", b'{"sub_id":{"format":"opaque","id":"nobody"}}', 404),
]


async def test_what_is_wrong_is_said_in_the_words_of_the_protocol(nodes: Nodes) -> None:
    as_json = {"Content-Type": "application/json"}
    for path, sent, status in WRONG:
        answer = await nodes.one.post(path, headers=bearer(nodes) | as_json, content=sent)
        assert (answer.status_code, answer.json()["err"]) == (status, "invalid_request"), path
        assert answer.json()["description"]
        anonymous = await nodes.one.post(path, content=sent, headers=as_json)
        assert (anonymous.status_code, anonymous.json()["err"]) == (401, "authentication_failed"), path


async def test_a_user_is_signed_out_by_global_token_revocation(nodes: Nodes) -> None:
    begun = await nodes.begin("usr_1")
    body = {"sub_id": {"format": "iss_sub", "iss": "http://127.0.0.1:8080/acme", "sub": "usr_1"}}
    answer = await nodes.one.post("/global-token-revocation", headers=bearer(nodes), json=body)
    assert answer.status_code == 204
    token = begun["tokens"]["access_token"]
    told = await nodes.other.post("/oauth2/introspect", headers=nodes.key, data={"token": token})
    assert told.json()["active"] is False
