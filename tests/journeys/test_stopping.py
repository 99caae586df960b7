"""A node that is told to stop drains: no request is dropped."""

import signal
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.served import Served, free_port


@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_request_is_dropped_when_a_node_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("AUTIONAL_DRAIN_SECONDS", "2")
    service = Served(tmp_path, "--workers", workers)
    service.make_tenant()
    key = service.autional("apikey", "create", "--name", "backend", "--tenant", "acme").split()[-1]
    service.start()
    assert service.process
    answered: list[int] = []
    closed: list[bool] = []
    dropped: list[str] = []
    gone = threading.Event()

    def call() -> None:
        """As a client behind a load balancer that asks for readiness does: it leaves when the node is not ready."""
        with httpx.Client(base_url=service.address, timeout=10, trust_env=False) as client:
            while not gone.is_set():
                try:
                    if client.get("/readyz").status_code == 503:
                        return
                    answer = client.post(
                        "/internal/session/create", headers={"X-API-Key": key}, json={"auth_user_id": "usr_1"}
                    )
                except httpx.HTTPError as error:
                    dropped.append(repr(error))
                    return
                answered.append(answer.status_code)
                closed.append(answer.headers.get("connection") == "close")

    clients = [threading.Thread(target=call) for _ in range(8)]
    for one in clients:
        one.start()
    while len(answered) < 3 * len(clients) and any(one.is_alive() for one in clients):
        time.sleep(0.05)
    began = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    for one in clients:
        one.join(timeout=20)
    gone.set()
    assert service.process.wait(timeout=30) == 0
    assert 1.5 < time.monotonic() - began < 15
    assert (dropped, set(answered)) == ([], {201})
    assert len(answered) > len(clients)


def test_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    service = Served(tmp_path)
    service.start()
    began = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - began < 4


def test_a_second_sigterm_does_not_end_draining_and_ctrl_c_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("AUTIONAL_DRAIN_SECONDS", "60")
    monkeypatch.setenv("AUTIONAL_METRICS_ADDRESS", address)
    service = Served(tmp_path, "--workers", "2")
    service.start()
    assert service.process
    for _ in range(2):
        service.process.send_signal(signal.SIGTERM)
        time.sleep(1)
    assert httpx.get(f"{service.address}/readyz", timeout=10).status_code == 503
    assert httpx.get(f"http://{address}/readyz", timeout=10).status_code == 503
    assert service.process.poll() is None
    assert service.stop() == 0
