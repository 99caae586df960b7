import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path


def test_the_installed_command_says_its_version() -> None:
    command = Path(sys.executable).parent / "autional"
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True, timeout=30)
    assert said.stdout == f"autional {version('autional')}\n"


def test_a_result_is_whole_though_the_process_was_stopped_in_the_middle_of_it() -> None:
    """Containers set PYTHONUNBUFFERED, where Python takes a write that a signal cut short for a whole one."""
    program = (
        "from autional import cli; import typer; cli.app = lambda _: lambda: typer.echo(b'a' * 500_000); cli.main()"
    )
    command = [sys.executable, "-c", program]
    unbuffered = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=unbuffered) as printing:
        assert printing.stdout is not None
        printed = os.read(printing.stdout.fileno(), 32768)
        for _ in range(20):
            time.sleep(0.05)
            printing.send_signal(signal.SIGSTOP)
            printing.send_signal(signal.SIGCONT)
        printed += printing.stdout.read()
    assert (printing.returncode, len(printed)) == (0, 500_001)
