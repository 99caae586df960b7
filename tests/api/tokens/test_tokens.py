from typing import Any

import httpx
import pytest
from tests.conftest import People

from autional.core import clock
from autional.tenancy import tenants

CREATE = "/internal/session/create"
INACTIVE = b'{"active":false}'


async def begin(http: httpx.AsyncClient, people: People, user: str = "usr_1", **fields: Any) -> dict[str, Any]:
    answer = await http.post(CREATE, headers=await people.api_key(), json={"auth_user_id": user} | fields)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def introspected(http: httpx.AsyncClient, people: People, token: str) -> dict[str, Any]:
    answer = await http.post("/admin/tokens/introspect", headers=await people.bearer(), json={"token": token})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


async def refresh(http: httpx.AsyncClient, token: str, **headers: str) -> httpx.Response:
    return await http.post("/sessions/refresh", json={"refresh_token": token}, headers=headers)


async def test_refresh_needs_no_bearer_and_a_bearer_must_agree(http: httpx.AsyncClient, people: People) -> None:
    mine, other = await begin(http, people), await begin(http, people, "usr_2")
    foreign = await refresh(http, mine["tokens"]["refresh_token"], **bearer(other["tokens"]))
    assert foreign.status_code == 401
    answer = await refresh(http, mine["tokens"]["refresh_token"], **bearer(mine["tokens"]))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    again = await refresh(http, mine["tokens"]["refresh_token"])
    assert again.json()["refresh_token"] == answer.json()["refresh_token"] != mine["tokens"]["refresh_token"]
    sessions = await http.get("/sessions?auth_user_id=usr_1", headers=bearer(answer.json()))
    assert sessions.json()["total"] == 1


@pytest.mark.parametrize("token", ["x", "tok_1.x", "a" * 400, "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV." + "a" * 43 + ".acme"])
async def test_what_is_no_refresh_token_is_401(http: httpx.AsyncClient, token: str) -> None:
    answer = await refresh(http, token)
    assert (answer.status_code, answer.json()["code"]) == (401, 30102006)


async def test_reuse_is_refused_and_stays_written(http: httpx.AsyncClient, people: People) -> None:
    made = await begin(http, people)
    first = made["tokens"]["refresh_token"]
    second = (await refresh(http, first)).json()
    third = (await refresh(http, second["refresh_token"])).json()
    assert (await refresh(http, first)).json()["code"] == 30102007
    assert (await refresh(http, third["refresh_token"])).status_code == 401
    assert await introspected(http, people, third["access_token"]) == {"active": False}


async def test_rotate_access_leaves_the_refresh_token(http: httpx.AsyncClient, people: People) -> None:
    made = await begin(http, people)
    body = {"refresh_token": made["tokens"]["refresh_token"]}
    answer = await http.post("/sessions/rotate-access", json=body)
    assert answer.status_code == 200
    assert (await introspected(http, people, answer.json()["access_token"]))["active"] is True
    pair = (await refresh(http, body["refresh_token"])).json()
    repeated = (await http.post("/sessions/rotate-access", json=body)).json()
    read = people.service.issuer.read
    assert read(repeated["access_token"]).claims == read(pair["access_token"]).claims
    assert (await refresh(http, pair["refresh_token"])).status_code == 200
    assert (await http.post("/sessions/rotate-access", json=body)).json()["code"] == 30102007
    assert (await introspected(http, people, answer.json()["access_token"]))["active"] is False


async def test_generate_tokens_replaces_the_pair(http: httpx.AsyncClient, people: People) -> None:
    made, key = await begin(http, people), await people.api_key()
    body = {"auth_user_id": "usr_1", "session_id": made["session"]["id"], "tenant_id": "acme"}
    pair = (await http.post("/internal/session/generate-tokens", headers=key, json=body)).json()
    assert (await refresh(http, pair["refresh_token"])).status_code == 200
    for wrong, status in (({"auth_user_id": "usr_2"}, 404), ({"tenant_id": "other"}, 400), ({"session_id": "x"}, 404)):
        answer = await http.post("/internal/session/generate-tokens", headers=key, json=body | wrong)
        assert answer.status_code == status
    assert (await refresh(http, made["tokens"]["refresh_token"])).json()["code"] == 30102007


async def test_an_upgrade_raises_the_level_and_ends_tokens_of_the_lower_one(
    http: httpx.AsyncClient, people: People
) -> None:
    made, admin = await begin(http, people, amr=["pwd"]), await people.bearer()
    path = f"/sessions/{made['session']['id']}"
    assert (await http.post(f"{path}/upgrade-mfa", headers=bearer(made["tokens"]))).status_code == 403
    told = (await http.post(f"{path}/upgrade-mfa", headers=admin, json={"amr": ["otp"]})).json()
    assert (told["mfa_verified"], told["session_id"], told["acr"]) == (True, made["session"]["id"], "aal2")
    assert (await http.get(path, headers=bearer(made["tokens"]))).status_code == 401
    session = (await http.get(path, headers=bearer(told))).json()["session"]
    assert session["amr"] == "pwd,otp"
    assert session["expires_at"] < made["session"]["expires_at"]
    assert (await introspected(http, people, told["access_token"]))["acr"] == "aal2"
    assert (await refresh(http, made["tokens"]["refresh_token"])).status_code == 401


async def test_introspection_tells_what_a_token_is_and_nothing_of_a_bad_one(
    http: httpx.AsyncClient, people: People
) -> None:
    made, key = await begin(http, people, app_id="web"), await people.api_key()
    access = await introspected(http, people, made["tokens"]["access_token"])
    assert (access["active"], access["token_type"], access["sub"]) == (True, "access", "usr_1")
    assert (access["sid"], access["client_id"], access["tenant_id"]) == (made["session"]["id"], "web", "acme")
    assert (await introspected(http, people, made["tokens"]["refresh_token"]))["token_type"] == "refresh"
    standard = await http.post("/oauth2/introspect", headers=key, data={"token": made["tokens"]["access_token"]})
    assert standard.json() == access | {"token_type": "Bearer"}
    await http.delete(f"/sessions/{made['session']['id']}", headers=await people.bearer())
    unknown = "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV." + "a" * 43 + ".acme"
    for token in (made["tokens"]["access_token"], made["tokens"]["refresh_token"], unknown, "x", "a.b.c"):
        answer = await http.post("/oauth2/introspect", headers=key, data={"token": token, "token_type_hint": "x"})
        assert (answer.status_code, answer.content) == (200, INACTIVE)


async def test_a_client_of_another_tenant_learns_nothing(http: httpx.AsyncClient, people: People) -> None:
    await tenants.create_tenant(people.service.database, "other", "Other", clock.now(), key=b"t" * 32)
    made, stranger = await begin(http, people), await people.api_key("other")
    token = made["tokens"]["access_token"]
    assert (await http.post("/oauth2/introspect", headers=stranger, data={"token": token})).content == INACTIVE
    assert (await http.post("/oauth2/revoke", headers=stranger, data={"token": token})).status_code == 200
    assert (await introspected(http, people, token))["active"] is True
    validated = await http.post("/internal/session/validate-token", headers=stranger, json={"access_token": token})
    assert validated.json() == {"valid": False, "error": "invalid_token"}


async def test_a_client_authenticates_by_key_or_basic(http: httpx.AsyncClient, people: People) -> None:
    key = (await people.api_key())["X-API-Key"]
    name, _, secret = key.partition(".")
    for given, status in (
        ({"headers": {"X-API-Key": key}}, 200),
        ({"auth": (name, secret)}, 200),
        ({"auth": (name, key)}, 200),
        ({"auth": (name, "wrong")}, 401),
        ({"headers": {"Authorization": "Basic !"}}, 401),
        ({}, 401),
    ):
        answer = await http.post("/oauth2/introspect", data={"token": "x"}, **given)
        assert answer.status_code == status, given


async def test_revocation_by_the_standard(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    made = await begin(http, people)
    assert (await http.post("/oauth2/revoke", headers=key, data={"token": "x"})).status_code == 200
    answer = await http.post("/oauth2/revoke", headers=key, data={"token": made["tokens"]["access_token"]})
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await introspected(http, people, made["tokens"]["access_token"])) == {"active": False}
    pair = (await refresh(http, made["tokens"]["refresh_token"])).json()
    await http.post("/oauth2/revoke", headers=key, data={"token": pair["refresh_token"]})
    assert (await introspected(http, people, pair["access_token"])) == {"active": False}


async def test_the_blacklist_ends_one_token(http: httpx.AsyncClient, people: People) -> None:
    made, admin = await begin(http, people), await people.bearer()
    token = made["tokens"]["access_token"]
    body = {"token": token, "token_type": "access", "user_id": "usr_1", "reason": "leak"}
    assert (await http.post("/tokens/blacklist", headers=admin, json=body | {"user_id": "usr_2"})).status_code == 400
    assert (
        await http.post("/tokens/blacklist", headers=admin, json=body | {"token_type": "refresh"})
    ).status_code == 400
    assert (await http.post("/tokens/blacklist", headers=bearer(made["tokens"]), json=body)).status_code == 200
    assert (await http.get("/sessions?auth_user_id=usr_1", headers=bearer(made["tokens"]))).status_code == 401
    check = (await http.get("/tokens/blacklist/check", params={"token": token}, headers=admin)).json()
    assert (check["blacklisted"], check["reason"]) == (True, "leak")
    assert token not in check["token"]
    listed = (await http.get("/admin/tokens/blacklist", headers=admin)).json()
    assert (listed["total"], listed["items"][0]["user_id"]) == (1, "usr_1")
    by_id = await http.post("/tokens/blacklist/check", headers=admin, json={"token": listed["items"][0]["token_id"]})
    assert by_id.json()["blacklisted"] is True
    ended_by_id = body | {"token": made["tokens"]["refresh_token"].partition(".")[0], "token_type": "refresh"}
    assert (await http.post("/tokens/blacklist", headers=admin, json=ended_by_id)).status_code == 200
    assert (await refresh(http, made["tokens"]["refresh_token"])).status_code == 401
    unknown = ended_by_id | {"token": "tok_0000000000000000000000000A"}
    assert (await http.post("/tokens/blacklist", headers=admin, json=unknown)).status_code == 404
    path = f"/admin/tokens/blacklist/{listed['items'][0]['id']}"
    assert [(await http.delete(path, headers=admin)).status_code for _ in range(2)] == [200, 404]
    assert (await introspected(http, people, token))["active"] is True


@pytest.mark.parametrize("kind", [None, "access", "refresh"])
async def test_revoke_all_of_a_user(http: httpx.AsyncClient, people: People, kind: str | None) -> None:
    made, other = await begin(http, people), await begin(http, people, "usr_2")
    body = {"user_id": "usr_1"} | ({"type": kind} if kind else {})
    assert (await http.post("/admin/tokens/revoke-all", headers=await people.bearer(), json=body)).status_code == 200
    access = (await introspected(http, people, made["tokens"]["access_token"]))["active"]
    assert access is (kind == "refresh")
    assert (await refresh(http, made["tokens"]["refresh_token"])).status_code == (200 if kind == "access" else 401)
    assert (await introspected(http, people, other["tokens"]["access_token"]))["active"] is True


async def test_everybody_is_signed_out(http: httpx.AsyncClient, people: People) -> None:
    made, admin = [await begin(http, people, f"usr_{number}") for number in range(5)], await people.bearer()
    assert (await http.post("/admin/tokens/revoke-all", headers=admin, json={"everybody": True})).status_code == 200
    assert (await http.get("/admin/sessions/stats", headers=admin)).status_code == 401
    stats = (await http.get("/admin/sessions/stats", headers=await people.bearer())).json()
    assert (stats["active_sessions"], stats["revoked_sessions"]) == (0, 5)
    for one in made:
        assert (await refresh(http, one["tokens"]["refresh_token"])).status_code == 401


async def test_validate_binds_a_token_to_its_device(http: httpx.AsyncClient, people: People) -> None:
    made, key = await begin(http, people, device_fingerprint="sha256:a1"), await people.api_key()
    token = {"access_token": made["tokens"]["access_token"]}
    for fingerprint, error in ((None, None), ("sha256:a1", None), ("sha256:b2", "device_mismatch")):
        body = token | ({"device_fingerprint": fingerprint} if fingerprint else {})
        told = (await http.post("/internal/session/validate-token", headers=key, json=body)).json()
        assert (told["valid"], told.get("error")) == (error is None, error)


async def test_an_exchange_never_widens(http: httpx.AsyncClient, people: People) -> None:
    made, admin, key = await begin(http, people), await people.bearer(), await people.api_key()
    grant = "urn:ietf:params:oauth:grant-type:token-exchange"
    body = {"grant_type": grant, "subject_token": made["tokens"]["access_token"], "audience": "api.example.com"}
    told = (await http.post("/admin/tokens/exchange", headers=admin, json=body)).json()
    assert (told["audience"], told["grant_type"], told["token_type"]) == ("api.example.com", grant, "Bearer")
    assert told["expires_in"] <= made["tokens"]["expires_in"]
    seen = await introspected(http, people, told["access_token"])
    assert (seen["aud"], seen["sub"], seen["scope"], seen["act"]) == (
        "api.example.com", "usr_1", "user", {"sub": "the_admin"},
    )  # fmt: skip
    assert (await http.get("/sessions?auth_user_id=usr_1", headers=bearer(told))).status_code == 401
    back = body | {"subject_token": told["access_token"], "audience": "autional"}
    assert (await http.post("/admin/tokens/exchange", headers=admin, json=back)).status_code == 400
    form = body | {"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}
    assert (await http.post("/oauth2/token", headers=key, data=form)).status_code == 200
    await http.delete(f"/sessions/{made['session']['id']}", headers=admin)
    assert (await introspected(http, people, told["access_token"])) == {"active": False}
    assert (await http.post("/admin/tokens/exchange", headers=admin, json=body)).status_code == 400


async def test_the_configuration_rules_the_next_token(http: httpx.AsyncClient, people: People) -> None:
    admin, path = await people.bearer(), "/admin/tokens/config"
    assert (await http.get(path, headers=admin)).json() == {
        "access_expiry": "1h", "refresh_expiry": "720h", "leeway": "5s", "tenant_id": "acme",
    }  # fmt: skip
    config = {"access_expiry": "5m", "refresh_expiry": "1h", "leeway": "5s"}
    assert (await http.put(path, headers=admin, json=config)).json() == config | {"tenant_id": "acme"}
    made = await begin(http, people)
    assert made["tokens"]["expires_in"] == 300
    assert (await refresh(http, made["tokens"]["refresh_token"])).json()["expires_in"] == 300
    for wrong in ({"access_expiry": "25h"}, {"refresh_expiry": "1m"}, {"leeway": "2m"}, {"leeway": "x"}):
        assert (await http.put(path, headers=admin, json=config | wrong)).status_code == 400
    assert (await http.delete(path, headers=admin)).status_code == 200
    assert (await begin(http, people))["tokens"]["expires_in"] == 3600


async def test_issued_tokens_are_listed_with_their_state(http: httpx.AsyncClient, people: People) -> None:
    admin, made = await people.bearer(), await begin(http, people, ip="192.0.2.1")
    await begin(http, people, "usr_2")
    await refresh(http, made["tokens"]["refresh_token"])
    listed = (await http.get("/admin/tokens", params={"user_id": "usr_1"}, headers=admin)).json()
    assert sorted((item["token_type"], item["status"]) for item in listed["items"]) == [
        ("access", "active"), ("access", "active"), ("refresh", "active"), ("refresh", "revoked"),
    ]  # fmt: skip
    assert (listed["total"], listed["items"][0]["ip"]) == (4, "192.0.2.1")
    one = listed["items"][0]
    detail = (await http.get(f"/admin/tokens/{one['id']}", headers=admin)).json()
    assert (detail["code"], detail["data"]) == (0, one)
    assert (await http.get("/admin/tokens/tok_never", headers=admin)).status_code == 404
    active = await http.get("/admin/tokens", params={"type": "refresh", "status": "active"}, headers=admin)
    assert active.json()["total"] == 2


async def test_oauth_clients_find_the_error_they_know(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    nobody = await http.post("/oauth2/introspect", data={"token": "x"})
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    assert nobody.headers["WWW-Authenticate"] == 'Basic realm="autional"'
    grant = await http.post("/oauth2/token", headers=key, data={"grant_type": "password", "subject_token": "x"})
    assert (grant.status_code, grant.json()["error"]) == (400, "unsupported_grant_type")
    exchange = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": "x"}
    token_type = {"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}
    answer = await http.post("/oauth2/token", headers=key, data=exchange | token_type)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.json()["error_description"] == answer.json()["detail"]
    elsewhere = await http.post("/tokens/blacklist", json={})
    assert "error" not in elsewhere.json()


async def test_a_consumed_token_on_the_blacklist_gets_no_repeat(http: httpx.AsyncClient, people: People) -> None:
    made, key = await begin(http, people), await people.api_key()
    first = made["tokens"]["refresh_token"]
    pair = (await refresh(http, first)).json()
    assert (await refresh(http, first)).status_code == 200  # within the grace
    body = {"token": first, "token_type": "refresh", "user_id": "usr_1"}
    assert (await http.post("/internal/session/blacklist-token", headers=key, json=body)).status_code == 200
    assert (await refresh(http, first)).status_code == 401
    assert (await refresh(http, pair["refresh_token"])).status_code == 200
