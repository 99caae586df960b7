"""Lists behave alike: the same total on every page, newest first, a cursor that neither repeats nor leaves out."""

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from tests.conftest import People

SECOND = timedelta(seconds=1)
LISTS = [
    "/admin/sessions",
    "/sessions?auth_user_id=ann",
    "/sessions/user/ann/sessions",
    "/admin/tokens",
    "/admin/tokens/blacklist",
    "/admin/trusted-devices?user_id=ann",
    "/internal/session/trusted-devices?user_id=ann",
    "/internal/session/sessions/ann",
]


async def part(http: httpx.AsyncClient, people: People, path: str, **asked: Any) -> dict[str, Any]:
    headers = await people.api_key(role="admin")
    answer = await http.get(path, headers=headers, params=httpx.QueryParams(httpx.URL(path).query).merge(asked))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def fill(http: httpx.AsyncClient, people: People, url: str) -> None:
    """Seven of everything, four of which at one instant, and ids whose own time is in the wrong order."""
    key = await people.api_key()
    for number in range(7):
        made = await http.post("/internal/session/create", headers=key, json={"auth_user_id": "ann"})
        token = made.json()["data"]["tokens"]["access_token"]
        body = {"token": token, "token_type": "access", "user_id": "ann"}
        await http.post("/internal/session/blacklist-token", headers=key, json=body)
        device = {"user_id": "ann", "device_fingerprint": f"f{number}"}
        await http.post("/internal/session/trusted-devices", headers=key, json=device)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("set search_path = autional")
        for table, column, id_ in (
            ("sessions", "created_at", "session_id"),
            ("access_tokens", "issued_at", "token_id"),
            ("token_pairs", "issued_at", "refresh_id"),
            ("blacklist", "created_at", "token_id"),
            ("trusted_devices", "created_at", "device_id"),
        ):
            rows = await connection.fetch(f"select {id_} as named, {column} as at from {table} order by {id_}")
            earlier = [(row["named"], row["at"] - min(turn, 4) * SECOND) for turn, row in enumerate(rows, 1)]
            await connection.executemany(f"update {table} set {column} = $2 where {id_} = $1", earlier)
    finally:
        await connection.close()


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_is_walked_by_pages_and_by_cursor(
    http: httpx.AsyncClient, people: People, url: str, path: str
) -> None:
    await fill(http, people, url)
    whole = (await part(http, people, path, page_size=100))["items"]
    assert len(whole) in {7, 14}
    order = [(item["created_at"], item["id"]) for item in whole]
    assert order == sorted(order, reverse=True)
    paged = [await part(http, people, path, page_size=3, page=page) for page in range(1, 7)]
    beyond = await part(http, people, path, page_size=3, page=99)
    assert {one["total"] for one in [*paged, beyond]} == {len(whole)}
    assert [item["id"] for one in paged for item in one["items"]] == [name for _, name in order]
    assert (beyond["items"], beyond["pagination"]["has_next"]) == ([], False)
    walked: list[str] = []
    told = await part(http, people, path, page_size=2)
    while True:
        walked += [item["id"] for item in told["items"]]
        cursor = told["pagination"].get("next_cursor")
        assert told["pagination"]["total"] == len(whole)
        if cursor is None:
            break
        told = await part(http, people, path, page_size=2, cursor=cursor)
    assert walked == [name for _, name in order]


async def test_a_cursor_belongs_to_its_list(http: httpx.AsyncClient, people: People, url: str) -> None:
    await fill(http, people, url)
    admin = await people.bearer()
    cursor = (await part(http, people, "/admin/tokens", page_size=2))["pagination"]["next_cursor"]
    for path in ("/admin/sessions", "/admin/tokens/blacklist", "/admin/tokens?user_id=ann", "/admin/tokens?page=2"):
        answer = await http.get(
            path, headers=admin, params=httpx.QueryParams(httpx.URL(path).query).set("cursor", cursor)
        )
        assert answer.status_code == 400, path


async def test_a_search_finds_users_whose_id_begins_like_a_session(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    for user in ("sess_admin", "sessions", "a_b", "axb"):
        await http.post("/internal/session/create", headers=key, json={"auth_user_id": user})
    for search, users in (("sess_adm", ["sess_admin"]), ("sess", ["sess_admin", "sessions"]), ("a_", ["a_b"])):
        listed = (await http.get("/admin/sessions", headers=admin, params={"search": search})).json()["items"]
        assert sorted(item["user_id"] for item in listed) == users


async def test_addresses_mapped_into_ipv6_are_those_of_ipv4(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    body = {"auth_user_id": "ann", "ip": "::ffff:192.0.2.7"}
    made = await http.post("/internal/session/create", headers=key, json=body)
    assert made.json()["data"]["session"]["ip"] == "192.0.2.7"
    for network in ("192.0.2.0/24", "::ffff:192.0.2.0/120", "192.0.2.7"):
        found = (await http.get("/admin/sessions", headers=admin, params={"ip": network})).json()["total"]
        assert found == 1, network


@pytest.mark.parametrize("agent", ["x" * 2049, "a\tb\x00c\x85", "😀" * 1000, "", " "])
async def test_what_a_browser_calls_itself_never_refuses_a_login(
    http: httpx.AsyncClient, people: People, agent: str
) -> None:
    body = {"auth_user_id": "ann", "user_agent": agent, "client_hints": {"Sec-CH-UA": agent}}
    made = await http.post("/internal/session/create", headers=await people.api_key(), json=body)
    assert made.status_code == 201
    told = made.json()["data"]["session"].get("user_agent", "")
    assert len(told) <= 512
    assert told.isprintable()


async def test_the_own_session_is_marked(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    made = [
        (await http.post("/internal/session/create", headers=key, json={"auth_user_id": "ann"})).json()["data"]
        for _ in range(2)
    ]
    me = {"Authorization": f"Bearer {made[0]['tokens']['access_token']}"}
    listed = (await http.get("/sessions?auth_user_id=ann", headers=me)).json()["items"]
    assert {item["id"]: item.get("current", False) for item in listed} == {
        made[0]["session"]["id"]: True,
        made[1]["session"]["id"]: False,
    }
