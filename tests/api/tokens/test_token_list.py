"""The list of issued tokens looks at a bounded number of rows, and its cursor reaches all of them."""

from typing import Any

import httpx
import pytest
from tests.api.tokens.test_tokens import begin
from tests.conftest import People

from autional.postgres.connection import connect
from autional.tokens import listing

OTHERS = 5_500


async def fill(url: str) -> None:
    """Add pairs that were issued later and are consumed, many of them at one instant."""
    connection = await connect(url)
    try:
        await connection.execute(
            "insert into token_pairs select home, (left(md5(n::text), 31) || '3')::uuid, session_id,"
            " issued_at + least(n / 2, 2000) * interval '1 millisecond', expires_at, access_expires_at, depth,"
            " refresh_generation, tenant_generation - 1, session_generation, reissued, issued_at"
            f" from token_pairs, generate_series(1, {OTHERS}) as n"
        )
    finally:
        await connection.close()


async def test_a_status_is_looked_for_in_steps_that_miss_nothing(
    http: httpx.AsyncClient, people: People, url: str
) -> None:
    await begin(http, people)
    await fill(url)
    admin = await people.bearer()

    async def walked(**query: Any) -> tuple[list[str], int, set[bool]]:
        found: list[str] = []
        steps = 0
        exact: set[bool] = set()
        cursor: dict[str, str] = {}
        while True:
            answer = (await http.get("/admin/tokens", headers=admin, params=query | cursor)).json()
            found += [item["id"] for item in answer["items"]]
            steps += 1
            exact.add(answer["pagination"].get("total_is_exact", True))
            if not answer["pagination"]["has_next"]:
                return found, steps, exact
            assert len(answer["items"]) == 100 or answer["pagination"]["is_cut"]
            cursor = {"cursor": answer["pagination"]["next_cursor"]}

    active, steps, exact = await walked(status="active", page_size=100)
    assert (len(active), steps, exact) == (3, 3, {False})  # and the administrator's own
    for token_type in ("access", "refresh"):
        for size in (1, 99):
            part = {"type": token_type, "page_size": size, "page": 2}
            pagination = (await http.get("/admin/tokens", headers=admin, params=part)).json()["pagination"]
            following = {"type": token_type, "page_size": size, "cursor": pagination["next_cursor"]}
            answer = (await http.get("/admin/tokens", headers=admin, params=following)).json()
            assert (len(answer["items"]), answer["pagination"].get("is_cut", False)) == (size, False)
    revoked, _, _ = await walked(status="revoked", type="refresh", page_size=100)
    assert len(set(revoked)) == len(revoked) == OTHERS
    first = (await http.get("/admin/tokens", headers=admin, params={"page_size": 100})).json()
    assert (first["total"], first["pagination"]["total_is_exact"], len(first["items"])) == (10_000, False, 100)
    found = (await http.get("/admin/tokens", headers=admin, params={"user_id": "usr_1", "status": "active"})).json()
    assert (found["total"], [item["id"] for item in found["items"]]) == (2, active[1:])


@pytest.mark.parametrize("status", ["all", "active"])
async def test_the_tokens_of_a_user_with_very_many_sessions_are_all_found(
    http: httpx.AsyncClient, people: People, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(listing, "_LOOKED_AT", 10)
    for number in range(36):
        await begin(http, people, "usr_1" if number % 3 else "usr_2")
    admin = await people.bearer()
    found: list[str] = []
    asked = {"user_id": "usr_1", "status": status, "page_size": "7"}
    cursor: dict[str, str] = {}
    while True:
        answer = (await http.get("/admin/tokens", headers=admin, params=asked | cursor)).json()
        found += [item["id"] for item in answer["items"]]
        assert not answer["pagination"].get("total_is_exact", True)
        if not answer["pagination"]["has_next"]:
            break
        cursor = {"cursor": answer["pagination"]["next_cursor"]}
    assert len(found) == len(set(found)) == 48
