"""Two real nodes at once, one two seconds off: races, a node that is stopped and goes on, one that is killed."""

import asyncio
import os
import signal

import httpx
import pytest

from tests.callers import Answers, calling, verify
from tests.nodes.conftest import Pair

STOPPED_SECONDS = float(os.environ.get("STOPPED_SECONDS", "10"))
ROUNDS = int(os.environ.get("NODE_ROUNDS", "2"))


def clients(pair: Pair) -> list[httpx.AsyncClient]:
    return [
        httpx.AsyncClient(base_url=address, headers=pair.key, trust_env=False, timeout=30)
        for address in pair.addresses()
    ]


async def begin(http: httpx.AsyncClient, user_id: str = "u") -> dict[str, dict[str, str]]:
    answer = await http.post("/internal/session/create", json={"auth_user_id": user_id})
    made: dict[str, dict[str, str]] = answer.json()["data"]
    return made


async def is_active(http: httpx.AsyncClient, token: str) -> bool:
    """What a node says of a token; one that was stopped may ask for a moment first."""
    async with asyncio.timeout(30):
        while (answer := await http.post("/oauth2/introspect", data={"token": token})).status_code == 503:
            await asyncio.sleep(0.02)
    assert answer.status_code == 200
    return bool(answer.json()["active"])


async def end_by_job(http: httpx.AsyncClient, user_id: str) -> str:
    """Start a job that ends the sessions of a user; returns its id."""
    sessions = {"filter": {"user_id": user_id}, "reason": "stopped"}
    shown = await http.post("/admin/sessions/revoke", json=sessions | {"dry_run": True})
    token = shown.json()["preview"]["dry_run_token"]
    started = await http.post("/admin/sessions/revoke", json=sessions | {"dry_run_token": token})
    job: str = started.json()["job"]["id"]
    return job


async def test_fifty_at_once_on_two_nodes(pair: Pair) -> None:
    """Of fifty refreshes of one token all get the same successor; of fifty logins under a limit three are left."""
    one, other = clients(pair)
    async with one, other:
        for _ in range(ROUNDS):
            token = (await begin(one))["tokens"]["refresh_token"]
            asked = [node.post("/sessions/refresh", json={"refresh_token": token}) for node in [one, other] * 25]
            answers = await asyncio.gather(*asked)
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.json()["refresh_token"] for answer in answers}) == 1
        assert (await one.put("/admin/sessions/limits", json={"max_sessions": 3})).status_code == 200
        await asyncio.gather(*(begin(node, "v") for node in [one, other] * 25))
        listed = await other.get("/admin/sessions", params={"user_id": "v"})
        assert listed.json()["total"] == 3


@pytest.mark.parametrize("pair", [2], indirect=True)
async def test_a_node_that_was_stopped_knows_at_once_what_happened_meanwhile(pair: Pair) -> None:
    """While it stands still sessions end, jobs are done and the log goes on; it finds its place again by itself."""
    one, other = clients(pair)
    answers = Answers(unanswered=3)  # begun here
    assert pair.other.process
    async with one, other, calling(lambda: [pair.one.address], pair.key, answers):
        tokens = [(await begin(other, user))["tokens"]["access_token"] for user in ("by_job", "by_user", "stays")]
        assert [await is_active(other, token) for token in tokens] == [True] * 3
        pair.other.process.send_signal(signal.SIGSTOP)
        try:
            waiting = asyncio.gather(*(is_active(other, token) for token in tokens))
            job = await end_by_job(one, "by_job")
            assert (await one.post("/admin/tokens/revoke-all", json={"user_id": "by_user"})).status_code == 200
            await asyncio.sleep(STOPPED_SECONDS)
            assert (await one.get(f"/admin/jobs/{job}")).json()["state"] == "done"
            assert (await one.get("/admin/revocations/lag")).json()["unplaced_ms"] < 6000
        finally:
            pair.other.process.send_signal(signal.SIGCONT)
        assert await waiting == [False, False, True]
        async with calling(lambda: [pair.other.address], pair.key, answers):
            await asyncio.sleep(1)
    await verify(answers, pair.other.address, pair.key)


@pytest.mark.parametrize("pair", [2], indirect=True)
async def test_a_node_that_is_killed_takes_nothing_with_it(pair: Pair) -> None:
    answers = Answers()
    for _ in range(ROUNDS):
        async with calling(pair.addresses, pair.key, answers):
            await asyncio.sleep(1)
            pair.other.kill()
            await asyncio.sleep(0.5)
            pair.other.start()
            await asyncio.sleep(0.5)
    await verify(answers, pair.one.address, pair.key)
