"""The npm clients of the field, unchanged, where the machine has node and npm and can fetch them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.journeys.test_clients import key, served, tokens
from tests.served import Served, run

__all__ = ["key", "served", "tokens"]
PACKAGES = ("jose@6", "oauth4webapi@3", "openid-client@6", "@sd-jwt/jwt-status-list@0.19")
NODE, NPM = shutil.which("node"), shutil.which("npm")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder in which the clients are installed."""
    if NODE is None or NPM is None:
        pytest.skip("needs node and npm")
    command = [NPM, "install", "--prefix", str(tmp_path), "--no-audit", "--no-fund", "--fetch-retries=1", *PACKAGES]
    fetched = subprocess.run(command, capture_output=True, timeout=180, check=False)
    if fetched.returncode:
        pytest.skip("cannot fetch the packages from here")
    return tmp_path


def test_jose_oauth4webapi_and_openid_client(served: Served, key: str, tokens: dict[str, str], packages: Path) -> None:
    script = packages / "clients.mjs"
    shutil.copy(Path(__file__).parent / "npm_clients.mjs", script)
    run(str(NODE), str(script), served.address, key, tokens["access_token"], tokens["refresh_token"])


def test_a_status_list_is_read_by_others(served: Served, packages: Path) -> None:
    script = packages / "status_list.mjs"
    shutil.copy(Path(__file__).parent / "npm_status_list.mjs", script)
    admin = served.autional("apikey", "create", "--name", "lists", "--tenant", "acme", "--role", "admin")
    run(str(NODE), str(script), served.address, admin)
