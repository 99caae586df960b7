"""Status lists: of our service through the verifier, and of any issuer by themselves."""

import time
import zlib
from typing import Any

import pytest
from tests.clients import issuing
from tests.clients.test_verifier import judging, options, seconds_until
from tests.served import Served

from autional_client import Client, Verifier
from autional_client.status_lists import (
    INVALID,
    STATUS_LIST,
    SUSPENDED,
    VALID,
    StatusCache,
    StatusList,
    StatusListError,
    reference_of,
    status_list_of,
)
from autional_client.verifier.signatures import KeySet

KEY = issuing.key("k1")
KEYS = KeySet(issuing.jwks(KEY), STATUS_LIST)
URI = "https://idp.example/lists/1"


def list_token(statuses: bytes = b"\xb9\xa3", bits: int = 1, typ: str = "statuslist+jwt", **changed: Any) -> str:
    packed = {"bits": bits, "lst": issuing.base64url(zlib.compress(statuses))}
    said = {"sub": URI, "iat": 1770000000, "status_list": packed} | changed
    return issuing.signed(KEY, said, typ=typ)


def test_the_examples_of_the_draft_are_read() -> None:
    one = status_list_of(list_token(), URI, KEYS, 1770000000)
    assert [one.at(index) for index in range(16)] == [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    two = status_list_of(list_token(b"\xc9\x44\xf9", bits=2), URI, KEYS, 1770000000)
    assert [two.at(index) for index in range(12)] == [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    with pytest.raises(StatusListError):
        one.at(16)
    assert (VALID, INVALID, SUSPENDED) == (0, 1, 2)


@pytest.mark.parametrize(
    "token",
    [
        lambda: list_token(sub="https://idp.example/lists/2"),
        lambda: list_token(exp=1770000000),
        lambda: list_token(typ="at+jwt"),
        lambda: list_token(bits=3),
        lambda: list_token(ttl=0),
        lambda: list_token(status_list={"bits": 1, "lst": "AAAA"}),
        lambda: list_token(status_list={"bits": 1, "lst": issuing.base64url(zlib.compress(b"x" * 9)[:-5])}),
        lambda: list_token(b"\0" * (17 << 20)),
        lambda: list_token()[:-4] + "AAAA",
        lambda: "nonsense",
    ],
)
def test_what_is_none_is_refused(token: Any) -> None:
    with pytest.raises(StatusListError):
        status_list_of(token(), URI, KEYS, 1770000000)


def test_a_reference_is_read_or_is_none() -> None:
    assert reference_of({"status_list": {"idx": 3, "uri": URI}}) == (URI, 3)
    for wrong in (None, {}, {"status_list": None}, {"status_list": {"idx": -1, "uri": URI}},
                  {"status_list": {"idx": True, "uri": URI}}, {"status_list": {"idx": 1, "uri": 7}}):  # fmt: skip
        assert reference_of(wrong) is None


def test_lists_are_remembered_within_bounds() -> None:
    cache = StatusCache()
    for number in range(1000):
        cache.keep(f"{URI}{number}", StatusList(1, b"\0", 60))
        cache.may_ask(f"{URI}{number}")
    assert len(cache._lists) <= 256
    assert len(cache._asked_at) <= 256
    assert cache.fresh(f"{URI}999") is not None
    assert cache.may_ask(f"{URI}x")
    assert not cache.may_ask(f"{URI}x")


async def test_a_verifier_without_a_key_reads_the_lists(service: Served, api_key: str, administrator: str) -> None:
    told = options(service, api_key) | {"api_key": None}
    with (
        Client(service.address, api_key=api_key) as backend,
        Client(service.address, access_token=administrator) as admin,
    ):
        unlisted = backend.internal_create_session(auth_user_id="usr_listed", amr=["pwd"]).data.tokens.access_token
        admin.update_status_list_setting(enabled=True)
        time.sleep(2)
        made = backend.internal_create_session(auth_user_id="usr_listed", amr=["pwd"]).data
        token = made.tokens.access_token
        async with judging("sync", told) as one, judging("async", told) as other:
            for judge in (one, other):
                assert (await judge(unlisted)).reason == "no_status"
                verdict = await judge(token)
                assert (verdict.reason, verdict.basis) == ("valid", "status_list")
            backend.internal_revoke_session(made.session.id)
            for judge in (one, other):
                assert await seconds_until(judge, token, "revoked", 20) < 17
        admin.update_status_list_setting(enabled=False)
        time.sleep(2)


def test_it_cannot_ask_without_a_key(service: Served, api_key: str) -> None:
    with pytest.raises(ValueError, match="api_key"):
        Verifier(**options(service, api_key, "ask") | {"api_key": None})
