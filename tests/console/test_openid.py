"""Sign-in by an OpenID provider: a real one in Chromium, and the answers that a false one gives."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from playwright import async_api as playwright

from autional.api.application import application
from autional.api.http import server
from autional.api.operations import OPERATIONS
from autional.console import openid
from autional.console.application import console
from autional.core.configuration import load_settings
from autional.core.problems import Problem
from autional.core.settings import Settings, SettingsError
from autional.runtime.service import Service

NODE, NPM = shutil.which("node"), shutil.which("npm")
GRANTS = "groups=bosses:acme:admin,sub=root:acme:platform_admin"


@pytest.fixture(scope="module")
def provider_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which oidc-provider is installed."""
    if NODE is None or NPM is None:
        pytest.skip("needs node and npm")
    folder = Path(tmp_path_factory.mktemp("provider"))
    command = [
        NPM,
        "install",
        "--prefix",
        str(folder),
        "--no-audit",
        "--no-fund",
        "--fetch-retries=1",
        "oidc-provider@9",
    ]
    if subprocess.run(command, capture_output=True, timeout=180, check=False).returncode:
        pytest.skip("cannot fetch the packages from here")
    shutil.copy(Path(__file__).parent / "provider.mjs", folder / "provider.mjs")
    return folder


@pytest.fixture
def provider(provider_package: Path, listener: socket.socket) -> Iterator[str]:
    """The issuer of a running provider whose client is the console on the listener."""
    callback = f"{server.address_of(listener)}/console/openid/callback"
    command = [str(NODE), str(provider_package / "provider.mjs"), callback]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


def with_provider(service: Service, issuer: str) -> Service:
    given = {
        "console_oidc_issuer": issuer,
        "console_oidc_client_id": "console",
        "console_oidc_client_secret": "a secret of the console",
        "console_oidc_grants": GRANTS,
    }
    return service._replace(settings=msgspec.structs.replace(service.settings, **given))


@pytest.mark.parametrize(("user", "comes_in"), [("boss_1", True), ("clerk", False)])
async def test_a_real_provider_signs_in_whom_a_grant_names(
    service: Service, listener: socket.socket, provider: str, chromium: playwright.Browser, user: str, comes_in: bool
) -> None:
    running = with_provider(service, provider)
    app = application(running, OPERATIONS, console(running, OPERATIONS))
    async with server.serving(app, listener, running.settings) as address:
        context = await chromium.new_context()
        page = await context.new_page()
        await page.goto(f"{address}/console/sign-in")
        await page.click("a.button")
        await page.fill("input[name=login]", user)
        await page.fill("input[name=password]", "anything")
        await page.click("button[type=submit]")
        await page.click("button[type=submit]")  # consent
        if comes_in:
            await page.wait_for_url("**/t/acme")
            assert user in await page.inner_text("header.top")
            cookies = {cookie.get("name"): cookie for cookie in await context.cookies()}
            assert cookies["autional_console"].get("sameSite") == "Strict"
            assert "autional_sign_in" not in cookies
        else:
            await page.wait_for_url("**/callback?**")
            assert await page.locator(".problem").count() == 1
            assert not [one for one in await context.cookies() if one.get("name") == "autional_console"]
        await context.close()


KEY = ECKey.generate_key("P-256", parameters={"kid": "1"})
OTHER = ECKey.generate_key("P-256", parameters={"kid": "1"})
ISSUER = "https://provider.example"
GOOD: dict[str, Any] = {"iss": ISSUER, "aud": "console", "sub": "root", "nonce": "n", "iat": 1, "exp": 9_999_999_999}


def told(key: ECKey = KEY, algorithm: str = "ES256", **claims: Any) -> str:
    kept = {name: value for name, value in (GOOD | claims).items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": "1"}, kept, key)


def test_only_a_good_token_is_believed() -> None:
    settings = Settings(console_oidc_issuer=ISSUER, console_oidc_client_id="console", console_oidc_grants=GRANTS)
    keys = KeySet([KEY])
    found = openid._granted(settings, openid._verified(settings, keys, told(amr=["hwk", "user"]), "n"))
    assert found == ("root", "acme", "platform_admin", ["hwk", "user"])
    for wrong in (
        told(OTHER),
        told(iss="https://evil.example"),
        told(aud="another"),
        told(aud=["console", "another"], azp="another"),
        told(nonce="other"),
        told(nonce=None),
        told(exp=1),
        told(exp=None),
        told(sub=None),
        told().rpartition(".")[0] + ".",
        f"eyJhbGciOiJub25lIn0.{told().split('.')[1]}.",
    ):
        with pytest.raises((JoseError, ValueError)):
            openid._verified(settings, keys, wrong, "n")
    for nobody in ({"sub": "clerk"}, {"sub": "root\0", "groups": ["bosses"]}, {"sub": "x", "groups": "bosse"}):
        with pytest.raises(Problem):
            openid._granted(settings, GOOD | nobody)


async def test_an_answer_that_was_not_asked_for_is_refused(service: Service) -> None:
    running = with_provider(service, ISSUER)
    good = str(openid._serializer(running).dumps(["state", "nonce", "verifier", int(time.time())]))
    late = str(openid._serializer(running).dumps(["state", "nonce", "verifier", int(time.time()) - 700]))
    for kept, answer in (
        ("", {"state": "state", "code": "c"}),
        ("forged", {"state": "state", "code": "c"}),
        (good, {"state": "other", "code": "c"}),
        (late, {"state": "state", "code": "c"}),
        (good, {"state": "state"}),
        (good, {"state": "state", "error": "access_denied"}),
        (good, {"state": "state", "code": "c", "iss": "https://evil.example"}),
    ):
        with pytest.raises(Problem):
            await openid.finish(running, "http://127.0.0.1/callback", kept, answer)


async def test_without_a_provider_there_is_no_such_page(service: Service, listener: socket.socket) -> None:
    app = application(service, OPERATIONS, console(service, OPERATIONS))
    async with (
        server.serving(app, listener, service.settings) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        assert (await client.get("/console/openid")).status_code == 404
        assert (await client.get("/console/openid/callback?code=x&state=y")).status_code == 404


def test_a_grant_must_be_well_formed() -> None:
    for wrong in ("groups=admins", "groups=admins:acme:user", "=x:acme:admin", "groups=a:b c:admin"):
        with pytest.raises(SettingsError):
            load_settings({"AUTIONAL_CONSOLE_OIDC_GRANTS": wrong})
