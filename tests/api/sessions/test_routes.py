import asyncio
from typing import Any

import httpx
import pytest
from tests.conftest import People

CREATE = "/internal/session/create"


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


async def test_a_session_answers_in_the_envelope_with_its_tokens(http: httpx.AsyncClient, people: People) -> None:
    sent = {"auth_user_id": "usr_1", "amr": ["pwd", "otp"], "ip": "2001:DB8::1", "app_id": "web", "browser": "Own 1"}
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0 Safari/537.36"
    )
    answer = await http.post(CREATE, headers=await people.api_key(), json=sent | {"user_agent": agent})
    envelope = answer.json()
    assert (answer.status_code, envelope["code"], envelope["message"]) == (201, 0, "success")
    session, tokens = envelope["data"]["session"], envelope["data"]["tokens"]
    assert session["status"] == "active"
    assert (session["amr"], session["aal"], session["role"]) == ("pwd,otp", 2, "user")
    assert (session["device_type"], session["browser"], session["os"]) == ("desktop", "Own 1", "Windows 10")
    assert session["ip"] == "2001:db8::1"
    assert session["created_at"] < session["idle_expires_at"] < session["expires_at"]
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert tokens["refresh_token"].startswith("tok_")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("auth_user_id", "required")]),
        ({"auth_user_id": 1, "amr": "pwd"}, [("auth_user_id", "type"), ("amr", "type")]),
        ({"auth_user_id": "u", "amr": ["pwd", ""]}, [("amr[1]", "length")]),
        ({"auth_user_id": "u", "role": "root", "nope": 1}, [("nope", "unknown"), ("role", "value")]),
        ({"auth_user_id": "a\0b"}, [("auth_user_id", "format")]),
        ({"auth_user_id": "u", "ip": "300.1.1.1"}, [("ip", "format")]),
        ({"auth_user_id": "u", "ip": "fe80::1%eth0"}, [("ip", "format")]),
        ({"auth_user_id": "u", "device_type": "fridge"}, [("device_type", "value")]),
        ([], [("body", "type")]),
    ],
)
async def test_every_violation_of_a_body_is_told_at_once(
    http: httpx.AsyncClient, people: People, body: Any, expected: list[tuple[str, str]]
) -> None:
    answer = await http.post(CREATE, headers=await people.api_key(), json=body)
    assert answer.status_code == 400
    assert errors(answer) == expected


@pytest.mark.parametrize(
    ("content", "media_type", "status", "slug"),
    [
        (b"{", "application/json", 400, "malformed-json"),
        (b"\xff", "application/json", 400, "malformed-json"),
        (b'{"auth_user_id": "\\ud800"}', "application/json", 400, "malformed-json"),
        (b"[" * 60_000, "application/json", 400, "malformed-json"),
        (b'{"auth_user_id": 1e99999}', "application/json", 400, "invalid-parameter"),
        (b'{"auth_user_id": ' + b"9" * 5000 + b"}", "application/json", 400, "invalid-parameter"),
        (b"{}" + b" " * 70_000, "application/json", 413, "body-too-large"),
        (b"auth_user_id=u", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b"{}", "text/plain", 415, "unsupported-media-type"),
    ],
)
async def test_a_body_that_cannot_be_read_is_a_problem(
    http: httpx.AsyncClient, people: People, content: bytes, media_type: str, status: int, slug: str
) -> None:
    headers = await people.api_key() | {"Content-Type": media_type}
    answer = await http.post(CREATE, headers=headers, content=content)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, slug)


async def test_an_api_key_is_needed_and_good_for_its_tenants_only(http: httpx.AsyncClient, people: People) -> None:
    good = await people.api_key()
    body = {"auth_user_id": "u"}
    for headers, status in (
        ({}, 401),
        ({"X-API-Key": good["X-API-Key"]}, 201),
        (good | {"X-API-Key": good["X-API-Key"] + "x"}, 401),
        (good | {"X-API-Key": "key_1.x"}, 401),
        (await people.bearer(), 401),
        (good | {"X-Tenant-ID": "other"}, 403),
        (good, 201),
    ):
        answer = await http.post(CREATE, headers=headers, json=body)
        assert answer.status_code == status
        assert status != 401 or answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_user_ends_only_its_own_sessions(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    made = [(await http.post(CREATE, headers=key, json={"auth_user_id": user})).json()["data"] for user in "ab"]
    mine = {"Authorization": f"Bearer {made[0]['tokens']['access_token']}"}
    foreign = await http.delete(f"/sessions/{made[1]['session']['id']}", headers=mine)
    never = await http.delete("/sessions/sess_never", headers=mine)
    assert (foreign.status_code, never.status_code) == (404, 404)
    assert foreign.json()["code"] == never.json()["code"]
    own = await http.request("DELETE", f"/sessions/{made[0]['session']['id']}", headers=mine, json={"reason": "bye"})
    assert own.status_code == 204


async def test_ending_what_has_ended_is_a_success(http: httpx.AsyncClient, people: People) -> None:
    made = (await http.post(CREATE, headers=await people.api_key(), json={"auth_user_id": "u"})).json()["data"]
    admin = await people.bearer()
    for _ in range(2):
        assert (await http.delete(f"/sessions/{made['session']['id']}", headers=admin)).status_code == 204


async def test_a_strange_id_in_a_path_is_a_problem(http: httpx.AsyncClient, people: People) -> None:
    admin = await people.bearer()
    for name, status in (("a%00b", 400), ("%ff", 400), ("x" * 200, 400), ("..", 405)):
        answer = await http.delete(f"/sessions/{name}", headers=admin)
        assert answer.status_code == status, name
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_retry_under_an_idempotency_key_has_one_effect(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    headers, body = key | {"Idempotency-Key": "login-1"}, {"auth_user_id": "u", "device_type": "tv", "ip": "192.0.2.1"}
    answers = await asyncio.gather(*(http.post(CREATE, headers=headers, json=body) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    made = [answer.json()["data"] for answer in answers]
    assert len({one["session"]["id"] for one in made}) == 1
    assert len({one["tokens"]["refresh_token"] for one in made}) == 1
    assert len({(one["session"]["expires_at"], one["session"]["created_at"]) for one in made}) == 1
    assert (await http.get("/admin/sessions/stats", headers=admin)).json()["total_sessions"] == 1
    refresh = {"refresh_token": made[3]["tokens"]["refresh_token"]}
    assert (await http.post("/sessions/refresh", json=refresh)).status_code == 200
    other = await http.post(CREATE, headers=headers, json=body | {"auth_user_id": "v"})
    assert (other.status_code, other.json()["code"]) == (422, 30105003)
    for wrong in ("", "k" * 256):
        answer = await http.post(CREATE, headers=key | {"Idempotency-Key": wrong}, json=body)
        assert answer.status_code == 400
