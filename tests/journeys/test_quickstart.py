"""docs/quickstart.md, run as it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.served import Served

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("curl") is None, reason="the quickstart calls curl")
def test_the_quickstart_does_what_it_says(tmp_path: Path) -> None:
    text = (ROOT / "docs/quickstart.md").read_text()
    script = "\necho\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    script = script.replace(".venv/bin/autional", "autional")
    service = Served(tmp_path / "data")
    service.autional("tenant", "create", "demo", "--name", "Demo")
    service.start()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"BASE": service.address, "DATA": str(service.data_dir), "PATH": path}
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        assert service.stop() == 0
    assert done.returncode == 0, done.stdout + done.stderr
    for answer in ('"valid":true', '"refresh_token"', '"status":"active"', '"sessions":1', '"code":30102004'):
        assert answer in done.stdout, (answer, done.stdout)
    assert '"active_sessions":0,"expired_sessions":0,"revoked_sessions":1,"total_sessions":1' in done.stdout
