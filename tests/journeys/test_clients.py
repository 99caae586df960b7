"""Clients that nobody here wrote, unchanged: discovery, JWKS, introspection, revocation, exchange."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import joserfc.jwk
import joserfc.jwt
import jwt
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from tests.served import Served, free_port

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("AUTIONAL_ISSUER", address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    service = Served(tmp_path / "data", "--port", str(port))
    service.make_tenant()
    service.start()
    yield service
    assert service.stop() == 0


@pytest.fixture
def key(served: Served) -> str:
    return served.autional("apikey", "create", "--name", "client", "--tenant", "acme")


@pytest.fixture
def metadata(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{served.address}/.well-known/oauth-authorization-server/acme").json()
    assert found["issuer"] == f"{served.address}/acme"
    return found


@pytest.fixture
def tokens(served: Served, key: str) -> dict[str, Any]:
    headers = {"X-API-Key": key, "X-Tenant-ID": "acme"}
    body = {"auth_user_id": "usr_1", "amr": ["pwd", "otp"], "app_id": "web"}
    answer = httpx.post(f"{served.address}/internal/session/create", headers=headers, json=body)
    made: dict[str, Any] = answer.json()["data"]["tokens"]
    return made


def test_pyjwt_verifies_by_the_published_keys(metadata: dict[str, Any], tokens: dict[str, Any]) -> None:
    signing = jwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(tokens["access_token"])
    claims = jwt.decode(
        tokens["access_token"], signing.key, algorithms=["ES256"], audience="autional", issuer=metadata["issuer"]
    )
    assert (claims["sub"], claims["acr"], claims["client_id"]) == ("usr_1", "aal2", "web")


def test_joserfc_verifies_by_the_published_keys(metadata: dict[str, Any], tokens: dict[str, Any]) -> None:
    keys = joserfc.jwk.KeySet.import_key_set(httpx.get(metadata["jwks_uri"]).json())
    token = joserfc.jwt.decode(tokens["access_token"], keys, algorithms=["ES256"])
    joserfc.jwt.JWTClaimsRegistry(iss={"essential": True, "value": metadata["issuer"]}).validate(token.claims)
    assert token.header["typ"] == "at+jwt"


def test_authlib_introspects_exchanges_and_revokes(metadata: dict[str, Any], tokens: dict[str, Any], key: str) -> None:
    name, _, secret = key.partition(".")
    with OAuth2Client(name, secret, token_endpoint_auth_method="client_secret_basic") as client:
        introspect = metadata["introspection_endpoint"]
        seen = client.introspect_token(introspect, token=tokens["access_token"]).json()
        assert (seen["active"], seen["sub"], seen["iss"]) == (True, "usr_1", metadata["issuer"])
        exchanged = client.fetch_token(
            metadata["token_endpoint"],
            grant_type=TOKEN_EXCHANGE,
            subject_token=tokens["access_token"],
            subject_token_type=ACCESS_TOKEN,
            audience="api.example.com",
        )
        assert exchanged["issued_token_type"] == ACCESS_TOKEN
        assert client.introspect_token(introspect, token=exchanged["access_token"]).json()["aud"] == "api.example.com"
        assert client.revoke_token(metadata["revocation_endpoint"], token=tokens["refresh_token"]).status_code == 200
        for token in (tokens["access_token"], tokens["refresh_token"], exchanged["access_token"]):
            assert client.introspect_token(introspect, token=token).json() == {"active": False}


def test_a_key_rotation_refuses_no_valid_token(
    served: Served, metadata: dict[str, Any], tokens: dict[str, Any], key: str
) -> None:
    headers = {"X-API-Key": key, "X-Tenant-ID": "acme"}

    def fresh() -> str:
        body = {"auth_user_id": "usr_1", "device_type": "tv"}
        answer = httpx.post(f"{served.address}/internal/session/create", headers=headers, json=body)
        token: str = answer.json()["data"]["tokens"]["access_token"]
        return token

    def valid(token: str) -> bool:
        body = {"access_token": token}
        answer = httpx.post(f"{served.address}/internal/session/validate-token", headers=headers, json=body)
        return bool(answer.json()["valid"])

    first = jwt.get_unverified_header(tokens["access_token"])["kid"]
    served.autional("keys", "rotate", "--at-once")
    for _ in range(100):
        token = fresh()
        assert valid(token)
        assert valid(tokens["access_token"])
        if jwt.get_unverified_header(token)["kid"] != first:
            break
        time.sleep(0.2)
    else:
        raise AssertionError("the new key never signed")
    assert {jwk["kid"] for jwk in httpx.get(metadata["jwks_uri"]).json()["keys"]} >= {first}
    minted = served.autional("token", "mint", "--tenant", "acme", "--user", "me")
    assert httpx.get(
        f"{served.address}/admin/sessions/stats", headers={"Authorization": f"Bearer {minted}"}
    ).status_code == 200  # fmt: skip
    served.autional("keys", "retire", first, "--yes")
    for _ in range(100):
        if not valid(tokens["access_token"]):
            break
        time.sleep(0.2)
    else:
        raise AssertionError("the retired key still verifies")
    assert valid(fresh())
