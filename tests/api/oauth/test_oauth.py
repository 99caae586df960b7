"""The OAuth endpoints to the letter (RFC 6749, 7009, 7662, 8693)."""

from typing import Any

import httpx
import pytest
from tests.conftest import People

EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def begun(http: httpx.AsyncClient, key: dict[str, str], **login: Any) -> dict[str, Any]:
    answer = await http.post("/internal/session/create", headers=key, json={"auth_user_id": "ann"} | login)
    tokens: dict[str, Any] = answer.json()["data"]["tokens"]
    return tokens


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({}, 200, None),
        ({"requested_token_type": ""}, 200, None),
        ({"audience": ""}, 200, None),
        ({"unknown": "x"}, 200, None),
        ({"audience": ["a", "a"]}, 200, None),
        ({"resource": "https://api.example/v1"}, 200, None),
        ({"resource": "urn:example:thing"}, 200, None),
        ({"scope": "user"}, 200, None),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"subject_token": None}, 400, "invalid_request"),
        ({"subject_token": "x.y.z"}, 400, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, 400, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, 400, "invalid_request"),
        ({"audience": ["a", "b"]}, 400, "invalid_target"),
        ({"audience": "a", "resource": "https://api.example"}, 400, "invalid_target"),
        ({"resource": "not absolute"}, 400, "invalid_target"),
        ({"resource": "https://api.example/#part"}, 400, "invalid_target"),
        ({"resource": "http://["}, 400, "invalid_target"),
        ({"scope": "admin"}, 400, "invalid_scope"),
        ({"scope": "user admin"}, 400, "invalid_scope"),
        ({"actor_token": "x"}, 400, "invalid_request"),
        ({"grant_type": [EXCHANGE["grant_type"]] * 2}, 400, "invalid_request"),
        ({"scope": ["user", "user"]}, 400, "invalid_request"),
    ],
)
async def test_an_exchange_is_answered_as_the_standards_say(
    http: httpx.AsyncClient, people: People, changed: dict[str, Any], status: int, error: str | None
) -> None:
    key = await people.api_key()
    form = EXCHANGE | {"subject_token": (await begun(http, key))["access_token"]} | changed
    sent = {name: value for name, value in form.items() if value is not None}
    answer = await http.post("/oauth2/token", headers=key, data=sent)
    assert (answer.status_code, answer.json().get("error")) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"
    if status == 200:
        told = answer.json()
        assert (told["token_type"], told["scope"]) == ("Bearer", "user")
        assert told["expires_in"] > 0
        target = changed.get("resource") or changed.get("audience") or "autional"
        assert told["audience"] == (target[0] if isinstance(target, list) else target)


async def test_introspection_says_bearer_and_leaves_out_what_is_not_known(
    http: httpx.AsyncClient, people: People
) -> None:
    key = await people.api_key()
    unnamed, named = await begun(http, key), await begun(http, key, app_id="shop")
    told = [
        (await http.post("/oauth2/introspect", headers=key, data={"token": token})).json()
        for token in (unnamed["access_token"], named["access_token"], unnamed["refresh_token"])
    ]
    assert [one["active"] for one in told] == [True] * 3
    assert [one.get("token_type") for one in told] == ["Bearer", "Bearer", None]
    assert [one.get("client_id") for one in told] == [None, "shop", None]


async def test_a_tenant_that_is_named_narrows(http: httpx.AsyncClient, people: People) -> None:
    of_all = await people.api_key(role="platform_admin")
    token = (await begun(http, await people.api_key()))["access_token"]
    for tenant, active in (("acme", True), ("other", False)):
        headers = of_all | {"X-Tenant-ID": tenant}
        told = (await http.post("/oauth2/introspect", headers=headers, data={"token": token})).json()
        assert told["active"] is active


async def test_validation_asks_for_whom_a_token_is(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    token = (await begun(http, key))["access_token"]
    form = EXCHANGE | {"subject_token": token, "audience": "elsewhere"}
    exchanged = (await http.post("/oauth2/token", headers=key, data=form)).json()["access_token"]
    for text, audience, valid in (
        (token, None, True),
        (token, "autional", True),
        (token, "elsewhere", False),
        (exchanged, None, False),
        (exchanged, "elsewhere", True),
    ):
        body = {"access_token": text} | ({"audience": audience} if audience else {})
        told = (await http.post("/internal/session/validate-token", headers=key, json=body)).json()
        assert told["valid"] is valid, (audience, told)
        assert valid or told["error"] == "audience_mismatch"


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke", "/oauth2/token"])
async def test_a_client_that_is_not_known_is_challenged(http: httpx.AsyncClient, path: str) -> None:
    for headers in (
        {},
        {"X-API-Key": "key_x.y"},
        {"Authorization": "Basic ====="},
        {"Authorization": "Basic a2V5OnM="},
    ):
        answer = await http.post(path, headers=headers | FORM, content=b"token=x")
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")


async def test_what_is_no_form_is_an_invalid_request(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    for content, kind in (
        (b'{"token":"x"}', "application/json"),
        (b"", FORM["Content-Type"]),
        (b"token=", FORM["Content-Type"]),
    ):
        answer = await http.post("/oauth2/introspect", headers=key | {"Content-Type": kind}, content=content)
        assert (answer.status_code, answer.json()["error"]) in {(400, "invalid_request"), (415, "invalid_request")}
