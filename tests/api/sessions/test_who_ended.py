"""Who ended a session, and why: for every way to end one."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.conftest import People

from autional.sessions.bulk_revocation import run_next_job

Headers = dict[str, str]
Made = dict[str, Any]


async def by_user(http: httpx.AsyncClient, _: People, made: Made) -> None:
    me = {"Authorization": f"Bearer {made['tokens']['access_token']}"}
    assert (await http.delete(f"/sessions/{made['session']['id']}", headers=me)).status_code == 204


async def by_administrator(http: httpx.AsyncClient, people: People, made: Made) -> None:
    await http.post(f"/sessions/{made['session']['id']}/revoke", headers=await people.bearer(), json={"reason": "lost"})


async def by_administrator_everywhere(http: httpx.AsyncClient, people: People, _: Made) -> None:
    ended = await http.post("/admin/sessions/user/ann/revoke", headers=await people.bearer(), json={})
    assert ended.json()["sessions"] == 1


async def by_key(http: httpx.AsyncClient, people: People, made: Made) -> None:
    await http.delete(f"/internal/session/session/{made['session']['id']}", headers=await people.api_key())


async def by_tokens_of_user(http: httpx.AsyncClient, people: People, _: Made) -> None:
    ended = await http.post("/admin/tokens/revoke-all", headers=await people.bearer(), json={"user_id": "ann"})
    assert ended.json()["sessions"] == 1


async def by_everybody(http: httpx.AsyncClient, people: People, _: Made) -> None:
    ended = await http.post("/admin/tokens/revoke-all", headers=await people.bearer(), json={"everybody": True})
    assert ended.json()["sessions"] == 1


async def by_job(http: httpx.AsyncClient, people: People, _: Made) -> None:
    admin, wanted = await people.bearer(), {"filter": {"user_id": "ann"}}
    shown = (await http.post("/admin/sessions/revoke", headers=admin, json=wanted | {"dry_run": True})).json()
    run = wanted | {"dry_run_token": shown["preview"]["dry_run_token"]}
    assert (await http.post("/admin/sessions/revoke", headers=admin, json=run)).status_code == 200
    while await run_next_job(people.service.database):
        pass


async def by_client(http: httpx.AsyncClient, people: People, made: Made) -> None:
    form = {"token": made["tokens"]["refresh_token"]}
    assert (await http.post("/oauth2/revoke", headers=await people.api_key(), data=form)).status_code == 200


async def by_reuse(http: httpx.AsyncClient, people: People, made: Made) -> None:
    token = {"refresh_token": made["tokens"]["refresh_token"]}
    second = (await http.post("/sessions/refresh", json=token)).json()
    await http.post("/sessions/refresh", json={"refresh_token": second["refresh_token"]})
    assert (await http.post("/sessions/refresh", json=token)).status_code == 401


@pytest.mark.parametrize(
    ("way", "kind", "who", "reason", "action"),
    [
        (by_user, "user", "ann", "signed_out", None),
        (by_administrator, "user", "the_admin", "lost", "session.revoke"),
        (by_administrator_everywhere, "user", "the_admin", "signed_out_everywhere", "sessions.revoke_of_user"),
        (by_key, "api_key", "key_", "ended_by_administrator", "session.revoke"),
        (by_tokens_of_user, "user", "the_admin", "signed_out_everywhere", "tokens.revoke_all"),
        (by_everybody, "user", "the_admin", "signed_out_everywhere", "tokens.revoke_all"),
        (by_job, "user", "the_admin", "ended_by_administrator", "sessions.revoke_many"),
        (by_client, "api_key", "key_", "token_revoked", "token.revoke"),
        (by_reuse, "system", None, "refresh_token_reuse", None),
    ],
)
async def test_who_ended_a_session_and_why(
    *,
    http: httpx.AsyncClient,
    people: People,
    way: Callable[[httpx.AsyncClient, People, Made], Awaitable[None]],
    kind: str,
    who: str | None,
    reason: str,
    action: str | None,
) -> None:
    login = {"auth_user_id": "ann"}
    key = await people.api_key()
    made = (await http.post("/internal/session/create", headers=key, json=login)).json()["data"]
    await way(http, people, made)
    admin = await people.bearer("security_admin")
    session = (await http.get(f"/sessions/{made['session']['id']}", headers=admin)).json()["session"]
    told = session["revoked_by"]
    assert (session["status"], told["type"], session["revoke_reason"]) == ("revoked", kind, reason)
    assert told.get("id", "").startswith(who) if who else "id" not in told
    assert ("job_id" in told) is (way is by_job)
    assert ("audit_sequence" in told) is (action is not None)
    if action is not None:
        listed = (await http.get("/admin/audit", headers=admin, params={"action": action})).json()["items"]
        assert told["audit_sequence"] in [entry["sequence"] for entry in listed]
        assert told["request_id"] in [entry["request_id"] for entry in listed]
