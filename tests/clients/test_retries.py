"""Retries leave one effect, whatever was cut, and happen only where that is sure."""

import asyncio
import itertools
import os
import random
from collections.abc import Iterator

import pytest
from tests.clients.cutting import Cut, cutting
from tests.served import Served

from autional_client import AsyncClient, Client, NoAnswerError, Options, ServiceError
from autional_client.calls import NO_OPTIONS, Call, config_of, pause_before_retry, sendable
from autional_client.errors import Problem, ProblemError

CUTS = int(os.environ.get("CUTS", "250"))
CALLERS = 32
_BREAKS: list[Cut] = ["before", "unanswered", "torn"]


def breaking() -> Iterator[Cut]:
    """More cuts than whole answers, until enough were cut."""
    chosen = random.Random(21)
    kinds: list[Cut] = ["none", *_BREAKS]
    given = 0
    while given < CUTS:
        kind = chosen.choice(kinds)
        given += kind != "none"
        yield kind


async def test_a_thousand_cut_connections_leave_one_effect_each(service: Served, api_key: str) -> None:
    users = iter(range(10_000))
    begun: dict[str, str] = {}
    refreshed: list[str] = []

    async def work(client: AsyncClient) -> None:
        while cutter.cut < CUTS:
            user = f"usr_cut_{next(users)}"
            made = await client.internal_create_session(auth_user_id=user, amr=["pwd"])
            begun[user] = made.data.session.id
            pair = await client.refresh_session(refresh_token=made.data.tokens.refresh_token)
            refreshed.append(pair.refresh_token)

    async with cutting(service.address, breaking()) as cutter:
        client = AsyncClient(cutter.address, api_key=api_key, max_retries=20)
        await asyncio.gather(*(work(client) for _ in range(CALLERS)))
        await client.close()
    assert cutter.cut >= CUTS
    async with AsyncClient(service.address, api_key=api_key) as direct:
        for user, session_id in begun.items():
            listed = await direct.internal_list_user_sessions(user)
            assert [session.id for session in listed.items] == [session_id]
        for token in refreshed:  # the pair that the client holds is the latest: nobody took it for stolen
            assert (await direct.oauth_introspect(token=token)).active


def test_what_may_have_happened_is_not_repeated(service: Served, api_key: str) -> None:
    async def attempt(cuts: list[Cut]) -> int:
        async with cutting(service.address, iter(cuts)) as cutter:
            async with AsyncClient(cutter.address, api_key=api_key) as client:
                with pytest.raises(NoAnswerError):
                    await client.internal_record_session_use("sess_unknown")
            return cutter.cut

    assert asyncio.run(attempt(["unanswered", "unanswered"])) == 1


async def test_a_service_that_is_not_there_is_asked_until_retries_are_used_up() -> None:
    with Client("http://127.0.0.1:1", api_key="key_1.x", max_retries=2) as client, pytest.raises(NoAnswerError):
        client.internal_record_session_use("sess_unknown")


CONFIG = config_of("https://sessions.example", "key", None, None, 10, 3)
CREATE = Call[None]("POST", "/x", type(None), takes_key=True)
POST = Call[None]("POST", "/x", type(None))
GET = Call[None]("GET", "/x", type(None), is_repeatable=True)


def refusal(status: int, retry_after: float | None = None) -> ProblemError:
    return ServiceError(status, Problem(), retry_after)


@pytest.mark.parametrize(
    ("call", "attempt", "problem", "was_sent", "retries"),
    [
        (GET, 0, refusal(503), True, True),
        (GET, 2, refusal(503), True, True),
        (GET, 3, refusal(503), True, False),
        (GET, 0, refusal(404), True, False),
        (GET, 0, None, True, True),
        (CREATE, 0, refusal(503), True, True),
        (CREATE, 0, None, True, True),
        (CREATE, 0, refusal(409), True, False),
        (POST, 0, refusal(503), True, False),
        (POST, 0, refusal(429), True, True),
        (POST, 0, None, False, True),
        (POST, 0, None, True, False),
        (GET, 0, refusal(503, 31), True, False),
    ],
)
def test_when_to_ask_again(
    call: Call[None], attempt: int, problem: ProblemError | None, was_sent: bool, retries: bool
) -> None:
    pause = pause_before_retry(sendable(CONFIG, call, NO_OPTIONS), attempt, problem, was_sent=was_sent)
    assert (pause is not None) == retries


def test_retry_after_is_kept_and_pauses_grow() -> None:
    sent = sendable(CONFIG, GET, Options(max_retries=20))
    asked = pause_before_retry(sent, 0, refusal(429, 7), was_sent=True)
    assert asked == 7
    pauses = [pause_before_retry(sent, attempt, None, was_sent=True) or 0 for attempt in range(12)]
    assert pauses[0] <= 0.25
    assert 4 <= pauses[-1] <= 8
    assert all(other > one for one, other in itertools.pairwise(pauses[:5]))


def test_attempts_are_the_same_but_calls_are_not() -> None:
    keys = [sendable(CONFIG, CREATE, NO_OPTIONS).headers["Idempotency-Key"] for _ in range(2)]
    assert keys[0] != keys[1]
    assert "Idempotency-Key" not in sendable(CONFIG, POST, NO_OPTIONS).headers
