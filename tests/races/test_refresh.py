"""Refreshing at once from everywhere: a chain never forks, a stolen token ends its session."""

import asyncio
import os
from collections import Counter
from datetime import datetime, timedelta

import asyncpg
import pytest

from autional.core import problems
from autional.core.authority import operator_authority, whole_tenant
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.sessions import refresh, statistics
from autional.sessions.creation import create_session
from autional.sessions.lifecycle import revoke_session
from autional.sessions.listing import find_session
from autional.sessions.model import Created, Login
from autional.sessions.refresh import RefreshRequest, refresh_session
from autional.tokens import refresh_tokens
from autional.tokens.jwt import Issuer
from autional.tokens.model import TokenPair

TOKENS = int(os.environ.get("RACED_TOKENS", "30"))
AT_ONCE = 50
SECOND = timedelta(seconds=1)
RULES = 10 * SECOND
STRICT = timedelta()


@pytest.fixture
async def created(database: Database, issuer: Issuer, tenant: str, now: datetime) -> Created:
    return await create_session(database, issuer, operator_authority(tenant), Login("usr_1", amr=["pwd", "otp"]), now)


async def outcome_of_refresh(
    database: Database, issuer: Issuer, text: str, now: datetime, rules: timedelta = RULES
) -> TokenPair | str:
    try:
        return await refresh_session(database, issuer, RefreshRequest(refresh_tokens.read(issuer, text), rules, now))
    except Problem as problem:
        return problem.kind.slug


async def live_leaves(url: str) -> Counter[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("select session_id from autional.token_pairs where consumed_at is null")
    await connection.close()
    return Counter(row["session_id"] for row in rows)


async def test_fifty_at_once_on_two_nodes_get_one_successor(
    nodes: tuple[Database, Database], issuer: Issuer, tenant: str, now: datetime, url: str
) -> None:
    for number in range(TOKENS):
        made = await create_session(nodes[0], issuer, operator_authority(tenant), Login(f"usr_{number}"), now)
        crowd = (
            outcome_of_refresh(nodes[n % 2], issuer, made.tokens.refresh_token, now + SECOND) for n in range(AT_ONCE)
        )
        answers = await asyncio.gather(*crowd)
        assert {type(answer) for answer in answers} == {TokenPair}
        assert len({answer.refresh_token for answer in answers if isinstance(answer, TokenPair)}) == 1
    assert set((await live_leaves(url)).values()) == {1}


async def test_without_a_grace_one_of_fifty_wins_and_the_session_ends(
    nodes: tuple[Database, Database], issuer: Issuer, created: Created, now: datetime
) -> None:
    text = created.tokens.refresh_token
    crowd = (outcome_of_refresh(nodes[n % 2], issuer, text, now + SECOND, STRICT) for n in range(AT_ONCE))
    answers = await asyncio.gather(*crowd)
    assert Counter(type(answer) if isinstance(answer, TokenPair) else answer for answer in answers) == {
        TokenPair: 1,
        "refresh-token-reused": 1,
        "invalid-refresh-token": AT_ONCE - 2,
    }


async def test_reuse_of_any_ancestor_ends_the_session_with_one_entry(
    database: Database, issuer: Issuer, tenant: str, now: datetime, url: str
) -> None:
    for ancestor in range(3):
        made = await create_session(database, issuer, operator_authority(tenant), Login("usr_1"), now)
        chain = [made.tokens.refresh_token]
        for step in range(1, 4):
            pair = await outcome_of_refresh(database, issuer, chain[-1], now + step * SECOND)
            assert isinstance(pair, TokenPair)
            chain.append(pair.refresh_token)
        late = now + 60 * SECOND
        assert await outcome_of_refresh(database, issuer, chain[ancestor], late) == "refresh-token-reused"
        assert [await outcome_of_refresh(database, issuer, text, late) for text in chain] == [
            "invalid-refresh-token"
        ] * 4
        found = await find_session(database, whole_tenant(tenant), made.session.session_id, late)
        assert (found.status, found.revoke_reason) == ("revoked", "refresh_token_reuse")
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select count(*) from autional.revocations") == 3
    await connection.close()
    assert (await statistics.read(database, tenant, now + 60 * SECOND)).revoked == 3


async def test_a_retry_under_its_idempotency_key_has_one_effect_for_a_day(
    database: Database, issuer: Issuer, created: Created, now: datetime
) -> None:
    presented = refresh_tokens.read(issuer, created.tokens.refresh_token)

    async def retried(moment: datetime, key: str | None) -> str:
        pair = await refresh_session(database, issuer, RefreshRequest(presented, STRICT, moment, None, key))
        return pair.refresh_token

    texts = {await retried(now + later, "k1") for later in (SECOND, 2 * SECOND, 300 * SECOND)}
    assert len(texts) == 1
    with pytest.raises(Problem) as refused:
        await retried(now + 301 * SECOND, "k2")
    assert refused.value.kind is problems.REFRESH_TOKEN_REUSED


async def test_a_retry_after_the_successor_was_used_is_a_reuse(
    database: Database, issuer: Issuer, created: Created, now: datetime
) -> None:
    first = refresh_tokens.read(issuer, created.tokens.refresh_token)
    pair = await refresh_session(database, issuer, RefreshRequest(first, STRICT, now + SECOND, None, "k1"))
    assert isinstance(
        await outcome_of_refresh(database, issuer, pair.refresh_token, now + 2 * SECOND, STRICT), TokenPair
    )
    with pytest.raises(Problem) as refused:
        await refresh_session(database, issuer, RefreshRequest(first, STRICT, now + 3 * SECOND, None, "k1"))
    assert refused.value.kind is problems.REFRESH_TOKEN_REUSED


async def test_a_repeat_of_an_ancestor_within_the_grace_is_a_reuse_too(
    database: Database, issuer: Issuer, created: Created, now: datetime
) -> None:
    first = created.tokens.refresh_token
    second = await outcome_of_refresh(database, issuer, first, now + SECOND)
    assert isinstance(second, TokenPair)
    assert isinstance(await outcome_of_refresh(database, issuer, second.refresh_token, now + 2 * SECOND), TokenPair)
    assert await outcome_of_refresh(database, issuer, first, now + 3 * SECOND) == "refresh-token-reused"


async def test_the_grace_ends_at_its_very_instant(
    database: Database, issuer: Issuer, created: Created, now: datetime
) -> None:
    first = created.tokens.refresh_token
    second = await outcome_of_refresh(database, issuer, first, now)
    last = await outcome_of_refresh(database, issuer, first, now + 10 * SECOND - SECOND / 1000)
    assert isinstance(second, TokenPair)
    assert isinstance(last, TokenPair)
    assert last.refresh_token == second.refresh_token
    assert await outcome_of_refresh(database, issuer, first, now + 10 * SECOND) == "refresh-token-reused"


async def test_a_refresh_never_outlives_the_deadline_and_is_activity(
    database: Database, issuer: Issuer, tenant: str, created: Created, now: datetime
) -> None:
    text, moment = created.tokens.refresh_token, now
    while moment < created.session.expires_at - timedelta(minutes=50):
        moment += timedelta(minutes=50)
        pair = await outcome_of_refresh(database, issuer, text, moment)
        assert isinstance(pair, TokenPair)
        text = pair.refresh_token
        assert moment + timedelta(seconds=pair.expires_in) <= created.session.expires_at
    found = await find_session(database, whole_tenant(tenant), created.session.session_id, moment)
    assert (found.last_active_at, found.idle_expires_at) == (moment, created.session.expires_at)
    assert await outcome_of_refresh(database, issuer, text, created.session.expires_at) == "invalid-refresh-token"


async def test_a_refresh_in_flight_never_revives_a_revoked_session(
    database: Database, issuer: Issuer, tenant: str, now: datetime
) -> None:
    for number in range(20):
        made = await create_session(database, issuer, operator_authority(tenant), Login(f"usr_{number}"), now)
        name, text = made.session.session_id, made.tokens.refresh_token
        answers = await asyncio.gather(
            *(outcome_of_refresh(database, issuer, text, now + SECOND) for _ in range(4)),
            revoke_session(database, whole_tenant(tenant), name, "logout", now + SECOND),
            *(outcome_of_refresh(database, issuer, text, now + SECOND) for _ in range(4)),
        )
        for answer in [answer for answer in answers if isinstance(answer, TokenPair)][:1]:
            assert (
                await outcome_of_refresh(database, issuer, answer.refresh_token, now + 2 * SECOND)
                == "invalid-refresh-token"
            )
        assert (await find_session(database, whole_tenant(tenant), name, now + SECOND)).status == "revoked"


async def test_too_many_refreshes_are_told_when_to_come_back(
    database: Database, issuer: Issuer, created: Created, now: datetime
) -> None:
    text = created.tokens.refresh_token
    for _ in range(refresh.REFRESHES_PER_MINUTE - 1):
        pair = await outcome_of_refresh(database, issuer, text, now + SECOND)
        assert isinstance(pair, TokenPair)
        text = pair.refresh_token
    with pytest.raises(Problem) as raised:
        await refresh_session(
            database, issuer, RefreshRequest(refresh_tokens.read(issuer, text), RULES, now + 2 * SECOND)
        )
    assert (raised.value.kind, raised.value.retry_after) == (problems.TOO_MANY_REFRESHES, 59)
    assert isinstance(await outcome_of_refresh(database, issuer, text, now + 61 * SECOND), TokenPair)
