"""A client that openapi-python-client generates from the document, used as it comes out."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.journeys.test_clients import key, served
from tests.served import BIN, Served

__all__ = ["key", "served"]

GENERATOR = str(BIN / "openapi-python-client")


@pytest.fixture
def generated(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The generated package, without a warning of the generator."""
    (tmp_path / "openapi.json").write_bytes(httpx.get(f"{served.address}/openapi.json").content)
    overrides = "content_type_overrides:\n  application/statuslist+jwt: text/plain\n"
    (tmp_path / "config.yml").write_text(f"post_hooks: []\n{overrides}")
    command = [GENERATOR, "generate", "--path", "openapi.json", "--output-path", "sessions_client", "--meta", "none"]
    made = subprocess.run(
        [*command, "--config", "config.yml", "--fail-on-warning"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("sessions_client")
    for name in [name for name in sys.modules if name.partition(".")[0] == "sessions_client"]:
        del sys.modules[name]


def operation(generated: Any, tag: str, name: str) -> Any:
    return importlib.import_module(f"{generated.__name__}.api.{tag}.{name}")


@pytest.fixture
def closing() -> Iterator[Any]:
    """Enters a client for the length of the test."""
    with ExitStack() as stack:
        yield stack.enter_context


def test_a_generated_client_signs_in_checks_lists_and_signs_out(
    served: Served, key: str, generated: Any, closing: Any
) -> None:
    models = importlib.import_module(f"{generated.__name__}.models")
    service = closing(generated.Client(base_url=served.address, headers={"X-API-Key": key}))
    login = models.Login(auth_user_id="usr_1", amr=["pwd", "otp"])
    made = operation(generated, "sessions", "internal_create_session").sync(client=service, body=login)
    assert made.data.session.status == "active"

    user = closing(generated.AuthenticatedClient(base_url=served.address, token=made.data.tokens.access_token))
    session_id = made.data.session.id
    assert operation(generated, "sessions", "validate_session").sync(session_id, client=user).valid
    pair = operation(generated, "sessions", "refresh_session").sync(
        client=service, body=models.RefreshTokensRequest(refresh_token=made.data.tokens.refresh_token)
    )
    assert pair.expires_in > 0
    listed = operation(generated, "sessions", "list_user_sessions").sync(client=user, auth_user_id="usr_1")
    assert [session.id for session in listed.items] == [session_id]

    token = served.autional("token", "mint", "--tenant", "acme", "--user", "ops", "--role", "admin")
    admin = closing(generated.AuthenticatedClient(base_url=served.address, token=token))
    statistics = operation(generated, "statistics", "get_session_stats").sync(client=admin)
    assert (statistics.active_sessions, statistics.total_sessions) == (1, 1)
    ended = operation(generated, "sessions", "revoke_user_sessions").sync(
        "usr_1", client=admin, body=models.RevokeRequest(reason="lost laptop")
    )
    assert ended.sessions == 1
    refused = operation(generated, "sessions", "get_session").sync(session_id, client=user)
    assert (refused.status, refused.code) == (401, 30102004)
