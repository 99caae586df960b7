"""The verifiers against a real service, and against one that goes away, begins anew and changes its keys."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import pytest
from tests.clients.cutting import cutting
from tests.served import Served

from autional_client import AsyncClient, AsyncVerifier, Client, Verdict, Verifier
from autional_client.schemas import CreateSessionData
from autional_client.verifier.knowledge import OnSilence

WITHIN = 1.0
"""Seconds within which a revocation is known."""
Judge = Callable[[str], Awaitable[Verdict]]


@pytest.fixture
def backend(service: Served, api_key: str) -> Iterator[Client]:
    with Client(service.address, api_key=api_key) as client:
        yield client


def begin(backend: Client, user: str = "usr_verified") -> CreateSessionData:
    return backend.internal_create_session(auth_user_id=user, amr=["pwd"]).data


def options(service: Served, api_key: str, on_silence: OnSilence = "refuse", **others: Any) -> dict[str, Any]:
    told = {"issuer": f"{service.address}/acme", "audience": "autional", "api_key": api_key, "silence": 10}
    return told | {"on_silence": on_silence} | others


@asynccontextmanager
async def judging(kind: str, told: dict[str, Any]) -> AsyncIterator[Judge]:
    """What a verifier of a kind says of a token."""
    if kind == "async":
        async with AsyncVerifier(**told) as one:
            yield one.verify
        return
    with Verifier(**told) as other:

        async def judge(token: str) -> Verdict:
            return await asyncio.to_thread(other.verify, token)

        yield judge


async def seconds_until(judge: Judge, token: str, reason: str, most: float = 20) -> float:
    """Until a token is judged so."""
    began = time.monotonic()
    while (verdict := await judge(token)).reason != reason:
        assert time.monotonic() - began < most, verdict.reason
        await asyncio.sleep(0.01)
    return time.monotonic() - began


kinds = pytest.mark.parametrize("kind", ["sync", "async"])


@kinds
async def test_a_token_is_valid_until_it_is_revoked(kind: str, service: Served, api_key: str, backend: Client) -> None:
    made, other = begin(backend), begin(backend)
    gone = begin(backend)
    backend.internal_revoke_session(gone.session.id)
    await asyncio.sleep(0.5)
    async with judging(kind, options(service, api_key)) as judge:
        assert (await judge(gone.tokens.access_token)).reason == "revoked", "before it began to listen"
        verdict = await judge(made.tokens.access_token)
        assert (verdict.reason, verdict.basis) == ("valid", "feed")
        assert verdict.claims is not None
        assert (verdict.claims.sub, verdict.claims.level) == ("usr_verified", 1)
        backend.internal_revoke_session(made.session.id)
        assert await seconds_until(judge, made.tokens.access_token, "revoked") < WITHIN
        assert (await judge(other.tokens.access_token)).valid


@kinds
async def test_every_way_to_end_a_token_is_known(kind: str, service: Served, api_key: str, backend: Client) -> None:
    administrator = service.autional("token", "mint", "--tenant", "acme", "--user", "ops", "--role", "admin")
    with Client(service.address, access_token=administrator) as admin:
        async with judging(kind, options(service, api_key)) as judge:
            made = [begin(backend, f"usr_{kind}_{number}") for number in range(5)]
            tokens = [one.tokens.access_token for one in made]
            upgraded = backend.internal_upgrade_session(made[0].session.id, amr=["otp"])
            assert await seconds_until(judge, tokens[0], "revoked") < WITHIN
            assert (await judge(upgraded.access_token)).valid
            admin.revoke_all_tokens(user_id=made[1].session.user_id, type="access")
            assert await seconds_until(judge, tokens[1], "revoked") < WITHIN
            pair = backend.refresh_session(refresh_token=made[1].tokens.refresh_token)
            assert (await judge(pair.access_token)).valid, "issued in the same second, and after"
            backend.internal_blacklist_token(token=tokens[2], token_type="access", user_id=made[2].session.user_id)
            assert await seconds_until(judge, tokens[2], "revoked") < WITHIN
            backend.internal_revoke_user_sessions(made[3].session.user_id)
            assert await seconds_until(judge, tokens[3], "revoked") < WITHIN
            admin.revoke_all_tokens(everybody=True, type="refresh")
            await asyncio.sleep(0.3)
            assert (await judge(tokens[4])).valid, "refresh tokens are no access tokens"
            admin.revoke_all_tokens(everybody=True, type="access")
            assert await seconds_until(judge, tokens[4], "revoked") < WITHIN
            assert (await judge(begin(backend).tokens.access_token)).valid


@kinds
async def test_a_service_that_cannot_be_reached_is_silence(
    kind: str, service: Served, api_key: str, backend: Client
) -> None:
    token = begin(backend).tokens.access_token
    nowhere = {"base_url": "http://127.0.0.1:1", "timeout": 0.5}
    for rule in ("refuse", "ask", "accept"):
        async with judging(kind, options(service, api_key, rule, **nowhere)) as judge:
            assert (await judge(token)).reason == "status_unknown", "nobody without keys"


@kinds
async def test_a_cut_stream_goes_on_where_it_was(kind: str, service: Served, api_key: str, backend: Client) -> None:
    async with (
        cutting(service.address, iter(())) as proxy,
        judging(kind, options(service, api_key, base_url=proxy.address)) as judge,
    ):
        before, after = begin(backend), begin(backend)
        assert (await judge(before.tokens.access_token)).valid
        proxy.is_down = True
        proxy.abort()
        backend.internal_revoke_session(before.session.id)
        await asyncio.sleep(1)
        assert (await judge(before.tokens.access_token)).valid, "not heard yet, and not for long"
        proxy.is_down = False
        assert await seconds_until(judge, before.tokens.access_token, "revoked") < 3
        backend.internal_revoke_session(after.session.id)
        assert await seconds_until(judge, after.tokens.access_token, "revoked") < WITHIN


@kinds
async def test_a_log_that_was_pruned_is_read_anew(kind: str, service: Served, api_key: str, backend: Client) -> None:
    async with (
        cutting(service.address, iter(())) as proxy,
        judging(kind, options(service, api_key, base_url=proxy.address)) as judge,
    ):
        made = begin(backend)
        assert (await judge(made.tokens.access_token)).valid
        proxy.is_down = True
        proxy.abort()
        backend.internal_revoke_session(made.session.id)
        await asyncio.sleep(0.5)
        connection = await asyncpg.connect(service.database_url)
        await connection.execute("update revocation_heads set pruned_to = position")
        await connection.close()
        proxy.is_down = False
        assert await seconds_until(judge, made.tokens.access_token, "revoked") < 3
        assert any("snapshot" in line for line in proxy.requests[-4:])


@kinds
async def test_silence_is_judged_as_chosen(kind: str, service: Served, api_key: str, backend: Client) -> None:
    rules: tuple[OnSilence, ...] = ("refuse", "ask", "accept")
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(cutting(service.address, iter(())))
        told = [options(service, api_key, rule, base_url=proxy.address) for rule in rules]
        judges = [await stack.enter_async_context(judging(kind, one)) for one in told]

        async def reasons() -> list[str]:
            return [(await judge(made.tokens.access_token)).reason for judge in judges]

        made = begin(backend)
        assert await reasons() == ["valid"] * 3
        proxy.hides = "/internal/session/revocations"
        proxy.abort()
        await asyncio.sleep(10.2)
        assert await reasons() == ["status_unknown", "valid", "valid"]
        backend.internal_revoke_session(made.session.id)
        assert await reasons() == ["status_unknown", "revoked", "valid"]
        proxy.hides = None
        for judge in judges:
            assert await seconds_until(judge, made.tokens.access_token, "revoked") < 5


async def test_keys_rotate_without_a_token_refused(service: Served, api_key: str, backend: Client) -> None:
    told = options(service, api_key)
    async with judging("sync", told) as one, judging("async", told) as other:
        made = later = begin(backend)
        assert all([(await judge(made.tokens.access_token)).valid for judge in (one, other)])
        service.autional("keys", "rotate", "--at-once")
        async with asyncio.timeout(30):
            while head_of(later) == head_of(made):
                await asyncio.sleep(0.3)
                later = begin(backend)
        for judge in (one, other):
            assert (await judge(later.tokens.access_token)).valid, "signed by a key that was not there a moment ago"
            assert (await judge(made.tokens.access_token)).valid


def head_of(made: CreateSessionData) -> str:
    return made.tokens.access_token.partition(".")[0]


async def test_a_fork_listens_for_itself(service: Served, api_key: str, backend: Client) -> None:
    made = begin(backend)
    with Verifier(**options(service, api_key)) as verifier:
        assert verifier.verify(made.tokens.access_token).valid
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover
            said = verifier.verify(made.tokens.access_token)
            os.write(writing, f"{said.reason} {said.basis}".encode())
            os._exit(0)
        os.waitpid(child, 0)
        assert os.read(reading, 100) == b"valid feed"


async def test_clients_and_verifiers_show_no_key(service: Served, api_key: str) -> None:
    with Verifier(**options(service, api_key)) as one:
        async with (
            AsyncVerifier(**options(service, api_key)) as other,
            AsyncClient(service.address, api_key=api_key) as client,
        ):
            assert api_key not in repr(one) + repr(other) + repr(client)
            async with asyncio.timeout(20):  # what is closed while it connects leaves its socket to the collector
                while not (one.knowledge.is_current and other.knowledge.is_current):
                    await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "wrong",
    [
        {"silence": 9},
        {"on_silence": "hope"},
        {"audience": []},
        {"audience": ""},
        {"issuer": "acme"},
        {"issuer": "http://sessions.example/acme"},
        {"leeway": 61},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any], service: Served, api_key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Verifier(**options(service, api_key) | wrong)
