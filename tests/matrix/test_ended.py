"""What was ended stays ended: way to end × place that checks × time, around every deadline, while pruning."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.matrix.conftest import World, claim, ends

from autional.runtime import maintenance

MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
}
Made = dict[str, Any]


async def pruned(world: World, at: datetime) -> None:
    await maintenance.prune(world.database, "prune_blacklist", at)
    await maintenance.prune(world.database, "prune_access_tokens", at)
    await maintenance.prune_ended_tokens(world.database, at)
    await world.database.row("sweep_expired", "acme", at, 500)


async def blacklist(world: World, made: Made) -> None:
    body = {"token": made["tokens"]["access_token"], "token_type": "access", "user_id": "usr_1"}
    assert (await world.one.post("/internal/session/blacklist-token", headers=world.key, json=body)).status_code == 200


async def blacklist_by_id(world: World, made: Made) -> None:
    name = claim(made["tokens"]["access_token"], world).jti
    body = {"token": name, "token_type": "access", "user_id": "usr_1"}
    assert (await world.one.post("/internal/session/blacklist-token", headers=world.key, json=body)).status_code == 200


async def revoke_by_client(world: World, made: Made) -> None:
    form = {"token": made["tokens"]["access_token"]}
    assert (await world.one.post("/oauth2/revoke", headers=world.key, data=form)).status_code == 200


async def revoke_refresh_token(world: World, made: Made) -> None:
    form = {"token": made["tokens"]["refresh_token"]}
    assert (await world.one.post("/oauth2/revoke", headers=world.key, data=form)).status_code == 200


async def revoke_all(world: World, made: Made, **which: str) -> None:
    answer = await world.one.post("/admin/tokens/revoke-all", headers=world.admin, json={"user_id": "usr_1"} | which)
    assert answer.status_code == 200


async def revoke_access(world: World, made: Made) -> None:
    await revoke_all(world, made, type="access")


async def revoke_session(world: World, made: Made) -> None:
    path = f"/internal/session/session/{made['session']['id']}"
    assert (await world.one.delete(path, headers=world.key)).status_code == 204


async def erase(world: World, made: Made) -> None:
    body = {"user_id": "usr_1"}
    assert (await world.one.post("/admin/users/erase", headers=world.admin, json=body)).status_code == 200


async def raise_level(world: World, made: Made) -> None:
    path = f"/internal/session/{made['session']['id']}/upgrade-mfa"
    assert (await world.one.post(path, headers=world.key, json={"amr": ["pwd", "otp"]})).status_code == 200


WAYS: tuple[Callable[[World, Made], Awaitable[None]], ...] = (
    blacklist,
    blacklist_by_id,
    revoke_by_client,
    revoke_refresh_token,
    revoke_all,
    revoke_access,
    revoke_session,
    erase,
    raise_level,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("leeway", ["0s", "5s", "1m"])
async def test_an_ended_token_is_over_at_every_instant_and_so_is_what_was_exchanged_from_it(
    world: World, way: Callable[[World, Made], Awaitable[None]], leeway: str
) -> None:
    config = {"access_expiry": "3s", "refresh_expiry": "1h", "leeway": leeway}
    assert (await world.one.put("/admin/tokens/config", headers=world.admin, json=config)).status_code == 200
    made = await world.begin()
    token = made["tokens"]["access_token"]
    chain = [token]
    for _ in range(3):
        form = EXCHANGE | {"subject_token": chain[-1]}
        chain.append((await world.one.post("/oauth2/token", headers=world.key, data=form)).json()["access_token"])
    assert [await world.active(each) for each in chain] == [True] * 4
    await way(world, made)
    end, slack = ends(token, world), timedelta(seconds={"0s": 0, "5s": 5, "1m": 60}[leeway])
    moments = [end - MILLISECOND, end, end + slack - MILLISECOND, end + slack, end + 65 * SECOND, end + 70 * SECOND]
    for moment in (None, *moments):
        world.moment.at = moment
        if moment is not None:
            await pruned(world, moment)
        assert [await world.active(each) for each in chain] == [False] * 4, (moment, end)
        listed = await world.one.get("/admin/tokens?type=access&status=active&user_id=usr_1", headers=world.admin)
        assert not {claim(each, world).jti for each in chain} & {item["id"] for item in listed.json()["items"]}
        answer = await world.one.post("/oauth2/token", headers=world.key, data=EXCHANGE | {"subject_token": token})
        assert answer.status_code == 400


@pytest.mark.parametrize("leeway", [0, 5, 60])
async def test_a_token_is_good_to_the_last_instant_of_its_leeway_and_an_exchange_knows_none(
    world: World, leeway: int
) -> None:
    config = {"access_expiry": "3s", "refresh_expiry": "1h", "leeway": f"{leeway}s"}
    assert (await world.one.put("/admin/tokens/config", headers=world.admin, json=config)).status_code == 200
    token = (await world.begin())["tokens"]["access_token"]
    end, slack = ends(token, world), leeway * SECOND
    for moment, good in ((end + slack - MILLISECOND, True), (end + slack, False)):
        await pruned(world, moment)
        world.moment.at = moment
        assert await world.active(token) is good
    for moment in (end - SECOND, end - MILLISECOND, end, end + slack - MILLISECOND):
        world.moment.at = moment
        answer = await world.one.post("/oauth2/token", headers=world.key, data=EXCHANGE | {"subject_token": token})
        assert answer.status_code == (200 if moment < end else 400), moment - end
        assert moment >= end or answer.json()["expires_in"] == 1


@pytest.mark.parametrize("deadline", ["expires_at", "idle_expires_at"])
async def test_a_deadline_ends_a_session_in_the_very_instant_everywhere(world: World, deadline: str) -> None:
    made = await world.begin(amr=["pwd", "otp"])
    end = datetime.fromisoformat(made["session"][deadline])
    if deadline == "expires_at":
        for hour in range(1, 47):  # stays active to the absolute end
            world.moment.at = datetime.fromisoformat(made["session"]["created_at"]) + hour * timedelta(minutes=31)
            path = f"/internal/session/{made['session']['id']}/activity"
            assert (await world.one.post(path, headers=world.key, json={})).status_code == 200
    tokens = made["tokens"]
    for moment, good in ((end - SECOND, True), (end, False), (end + SECOND, False)):
        world.moment.at = moment
        assert await world.status(made["session"]["id"]) == ("active" if good else "expired")
        answer = await world.refresh(tokens["refresh_token"], path="rotate-access")
        assert answer.status_code == (200 if good else 401)
        if good:
            assert answer.json()["expires_in"] == 1
            access = answer.json()["access_token"]
        else:
            assert await world.active(access) is False
            assert (await world.refresh(tokens["refresh_token"])).status_code == 401
        stats = (await world.other.get("/admin/sessions/stats", headers=world.admin)).json()
        assert (stats["active_sessions"], stats["expired_sessions"]) == ((1, 0) if good else (0, 1))
        if not good:
            await world.database.row("sweep_expired", "acme", moment, 500)


async def test_an_operators_token_ends_by_id_for_good_and_an_unknown_id_is_told(world: World) -> None:
    mine = await world.people.bearer("security_admin")
    token = mine["Authorization"][7:]
    form = EXCHANGE | {"subject_token": token}
    exchanged = (await world.one.post("/oauth2/token", headers=world.key, data=form)).json()["access_token"]
    body = {"token": claim(token, world).jti, "token_type": "access", "user_id": "the_security_admin"}
    assert await world.active(token)
    unknown = body | {"token": "tok_0000000000000000000000000A"}
    assert (
        await world.one.post("/internal/session/blacklist-token", headers=world.key, json=unknown)
    ).status_code == 404
    assert (await world.one.post("/internal/session/blacklist-token", headers=world.key, json=body)).status_code == 200
    end = ends(token, world)
    for moment in (None, end, end + 4 * SECOND, end + 66 * SECOND):
        world.moment.at = moment
        await pruned(world, moment or datetime.fromisoformat("2026-01-01T00:00:00Z"))
        assert not await world.active(token)
        assert not await world.active(exchanged)


async def test_a_retried_login_gets_the_first_tokens_and_each_caller_its_own(world: World) -> None:
    body, key = {"auth_user_id": "usr_1"}, {"Idempotency-Key": "k"}
    path = "/internal/session/create"
    first = (await world.one.post(path, headers=world.key | key, json=body)).json()["data"]
    again = (await world.other.post(path, headers=world.key | key, json=body)).json()["data"]
    assert again["tokens"]["refresh_token"] == first["tokens"]["refresh_token"]
    assert claim(again["tokens"]["access_token"], world) == claim(first["tokens"]["access_token"], world)
    another = await world.people.api_key()
    theirs = (await world.one.post(path, headers=another | key, json=body)).json()["data"]
    assert theirs["session"]["id"] != first["session"]["id"]
    await blacklist_by_id(world, first)
    again = (await world.other.post(path, headers=world.key | key, json=body)).json()["data"]
    assert not await world.active(again["tokens"]["access_token"])
