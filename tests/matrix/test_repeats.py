"""Refresh tokens and their repeats (contract, Repeats of a refresh token): one judgement for both operations."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from tests.matrix.conftest import World, claim

from autional.postgres import prepared

SECOND = timedelta(seconds=1)
REUSED, INVALID = 30102007, 30102006


async def rotated(world: World, key: str | None = None) -> tuple[dict[str, Any], dict[str, Any], datetime]:
    """A session, the pair that followed its first one, and when that was."""
    made = await world.begin()
    begun = datetime.fromisoformat(made["session"]["created_at"]).replace(microsecond=500_000)
    world.moment.at = begun + 10 * SECOND
    pair = (await world.refresh(made["tokens"]["refresh_token"], key)).json()
    return made, pair, begun + 10 * SECOND


def outcome(world: World, answer: httpx.Response, pair: dict[str, Any]) -> object:
    """The code of a problem, or whether the very same tokens came again."""
    told = answer.json()
    if answer.status_code != 200:
        return told["code"]
    same = claim(told["access_token"], world) == claim(pair["access_token"], world)
    return same and told.get("refresh_token", pair["refresh_token"]) == pair["refresh_token"]


@pytest.mark.parametrize("path", ["refresh", "rotate-access"])
@pytest.mark.parametrize(
    ("first", "repeat", "seconds", "expected"),
    [
        (None, None, [0, 1, 1.999, 1.999], [True] * 4),
        (None, None, [1, 2, 3], [True, True, REUSED]),
        (None, None, [9.999], [True]),
        (None, None, [10], [REUSED]),
        (None, "other", [1.999, 2], [True, REUSED]),
        ("k", "k", [1, 5, 11, 3600, 86399.9], [True] * 5),
        ("k", "k", [86400], [REUSED]),
        ("k", "other", [1, 1.9, 2], [True, True, REUSED]),
        ("k", None, [1, 5, 6], [True, True, REUSED]),
    ],
)
async def test_a_repeat_gets_the_very_same_tokens_as_often_as_it_may(
    world: World, path: str, first: str | None, repeat: str | None, seconds: list[float], expected: list[object]
) -> None:
    made, pair, at = await rotated(world, first)
    found = []
    for after in seconds:
        world.moment.at = at + after * SECOND
        answer = await world.refresh(made["tokens"]["refresh_token"], repeat, path)
        found.append(outcome(world, answer, pair))
    assert found == expected
    status = await world.status(made["session"]["id"])
    assert status == ("revoked" if REUSED in expected else "active")
    issued = await world.database.rows(
        "issued_tokens", "acme", at, "usr_1", "access", None, None, None, 100, 0, 1000, None, None
    )
    assert len(issued) == 2  # nothing new on record


@pytest.mark.parametrize("path", ["refresh", "rotate-access"])
async def test_a_repeat_never_gives_more_than_the_successor_still_has(world: World, path: str) -> None:
    made, pair, at = await rotated(world, "k")
    name = pair["refresh_token"].partition(".")[0]
    body = {"token": name, "token_type": "refresh", "user_id": "usr_1"}
    assert (await world.one.post("/internal/session/blacklist-token", headers=world.key, json=body)).status_code == 200
    for after, key in ((1, None), (3, None), (3, "k"), (80_000, "k")):
        world.moment.at = at + after * SECOND
        answer = await world.refresh(made["tokens"]["refresh_token"], key, path)
        assert outcome(world, answer, pair) == INVALID
    assert await world.status(made["session"]["id"]) == "active"


@pytest.mark.parametrize("path", ["refresh", "rotate-access"])
async def test_reuse_of_an_ancestor_ends_the_session_though_it_is_blacklisted_expired_or_gone(
    world: World, path: str
) -> None:
    config = {"access_expiry": "1m", "refresh_expiry": "1h"}
    assert (await world.one.put("/admin/tokens/config", headers=world.admin, json=config)).status_code == 200
    for case in ("blacklisted", "expired", "pruned"):
        made, pair, at = await rotated(world)
        ancestor, last = made["tokens"]["refresh_token"], pair["refresh_token"]
        if case == "blacklisted":
            body = {"token": ancestor.partition(".")[0], "token_type": "refresh", "user_id": "usr_1"}
            assert (
                await world.one.post("/internal/session/blacklist-token", headers=world.key, json=body)
            ).status_code == 200
        for step in range(40 if case == "pruned" else 1):
            world.moment.at = at + (step + 1) * 1000 * SECOND
            last = (await world.refresh(last)).json()["refresh_token"]
        kept = await world.database.rows(
            "issued_tokens", "acme", at, "usr_1", "refresh", None, None, None, 100, 0, 1000, None, None
        )
        assert len([row for row in kept if row["session_id"] == made["session"]["id"]]) <= 33
        world.moment.at = (world.moment.at or at) + 3599 * SECOND
        answer = await world.refresh(ancestor, path=path)
        assert answer.json()["code"] == REUSED, case
        assert (await world.refresh(last)).json()["code"] == INVALID
        assert await world.status(made["session"]["id"]) == "revoked"
        world.moment.at = None


async def test_no_text_but_the_one_that_was_issued_is_a_refresh_token(world: World) -> None:
    made = await world.begin()
    token = made["tokens"]["refresh_token"]
    name, session, mac, tenant = token.split(".")
    other = await world.begin()
    spelled = mac[:-1] + chr(ord(mac[-1]) + 1)
    for text in (
        f"{name}.{other['session']['id']}.{mac}.{tenant}",
        f"{name}.{session}.{spelled}.{tenant}",
        f"{name}.{session}.{'A' * 43}.{tenant}",
        f"{name}.{session}.{mac}.other",
        token + "=",
    ):
        for path in ("refresh", "rotate-access"):
            assert (await world.refresh(text, path=path)).json()["code"] == INVALID
    assert (await world.refresh(token)).status_code == 200


async def test_one_limit_for_both_operations_and_reuse_comes_before_it(world: World) -> None:
    made = await world.begin()
    begun = datetime.fromisoformat(made["session"]["created_at"])
    token, chain = made["tokens"]["refresh_token"], []
    for number in range(59):
        world.moment.at = begun + timedelta(milliseconds=100 * number)
        if number % 2:
            chain.append(token)
            token = (await world.refresh(token)).json()["refresh_token"]
        else:
            assert (await world.refresh(token, path="rotate-access")).status_code == 200
    for path in ("refresh", "rotate-access"):
        limited = await world.refresh(token, path=path)
        assert limited.status_code == 429
        assert 50 <= limited.json()["retry_after"] <= 60
    assert (await world.refresh(chain[0])).json()["code"] == REUSED


async def test_a_retried_login_speaks_of_the_login_as_it_was(world: World) -> None:
    body, headers = {"auth_user_id": "usr_1", "amr": ["pwd"]}, world.key | {"Idempotency-Key": "k"}
    first = (await world.one.post("/internal/session/create", headers=headers, json=body)).json()["data"]
    path = f"/internal/session/{first['session']['id']}/upgrade-mfa"
    assert (await world.one.post(path, headers=world.key, json={"amr": ["hwk", "pin"]})).status_code == 200
    again = (await world.one.post("/internal/session/create", headers=headers, json=body)).json()["data"]
    assert claim(again["tokens"]["access_token"], world).acr == "aal1"
    assert not await world.active(again["tokens"]["access_token"])
    public = await world.one.post("/sessions", headers=world.admin | {"Idempotency-Key": "k"}, json=body)
    assert public.json()["session"]["id"] != first["session"]["id"]


async def test_many_readings_at_once_are_one_statement_also_for_exchanged_tokens(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await world.begin()
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": made["tokens"]["access_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    told = (await world.one.post("/oauth2/token", headers=world.key, data=form)).json()
    failed: list[Exception] = []
    together = prepared.PreparedConnection.row_of_each

    sizes: list[int] = []

    async def row_of_each(self: Any, query: str, calls: Any) -> Any:
        sizes.append(len(calls))
        try:
            return await together(self, query, calls)
        except Exception as error:
            failed.append(error)
            raise

    monkeypatch.setattr(prepared.PreparedConnection, "row_of_each", row_of_each)
    tokens = [made["tokens"]["access_token"], told["access_token"], made["tokens"]["refresh_token"]] * 20
    asked = (world.one.post("/oauth2/introspect", headers=world.key, data={"token": token}) for token in tokens)
    assert {answer.json()["active"] for answer in await asyncio.gather(*asked)} == {True}
    assert all(isinstance(error, asyncpg.QueryCanceledError) for error in failed)  # on a slow machine
    assert max(sizes) > 5
