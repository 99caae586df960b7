"""The npm clients of the field, unchanged; needs node and npm, so it has a make target of its own."""

import shutil
from pathlib import Path

from tests.journeys.test_clients import key, served, tokens
from tests.served import Served, run

__all__ = ["key", "served", "tokens"]
PACKAGES = ("jose@6", "oauth4webapi@3", "openid-client@6")


def test_jose_oauth4webapi_and_openid_client(served: Served, key: str, tokens: dict[str, str], tmp_path: Path) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    assert npm, "needs npm"
    assert node, "needs node"
    script = tmp_path / "clients.mjs"
    shutil.copy(Path(__file__).parent / "clients.mjs", script)
    run(npm, "install", "--prefix", str(tmp_path), "--no-audit", "--no-fund", *PACKAGES, timeout=180)
    run(node, str(script), served.address, key, tokens["access_token"], tokens["refresh_token"])
