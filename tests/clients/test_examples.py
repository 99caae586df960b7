"""Every example of the guides, run as it stands against a real service; an API listens at another node of it."""

import asyncio
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest
from tests.clients.cutting import Cut, cutting
from tests.served import Served, free_port

from autional_client import Client, UnauthenticatedError

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "clients/python/examples"
ALL = sorted(EXAMPLES.glob("*.py"))
PRINTED = {
    "sign_in": ["active at level 2 on desktop", "the access token is good for 3600 seconds"],
    "sign_out_everywhere": ["2 others were signed out", "1 was left"],
    "list_devices": ["(this device) · 203.0.113.7", "Safari on iOS · somewhere"],
    "limit_sessions": ["users have more than two", "session 2 was begun", "session 3 was refused"],
    "agent": ["for usr_10 by", "'act': {'sub': 'assistant'}", "after the user signed out: False", "the agent: 0"],
}


@pytest.fixture
def environment(service: Served, api_key: str, administrator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSIONS_URL", service.address)
    monkeypatch.setenv("SESSIONS_ISSUER", f"{service.address}/acme")
    monkeypatch.setenv("SESSIONS_API_KEY", api_key)
    monkeypatch.setenv("SESSIONS_ADMIN_TOKEN", administrator)


def loaded(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_guide_shows_each_as_it_is(path: Path) -> None:
    pages = [ROOT / "docs/guides.md", ROOT / "clients/python/README.md"]
    assert any(path.read_text().strip() in page.read_text() for page in pages)


@pytest.mark.parametrize("name", PRINTED)
@pytest.mark.usefixtures("environment")
def test_what_it_prints(name: str) -> None:
    command = [sys.executable, "-W", "error::SyntaxWarning", str(EXAMPLES / f"{name}.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    for line in PRINTED[name]:
        assert line in done.stdout, done.stdout


@pytest.mark.usefixtures("environment")
async def test_a_browser_holds_cookies_that_no_script_reads() -> None:
    module = loaded("refresh_in_a_browser")
    transport = httpx.ASGITransport(module.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://app.example") as browser:
        begun = await browser.post("/session")
        assert begun.status_code == 204
        assert all("HttpOnly" in one and "Secure" in one for one in begun.headers.get_list("set-cookie"))
        first = browser.cookies["__Secure-refresh"]
        assert (await browser.post("/session/refresh")).status_code == 204
        assert browser.cookies["__Secure-refresh"] != first
        token = browser.cookies["__Host-access"]
        assert (await module.client.oauth_introspect(token=token)).active
        await module.client.internal_revoke_user_sessions("usr_42")
        over = await browser.post("/session/refresh")
        assert (over.status_code, over.headers["clear-site-data"]) == (401, '"cookies"')
    await module.client.close()


@pytest.mark.usefixtures("environment")
async def test_an_app_refreshes_once_for_all_and_asks_for_a_lost_answer_again(service: Served, api_key: str) -> None:
    module = loaded("refresh_in_an_app")
    with Client(service.address, api_key=api_key) as backend:
        made = backend.internal_create_session(auth_user_id="usr_app", amr=["pwd"]).data
        cuts: list[Cut] = ["unanswered"] * 2
        async with cutting(service.address, iter(cuts)) as proxy:
            storage = SimpleNamespace(refresh_token=made.tokens.refresh_token, pending_key=None)
            with Client(proxy.address) as anonymous:
                tokens = module.Tokens(anonymous, storage)
                got = await asyncio.gather(*(asyncio.to_thread(tokens.access_token) for _ in range(8)))
        assert len(set(got)) == 1
        assert storage.pending_key is None
        assert backend.oauth_introspect(token=storage.refresh_token).active
        backend.internal_revoke_session(made.session.id)
        with Client(service.address) as anonymous, pytest.raises(UnauthenticatedError):
            module.Tokens(anonymous, storage).access_token()


@pytest.mark.usefixtures("environment")
def test_a_second_factor_is_asked_for(service: Served) -> None:
    module = loaded("step_up")
    made = module.client.internal_create_session(auth_user_id="usr_step", amr=["pwd"]).data
    with (
        module.client,
        module.verifier,
        httpx.Client(transport=httpx.WSGITransport(module.app), base_url="http://bank.example") as app,
    ):
        weak = app.post("/transfer", headers={"Authorization": f"Bearer {made.tokens.access_token}"})
        assert weak.status_code == 401
        assert 'acr_values="aal2", max_age="900"' in weak.headers["www-authenticate"]
        strong = module.second_factor_was_right(made.session.id)
        assert app.post("/transfer", headers={"Authorization": f"Bearer {strong}"}).json() == {"by": "usr_step"}


@pytest.fixture(scope="module")
def other_node(service: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Another node over the same database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTIONAL_ISSUER", service.address)
        patch.setenv("AUTIONAL_MASTER_KEY", (service.data_dir / "master.key").read_text().strip())
        node = Served(tmp_path_factory.mktemp("other"), database_url=service.database_url)
        node.start()
        yield node
        assert node.stop() == 0


@contextmanager
def running(kind: str, environment: dict[str, str]) -> Iterator[str]:
    """An application of a kind in a process of its own; its address."""
    port = free_port()
    if kind == "fastapi":
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "protect_fastapi:app",
            "--port",
            str(port),
            "--log-level",
            "warning",
        ]
    else:
        serve = "from wsgiref.simple_server import make_server; from protect_django import application as a"
        command = [sys.executable, "-c", f"{serve}; make_server('127.0.0.1', {port}, a).serve_forever()"]
    process = subprocess.Popen(command, cwd=EXAMPLES, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                if httpx.get(f"{address}/health").status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("kind", ["fastapi", "django"])
@pytest.mark.usefixtures("environment")
def test_what_one_node_revokes_an_api_that_listens_at_another_refuses_within_a_second(
    kind: str, service: Served, other_node: Served, api_key: str
) -> None:
    with (
        running(kind, {"SESSIONS_URL": other_node.address}) as address,
        Client(service.address, api_key=api_key) as one,
    ):
        waited = []
        for _ in range(5):
            made = one.internal_create_session(auth_user_id="usr_api", amr=["pwd"]).data
            headers: dict[str, Any] = {"Authorization": f"Bearer {made.tokens.access_token}"}
            assert httpx.get(f"{address}/orders", headers=headers).json() == {"of": "usr_api"}
            one.internal_revoke_session(made.session.id)
            began = time.monotonic()
            while httpx.get(f"{address}/orders", headers=headers).status_code == 200:
                assert time.monotonic() - began < 1
            waited.append(time.monotonic() - began)
        assert httpx.get(f"{address}/orders").status_code == 401
    assert max(waited) < 1, waited
