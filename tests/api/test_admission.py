"""A worker works on a bounded number of requests, and no caller has all of them."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
from tests.conftest import People

from autional.api.admission import Admission
from autional.api.application import application
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.core import problems
from autional.core.problems import Problem
from autional.runtime.service import Service

PLACES = 4


def refused(admission: Admission, caller: str) -> bool:
    try:
        admission.enter(caller)
    except Problem as problem:
        return problem.kind is problems.OVERLOADED and problem.retry_after in {1, 2, 3}
    return False


def test_no_caller_has_more_than_half_and_all_together_no_more_than_there_are() -> None:
    admission = Admission(8)
    assert [refused(admission, "one") for _ in range(5)] == [False] * 4 + [True]
    assert [refused(admission, "other") for _ in range(5)] == [False] * 4 + [True]
    assert refused(admission, "third")
    admission.leave("one")
    assert not refused(admission, "third")
    assert refused(admission, "one")


def test_a_network_of_addresses_is_one_caller() -> None:
    assert Admission.caller("2001:db8::1") == Admission.caller("2001:db8::2") != Admission.caller("2001:db8:1::1")
    assert Admission.caller("192.0.2.1") != Admission.caller("192.0.2.2")


@pytest.fixture
async def port(service: Service, listener: socket.socket) -> AsyncIterator[int]:
    settings = msgspec.structs.replace(service.settings, requests=PLACES)
    app = application(service._replace(settings=settings), OPERATIONS)
    async with server.serving(app, listener, settings):
        yield int(listener.getsockname()[1])


async def test_who_sends_slowly_takes_no_place_and_health_is_always_answered(port: int, people: People) -> None:
    head = b"POST /sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3 * PLACES)]
    for _, writer in slow:
        writer.write(head)
    await asyncio.sleep(0.2)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        bearer = await people.bearer()
        assert (await http.get("/admin/sessions/stats", headers=bearer)).status_code == 200
        many = [http.get("/admin/sessions/stats", headers=bearer) for _ in range(40)]
        health = [http.get("/healthz") for _ in range(10)]
        answers = await asyncio.gather(*many, *health)
        assert {answer.status_code for answer in answers[:40]} == {200, 503}
        assert {answer.json()["code"] for answer in answers[:40] if answer.status_code == 503} == {30109006}
        assert {answer.status_code for answer in answers[40:]} == {200}
        assert (await http.get("/admin/sessions/stats", headers=bearer)).status_code == 200
    for _, writer in slow:
        writer.close()
