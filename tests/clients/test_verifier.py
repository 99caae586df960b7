"""The verifier against a real service."""

import time
from collections.abc import Iterator

import pytest
from tests.served import Served

from autional_client import Client
from autional_client.schemas import CreateSessionData
from autional_client.verifier.verifier import Verifier


@pytest.fixture
def backend(service: Served, api_key: str) -> Iterator[Client]:
    with Client(service.address, api_key=api_key) as client:
        yield client


@pytest.fixture
def verifier(service: Served, api_key: str) -> Iterator[Verifier]:
    with Verifier(
        issuer=f"{service.address}/acme", audience="autional", api_key=api_key, on_silence="refuse", silence=10
    ) as made:
        yield made


def begin(backend: Client, user: str = "usr_verified") -> CreateSessionData:
    return backend.internal_create_session(auth_user_id=user, amr=["pwd", "otp"]).data


def seconds_until_refused(verifier: Verifier, token: str, reason: str = "revoked") -> float:
    began = time.monotonic()
    while (verdict := verifier.verify(token)).valid:
        assert time.monotonic() - began < 10
        time.sleep(0.01)
    assert verdict.reason == reason
    return time.monotonic() - began


def test_a_token_is_valid_until_its_session_ends(verifier: Verifier, backend: Client) -> None:
    made = begin(backend)
    verdict = verifier.verify(made.tokens.access_token)
    assert (verdict.reason, verdict.basis) == ("valid", "feed")
    assert verdict.claims is not None
    assert (verdict.claims.sub, verdict.claims.level, verdict.claims.session_id) == ("usr_verified", 2, made.session.id)
    backend.internal_revoke_session(made.session.id)
    assert seconds_until_refused(verifier, made.tokens.access_token) < 1


def test_what_was_revoked_before_it_began_is_known(service: Served, api_key: str, backend: Client) -> None:
    gone, stays = begin(backend), begin(backend)
    backend.internal_revoke_session(gone.session.id)
    time.sleep(0.5)
    with Verifier(
        issuer=f"{service.address}/acme", audience="autional", api_key=api_key, on_silence="accept", silence=10
    ) as verifier:
        assert verifier.verify(gone.tokens.access_token).reason == "revoked"
        assert verifier.verify(stays.tokens.access_token).valid
