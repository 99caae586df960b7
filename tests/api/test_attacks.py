"""Hostile tokens on every place that takes one: none accepted, none slow (RFC 8725)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.conftest import People

from autional.tokens.jwt import TokenError

SLOWEST_SECONDS = 0.05
Header = dict[str, Any]


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def hostile(good: str, jwks: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and tokens."""
    head, body, signature = good.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    mine, rsa = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
    published = json.dumps(jwks["keys"][0]).encode()

    def with_header(**changed: Any) -> str:
        return f"{encoded(json.dumps(header | changed).encode())}.{body}.{signature}"

    def hmac_by(key: bytes) -> str:
        signed = f"{encoded(json.dumps(header | {'alg': 'HS256'}).encode())}.{body}"
        return f"{signed}.{encoded(hmac.digest(key, signed.encode(), hashlib.sha256))}"

    def signed_by(key: Any, algorithm: str, **changed: Any) -> str:
        return jwt.encode(header | {"alg": algorithm} | changed, claims, key, algorithms=[algorithm])

    for algorithm in ("none", "None", "nOnE", "", "HS256", "ES384", "RS256", "PS256", "Ed25519", "dir"):
        yield f"alg {algorithm!r}", with_header(alg=algorithm)
        yield f"alg {algorithm!r} unsigned", f"{encoded(json.dumps(header | {'alg': algorithm}).encode())}.{body}."
    yield "public key as HMAC secret", hmac_by(published)
    yield "empty HMAC secret", hmac_by(b"")
    yield "own key", signed_by(mine, "ES256")
    yield "own key in jwk", signed_by(mine, "ES256", jwk=mine.as_dict(private=False))
    yield "own key by jku", signed_by(mine, "ES256", jku="http://127.0.0.1:1/jwks.json")
    yield "own key by x5u", signed_by(mine, "ES256", x5u="http://127.0.0.1:1/cert.pem")
    yield "own key, no kid", signed_by(mine, "ES256", kid="")
    yield "own RSA key", signed_by(rsa, "RS256")
    yield "shared secret", signed_by(OctKey.import_key(b"secret" * 8), "HS256")
    for name, value in {
        "kid": "../../../../dev/null",
        "crit": ["exp"],
        "b64": False,
        "x5c": ["MIIB"],
        "zip": "DEF",
        "typ": "JWT",
        "cty": "JWT",
        "enc": "A256GCM",
    }.items():
        yield f"header {name}", with_header(**{name: value})
    yield "sql in kid", with_header(kid="x' or '1'='1")
    yield "kid flood", with_header(kid="k" * 6000)
    for claim, value in {"role": "platform_admin", "tenant_id": "other", "exp": 9999999999, "sub": "root"}.items():
        yield f"claim {claim}", f"{head}.{encoded(json.dumps(claims | {claim: value}).encode())}.{signature}"
    yield "zero signature", f"{head}.{body}.{encoded(bytes(64))}"
    yield "short signature", f"{head}.{body}.{signature[:-4]}"
    yield "no signature", f"{head}.{body}."
    yield "json serialization", json.dumps({"payload": body, "protected": head, "signature": signature})
    yield "five segments", f"{head}.{body}.{signature}.{signature}.{signature}"
    bomb = json.dumps({"alg": "PBES2-HS256+A128KW", "p2c": 100_000_000, "enc": "A128GCM"}).encode()
    yield "jwe bomb", f"{encoded(bomb)}.a.b.c.d"
    yield "deep json", f"{encoded(b'[' * 3000)}.{body}.{signature}"
    yield "long", f"{head}.{'A' * 100_000}.{signature}"
    yield "truncated", good[: len(good) // 2]
    yield "padded", f"{head}==.{body}.{signature}"


@pytest.fixture
async def good(people: People) -> str:
    return (await people.bearer("platform_admin"))["Authorization"].removeprefix("Bearer ")


async def test_no_hostile_token_verifies_and_none_is_slow(people: People, good: str) -> None:
    ring = people.service.issuer.ring
    assert ring.verify(good).claims.role == "platform_admin"
    for name, token in hostile(good, ring.jwks):
        begun, accepted = time.process_time(), True
        try:
            ring.verify(token)
        except TokenError:
            accepted = False
        assert not accepted, name
        assert time.process_time() - begun < SLOWEST_SECONDS, name


async def test_every_place_that_takes_a_token_refuses_it(http: httpx.AsyncClient, people: People, good: str) -> None:
    admin, key = await people.bearer(), await people.api_key()
    grant = "urn:ietf:params:oauth:grant-type:token-exchange"
    made = await http.post("/internal/session/create", headers=key, json={"auth_user_id": "u"})
    refresh_token = made.json()["data"]["tokens"]["refresh_token"]

    places: dict[str, tuple[Callable[[str], dict[str, Any]], Callable[[httpx.Response], bool]]] = {
        "POST /admin/tokens/introspect": (
            lambda token: {"headers": admin, "json": {"token": token}},
            lambda answer: answer.json() == {"active": False} or answer.status_code in {400, 413},
        ),
        "POST /oauth2/introspect": (
            lambda token: {"headers": key, "data": {"token": token}},
            lambda answer: answer.json() == {"active": False} or answer.status_code in {400, 413},
        ),
        "POST /internal/session/validate-token": (
            lambda token: {"headers": key, "json": {"access_token": token}},
            lambda answer: answer.status_code in {400, 413} or answer.json()["valid"] is False,
        ),
        "POST /admin/tokens/exchange": (
            lambda token: {"headers": admin, "json": {"grant_type": grant, "subject_token": token}},
            lambda answer: answer.status_code in {400, 413},
        ),
    }
    for name, token in hostile(good, people.service.issuer.ring.jwks):
        for place, (request, refused) in places.items():
            method, _, path = place.partition(" ")
            assert refused(await http.request(method, path, **request(token))), (place, name)
        if len(token) < 10_000 and token.isascii() and token.isprintable():
            bearer = {"Authorization": f"Bearer {token}"}
            assert (await http.get("/admin/sessions/stats", headers=bearer)).status_code == 401, name
            body = {"refresh_token": refresh_token}
            for path in ("/sessions/refresh", "/sessions/rotate-access"):
                assert (await http.post(path, headers=bearer, json=body)).status_code == 401, (path, name)
