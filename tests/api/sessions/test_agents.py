"""Sessions in which an agent acts for the user: begun, listed, limited and ended by agent and by the person."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from tests.conftest import People, claims_of

from autional.sessions.bulk_revocation import run_next_job

CREATE = "/internal/session/create"
Begin = Callable[..., Awaitable[dict[str, Any]]]


def bearer(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['tokens']['access_token']}"}


@pytest.fixture
async def key(people: People) -> dict[str, str]:
    return await people.api_key()


@pytest.fixture
async def begin(http: httpx.AsyncClient, key: dict[str, str]) -> Begin:
    async def made(parent: dict[str, Any] | None = None, status: int = 201, **login: Any) -> dict[str, Any]:
        body = {"auth_user_id": "usr_1", "amr": ["pwd", "otp"]} | login
        if parent is not None:
            body = {"auth_user_id": "usr_1", "parent_session_id": parent["session"]["id"]} | login
        answer = await http.post(CREATE, headers=key, json=body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found["data"] if status == 201 else found

    return made


async def active(http: httpx.AsyncClient, people: People, **query: Any) -> set[str]:
    answer = await http.get("/admin/sessions", headers=await people.bearer(), params=query)
    assert answer.status_code == 200, answer.text
    return {one["id"] for one in answer.json()["items"]}


def agent(name: str = "assistant") -> dict[str, Any]:
    return {"act": {"sub": name}}


async def test_an_agents_session_says_who_acts_and_for_whom(
    http: httpx.AsyncClient, people: People, key: dict[str, str], begin: Begin
) -> None:
    person = await begin()
    made = await begin(person, **agent())
    session = made["session"]
    assert (session["user_id"], session["act"], session["parent_session_id"]) == (
        "usr_1", {"sub": "assistant"}, person["session"]["id"],
    )  # fmt: skip
    claims = claims_of(made["tokens"]["access_token"])
    assert (claims["sub"], claims["act"], claims["amr"]) == ("usr_1", {"sub": "assistant"}, ["pwd", "otp"])
    assert "act" not in claims_of(person["tokens"]["access_token"])

    refreshed = await http.post("/sessions/refresh", json={"refresh_token": made["tokens"]["refresh_token"]})
    assert claims_of(refreshed.json()["access_token"])["act"] == {"sub": "assistant"}
    seen = await http.post("/oauth2/introspect", headers=key, data={"token": refreshed.json()["refresh_token"]})
    assert seen.json()["act"] == {"sub": "assistant"}
    raised = await http.post(f"/internal/session/{session['id']}/upgrade-mfa", headers=key, json={"amr": ["otp"]})
    assert claims_of(raised.json()["access_token"])["act"] == {"sub": "assistant"}

    exchange = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": raised.json()["access_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "resource": "https://mcp.example/tools",
    }
    exchanged = (await http.post("/oauth2/token", headers=key, data=exchange)).json()
    claims = claims_of(exchanged["access_token"])
    assert claims["aud"] == "https://mcp.example/tools"
    assert claims["act"]["act"] == {"sub": "assistant"}
    assert claims["act"]["sub"].startswith("key_")


async def test_it_is_found_counted_and_ended_by_agent_and_by_person(
    http: httpx.AsyncClient, people: People, key: dict[str, str], begin: Begin
) -> None:
    person, other = await begin(), await begin(auth_user_id="usr_2")
    mine, again = await begin(person, **agent()), await begin(person, **agent("planner"))
    theirs = await begin(other, auth_user_id="usr_2", **agent())
    ids = {name: one["session"]["id"] for name, one in
           {"person": person, "other": other, "mine": mine, "again": again, "theirs": theirs}.items()}  # fmt: skip
    assert await active(http, people, actor="assistant") == {ids["mine"], ids["theirs"]}
    assert await active(http, people, actor="assistant", user_id="usr_1") == {ids["mine"]}
    assert await active(http, people, parent_session_id=ids["person"]) == {ids["mine"], ids["again"]}
    assert await active(http, people, actor="nobody") == set()
    assert len(await active(http, people)) == 5

    admin = await people.bearer()
    ended = await http.request(
        "DELETE", "/admin/sessions/agent/assistant", headers=admin, json={"reason": "misbehaves"}
    )
    assert (ended.status_code, ended.json()["sessions"]) == (200, 2)
    assert await active(http, people) == {ids["person"], ids["other"], ids["again"]}
    assert (await http.delete("/internal/session/session/agent/assistant", headers=key)).json()["sessions"] == 0
    listed = await http.get("/sessions", headers=bearer(person), params={"auth_user_id": "usr_1"})
    assert {one["id"]: one.get("act") for one in listed.json()["items"]} == {
        ids["person"]: None, ids["again"]: {"sub": "planner"},
    }  # fmt: skip
    assert (await http.delete(f"/sessions/{ids['again']}", headers=bearer(person))).status_code == 204
    assert await active(http, people) == {ids["person"], ids["other"]}


Ending = Callable[[httpx.AsyncClient, People, dict[str, Any]], Awaitable[object]]


async def by_person(http: httpx.AsyncClient, people: People, person: dict[str, Any]) -> None:
    await http.delete(f"/sessions/{person['session']['id']}", headers=bearer(person))


async def by_service(http: httpx.AsyncClient, people: People, person: dict[str, Any]) -> None:
    await http.delete(f"/internal/session/session/{person['session']['id']}", headers=await people.api_key())


async def by_user(http: httpx.AsyncClient, people: People, person: dict[str, Any]) -> None:
    await http.delete("/internal/session/session/user/usr_1", headers=await people.api_key())


async def by_list(http: httpx.AsyncClient, people: People, person: dict[str, Any]) -> None:
    body = {"session_ids": [person["session"]["id"]]}
    await http.post("/admin/sessions/revoke", headers=await people.bearer(), json=body)


async def by_filter(http: httpx.AsyncClient, people: People, person: dict[str, Any]) -> None:
    wanted, admin = {"filter": {"search": person["session"]["id"]}}, await people.bearer()
    shown = await http.post("/admin/sessions/revoke", headers=admin, json=wanted | {"dry_run": True})
    run = wanted | {"dry_run_token": shown.json()["preview"]["dry_run_token"]}
    await http.post("/admin/sessions/revoke", headers=admin, json=run)
    while await run_next_job(people.service.database):
        pass


async def by_reuse(http: httpx.AsyncClient, people: People, person: dict[str, Any]) -> None:
    first = {"refresh_token": person["tokens"]["refresh_token"]}
    second = (await http.post("/sessions/refresh", json=first)).json()
    await http.post("/sessions/refresh", json={"refresh_token": second["refresh_token"]})
    assert (await http.post("/sessions/refresh", json=first)).status_code == 401


async def by_limit(http: httpx.AsyncClient, people: People, person: dict[str, Any]) -> None:
    await http.put("/admin/sessions/limits", headers=await people.bearer(), json={"max_sessions": 1})
    body = {"auth_user_id": "usr_1", "amr": ["pwd"]}
    assert (await http.post(CREATE, headers=await people.api_key(), json=body)).status_code == 201


@pytest.mark.parametrize("how", [by_person, by_service, by_user, by_list, by_filter, by_reuse, by_limit])
async def test_it_ends_with_the_session_of_the_person(
    how: Ending, http: httpx.AsyncClient, people: People, begin: Begin
) -> None:
    person = await begin()
    child = await begin(person, **agent())
    grandchild = await begin(child, **agent("helper"))
    assert grandchild["session"]["act"] == {"sub": "helper", "act": {"sub": "assistant"}}
    await how(http, people, person)
    admin = await people.bearer()
    for one in (child, grandchild):
        answer = await http.get(f"/sessions/{one['session']['id']}", headers=bearer(one))
        assert answer.status_code == 401, answer.text
        shown = (await http.get(f"/sessions/{one['session']['id']}", headers=admin)).json()["session"]
        assert shown["status"] == "revoked"
        assert shown["revoke_reason"] == "ended_with_parent" or how is by_user
    statistics = (await http.get("/admin/sessions/stats", headers=admin)).json()
    assert statistics["active_sessions"] == (1 if how is by_limit else 0)


async def test_it_proves_and_lasts_no_more_than_what_it_was_begun_from(
    http: httpx.AsyncClient, people: People, key: dict[str, str], begin: Begin
) -> None:
    person = await begin(amr=["pwd"])
    for methods in (["pwd", "otp"], ["otp"]):
        assert (await begin(person, 400, amr=methods, **agent()))["errors"][0]["field"] == "amr"
    assert (await begin(person, 403, role="admin", **agent()))["type"].endswith("role-too-high")
    assert (await begin(person, 404, auth_user_id="usr_2", **agent()))["type"].endswith("session-not-found")
    assert (await begin(None, 404, parent_session_id="sess_none", **agent()))["type"].endswith("session-not-found")
    assert (await begin(person, 400))["errors"][0]["field"] == "act"
    child = await begin(person, **agent())
    lying = {"act": {"sub": "helper", "act": {"sub": "somebody"}}}
    assert (await begin(child, 400, **lying))["errors"][0]["field"] == "act.act"
    for name in ("expires_at", "idle_expires_at"):
        assert child["session"][name] <= person["session"]["expires_at"]
    assert child["session"]["authenticated_at"] == person["session"]["authenticated_at"]
    raise_child = f"/internal/session/{child['session']['id']}/upgrade-mfa"
    refused = await http.post(raise_child, headers=key, json={"amr": ["otp"]})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "level-too-high")
    raise_person = f"/internal/session/{person['session']['id']}/upgrade-mfa"
    assert (await http.post(raise_person, headers=key, json={"amr": ["otp"]})).status_code == 200
    assert (await http.post(raise_child, headers=key, json={"amr": ["otp"]})).status_code == 200
    seen = (await http.post(f"/sessions/{child['session']['id']}/validate", headers=await people.bearer())).json()
    assert seen["claims"]["act"] == {"sub": "assistant"}
    assert seen["claims"]["auth_time"] == claims_of(child["tokens"]["access_token"])["auth_time"]
    mine, theirs = (claims_of(one["tokens"]["access_token"]) for one in (person, child))
    assert theirs["auth_time"] == mine["auth_time"]
    chain = child
    for number in range(3):
        chain = await begin(chain, **agent(f"helper_{number}"))
    assert (await begin(chain, 400, **agent("one too many")))["errors"][0]["field"] == "act"
    await http.delete(f"/internal/session/session/{person['session']['id']}", headers=key)
    assert (await begin(person, 404, **agent()))["type"].endswith("session-not-found")


async def test_a_link_that_expired_in_between_breaks_no_chain(
    http: httpx.AsyncClient, people: People, begin: Begin, url: str
) -> None:
    person = await begin()
    between = await begin(person, **agent())
    last = await begin(between, **agent("planner"))
    connection = await asyncpg.connect(url)
    await connection.execute(
        "update autional.sessions set state = 'expired', ended_at = now() where act ->> 'sub' = 'assistant'"
    )
    await connection.close()
    assert await active(http, people) == {one["session"]["id"] for one in (person, last)}
    await by_person(http, people, person)
    assert await active(http, people) == set()


async def test_it_ends_no_later_than_what_it_was_begun_from_however_that_is_shortened(
    http: httpx.AsyncClient, people: People, key: dict[str, str], begin: Begin
) -> None:
    async def deadline(made: dict[str, Any]) -> str:
        answer = await http.get(f"/sessions/{made['session']['id']}", headers=await people.bearer())
        found: str = answer.json()["session"]["expires_at"]
        return found

    person = await begin(amr=["pwd"])
    child = await begin(person, **agent())
    grandchild = await begin(child, **agent("planner"))
    await http.post(f"/internal/session/{person['session']['id']}/upgrade-mfa", headers=key, json={"amr": ["otp"]})
    bound = await deadline(person)
    assert bound < person["session"]["expires_at"]
    assert [await deadline(one) for one in (child, grandchild)] == [bound, bound]
    policy = {"levels": {"aal2": {"absolute_timeout": "1h"}}, "apply_to_existing": True}
    answer = await http.put("/admin/sessions/policy", headers=await people.bearer(), json=policy)
    assert answer.status_code == 200, answer.text
    assert await deadline(person) < bound
    assert [await deadline(one) for one in (child, grandchild)] == [await deadline(person)] * 2


async def test_a_limit_counts_each_agent_of_a_user(http: httpx.AsyncClient, people: People, begin: Begin) -> None:
    admin = await people.bearer()
    limits = {"max_sessions": 1, "max_sessions_per_agent": 2, "on_overflow": "refuse"}
    assert (await http.put("/admin/sessions/limits", headers=admin, json=limits)).status_code == 200
    person = await begin()
    for name in ("assistant", "planner"):
        for _ in range(2):
            await begin(person, **agent(name))
        assert (await begin(person, 409, **agent(name)))["type"].endswith("too-many-sessions")
    assert (await begin(None, 409))["type"].endswith("too-many-sessions")
    tighter = limits | {"max_sessions_per_agent": 1}
    preview = (await http.post("/admin/sessions/limits/preview", headers=admin, json=tighter)).json()
    assert (preview["users"], preview["sessions"]) == (1, 1)


async def test_a_limit_never_ends_what_a_session_is_begun_from(
    http: httpx.AsyncClient, people: People, begin: Begin
) -> None:
    limits = {"max_sessions_per_agent": 1, "on_overflow": "end_oldest"}
    await http.put("/admin/sessions/limits", headers=await people.bearer(), json=limits)
    person = await begin()
    first = await begin(person, **agent())
    between = await begin(first, **agent("planner"))
    assert (await begin(between, 409, **agent()))["type"].endswith("too-many-sessions")
    assert await active(http, people) == {one["session"]["id"] for one in (person, first, between)}
    again = await begin(person, **agent())
    assert await active(http, people) == {one["session"]["id"] for one in (person, again)}


async def test_an_agent_may_only_see_and_end_its_own_session(
    http: httpx.AsyncClient, people: People, begin: Begin
) -> None:
    person = await begin(role="admin")
    made = await begin(person, role="admin", **agent())
    mine = bearer(made)
    assert (await http.get(f"/sessions/{made['session']['id']}", headers=mine)).status_code == 200
    refused = [
        ("GET", f"/sessions/{person['session']['id']}"),
        ("DELETE", f"/sessions/{person['session']['id']}"),
        ("GET", "/sessions?auth_user_id=usr_1"),
        ("GET", "/trusted-devices"),
        ("GET", "/admin/sessions/stats"),
        ("GET", "/admin/sessions"),
        ("DELETE", "/admin/sessions/user/usr_1"),
        ("GET", "/tokens/blacklist/check?token=x"),
    ]
    for method, url in refused:
        answer = await http.request(method, url, headers=mine)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "agent-not-permitted"), url
    assert (await http.get(f"/sessions/{person['session']['id']}", headers=bearer(person))).status_code == 200
    assert (await http.delete(f"/sessions/{made['session']['id']}", headers=mine)).status_code == 204


async def test_without_a_session_of_the_person_it_stands_alone(begin: Begin) -> None:
    made = await begin(act={"sub": "nightly", "act": {"sub": "scheduler"}})
    assert made["session"]["act"] == {"sub": "nightly", "act": {"sub": "scheduler"}}
    assert "parent_session_id" not in made["session"]


async def test_none_is_begun_from_a_session_that_ends_meanwhile(
    http: httpx.AsyncClient, people: People, key: dict[str, str], begin: Begin
) -> None:
    for _ in range(20):
        person = await begin()
        body = {"auth_user_id": "usr_1", "parent_session_id": person["session"]["id"]} | agent()
        ending = http.delete(f"/internal/session/session/{person['session']['id']}", headers=key)
        answers = await asyncio.gather(*(http.post(CREATE, headers=key, json=body) for _ in range(4)), ending)
        assert {one.status_code for one in answers[:4]} <= {201, 404}
        assert await active(http, people) == set()
