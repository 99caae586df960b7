"""Traces by OTLP and the access log of a real node: where a setting asks for them, and without persons."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.served import Served

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@contextmanager
def collector() -> Iterator[tuple[str, list[Any]]]:
    """An endpoint for traces on this machine, and the spans that it got."""
    spans: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
            spans.extend(span for one in sent.resource_spans for scope in one.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", spans
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed_in(service: Served) -> None:
    key = service.autional("apikey", "create", "--name", "backend", "--tenant", "acme").split()[-1]
    made = httpx.post(
        f"{service.address}/internal/session/create",
        headers={"X-API-Key": key, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
        json={"auth_user_id": "usr_canary"},
    )
    token = made.json()["data"]["tokens"]["access_token"]
    mine = httpx.get(
        f"{service.address}/sessions?auth_user_id=usr_canary", headers={"Authorization": f"Bearer {token}"}
    )
    assert (made.status_code, mine.status_code) == (201, 200), mine.text


def test_a_request_its_batches_and_statements_are_spans_of_the_trace_of_its_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    with collector() as (endpoint, spans):
        monkeypatch.setenv("AUTIONAL_TRACING_ENDPOINT", endpoint)
        monkeypatch.setenv("AUTIONAL_TRACING_SHARE", "0")  # only what a client has traced
        with Served.with_tenant(tmp_path) as service:
            signed_in(service)
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    [request] = [span for span in spans if span.name == "POST /internal/session/create"]
    assert request.parent_span_id.hex() == "00f067aa0ba902b7"
    of_it = {span.span_id for span in spans}
    assert {span.name for span in spans} == {request.name, "batch", "statement"}
    assert all(span.parent_span_id in of_it for span in spans if span is not request)
    assert "canary" not in str(spans)


def test_the_access_log_names_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("AUTIONAL_ACCESS_LOG", "true")
    with Served.with_tenant(tmp_path) as service:
        signed_in(service)
    written = (tmp_path / "service.log").read_text()
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    answered = [line for line in lines if line["event"] == "answered"]
    assert [(line["route"], line["status"], line["tenant"]) for line in answered] == [
        ("/internal/session/create", 201, "acme"),
        ("/sessions", 200, "acme"),
    ]
    assert re.fullmatch(r"[0-9a-f]{64}", answered[1]["subject"])
    assert "canary" not in written
