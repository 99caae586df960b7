import subprocess
import sys
from importlib.metadata import version
from pathlib import Path


def test_the_installed_command_says_its_version() -> None:
    command = Path(sys.executable).parent / "autional"
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True, timeout=30)
    assert said.stdout == f"autional {version('autional')}\n"
