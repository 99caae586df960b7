import asyncio
import signal
import socket
import time
from contextlib import suppress

import httpx
import pytest
import uvicorn
from structlog.testing import capture_logs
from tests.conftest import People
from tests.matrix.test_hostile import EVERYTHING

from autional.api.application import application
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.core import background
from autional.core.errors import DatabaseBusyError, DatabaseUnavailableError
from autional.runtime import maintenance
from autional.runtime.service import Service

ERRORS = [
    ValueError("x"),
    KeyError("x"),
    MemoryError(),
    RecursionError(),
    OSError("x"),
    asyncio.CancelledError(),
    TimeoutError(),
    ExceptionGroup("x", [ValueError("y")]),
    DatabaseUnavailableError("x"),
    DatabaseBusyError("x"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_a_task_that_fails_is_logged_and_starts_again(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "_WITHOUT_DATABASE", 0.001)
    rounds = 0
    went_on = asyncio.Event()

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        if rounds <= 2:
            raise error
        went_on.set()

    with capture_logs() as logs:
        async with background.running_tasks({"the task": (0.001, work)}), asyncio.timeout(5):
            await went_on.wait()
    assert [line["task"] for line in logs] == ["the task"] * 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ValueError(), [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]), (DatabaseUnavailableError(), [1] * 12)],
)
async def test_pauses_double_but_not_without_a_database(
    error: Exception, expected: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep_really, own = asyncio.sleep, asyncio.current_task()

    async def sleep(seconds: float) -> None:
        if asyncio.current_task() is not own:  # the server of the tests is looked after meanwhile
            return await sleep_really(seconds)
        pauses.append(seconds)
        if len(pauses) == 12:
            raise asyncio.CancelledError
        return None

    async def work() -> None:
        raise error

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with suppress(asyncio.CancelledError), capture_logs():
        await background.run_repeatedly("the task", 0.5, work)
    assert pauses == expected


@pytest.mark.parametrize("broken", list(maintenance.TASKS)[:: 1 if EVERYTHING else 4])
async def test_a_step_that_fails_stops_no_other_and_readiness_says_so(
    service: Service, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    if broken not in maintenance.tasks_of(service):
        pytest.skip("not available on Citus")

    async def fail(*_: object) -> None:
        raise ValueError(broken)

    steps = {name: (every, fail if name == broken else step) for name, (every, step) in maintenance.TASKS.items()}
    monkeypatch.setattr(maintenance, "TASKS", steps)
    answer: dict[str, object] = {}
    with capture_logs() as logs:
        async with background.running_tasks(maintenance.background_tasks(service)), asyncio.timeout(30):
            while answer.get("late") != [broken]:
                answer = (await http.get("/readyz")).json()
                await asyncio.sleep(0.02)
    assert answer["status"] == "degraded"
    assert broken in {line["task"] for line in logs}


async def test_what_is_due_is_done_by_one_node(service: Service) -> None:
    every, _ = maintenance.TASKS["sample"]
    begun = await asyncio.gather(*(service.database.rows("begin_task", "sample", every) for _ in range(5)))
    assert sum(map(len, begun)) in {1, 2}  # the second when a minute begins meanwhile


async def test_a_node_with_old_keys_or_an_old_schema_is_not_ready(
    service: Service, http: httpx.AsyncClient, people: People
) -> None:
    assert (await http.get("/readyz")).status_code == 200
    bearer = await people.bearer()
    read_at = service.issuer.ring_read_at
    service.issuer.ring_read_at = time.monotonic() - 16
    assert (await http.get("/admin/sessions/stats", headers=bearer)).status_code == 503
    problem = await http.get("/readyz")
    assert (problem.status_code, problem.headers["retry-after"]) == (503, "5")
    assert "signing keys" in problem.json()["detail"]
    service.issuer.ring_read_at = read_at
    async with service.database.transaction() as queries:
        await queries.composed("delete from schema_versions where name = '0003_records.sql'")
    problem = await http.get("/readyz")
    assert problem.status_code == 503
    assert "0003_records.sql" in problem.json()["detail"]


@pytest.mark.parametrize("error", [OSError("no descriptors"), None])
async def test_an_http_server_that_dies_ends_the_process(
    service: Service, listener: socket.socket, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    async def dying(self: uvicorn.Server, **_: object) -> None:
        self.started = True
        await asyncio.sleep(0.05)
        if error:
            raise error

    monkeypatch.setattr(uvicorn.Server, "serve", dying)
    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    with capture_logs() as logs, pytest.raises((server.ServerEndedError, OSError)):
        async with server.serving(application(service, OPERATIONS), listener, service.settings):
            await asyncio.sleep(0.2)
    assert raised == [signal.SIGTERM]
    assert logs[0]["log_level"] == "critical"
