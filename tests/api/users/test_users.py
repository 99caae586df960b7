import httpx
from tests.conftest import People

from autional.core.authority import operator_authority
from autional.postgres.database import Database
from autional.sessions.creation import create_session
from autional.sessions.model import Login
from autional.sessions.privacy import run_next_erasure
from autional.tokens.jwt import Issuer


async def test_each_user_is_listed_once_in_the_order_of_ids(
    http: httpx.AsyncClient, people: People, database: Database, issuer: Issuer
) -> None:
    names = ["..", "/", "Zoe", "a%", "a_b", "ab", "ärger", "用户"]
    for name in [*names, *names, *["gone"] * 30]:
        await create_session(database, issuer, operator_authority("acme"), Login(name), None)
    admin = await people.bearer()
    await http.post("/admin/users/erase", headers=admin, json={"user_id": "gone"})
    assert await run_next_erasure(database)
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        part = (await http.get("/admin/users", headers=admin, params={"page_size": "3"} | cursor)).json()
        found += part["items"]
        if "next_cursor" not in part or part["next_cursor"] is None:
            break
        cursor = {"cursor": part["next_cursor"]}
    assert found == sorted(names, key=str.encode)
    beginning = (await http.get("/admin/users", headers=admin, params={"search": "a_"})).json()
    assert beginning["items"] == ["a_b"]
    wrong = await http.get("/admin/users", headers=admin, params={"cursor": "x"})
    assert wrong.status_code == 400
