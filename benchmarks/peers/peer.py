"""What is common to the peers: free ports, processes, and waiting for them."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks.http_load import Load

START_SECONDS = 180


class NotMeasuredError(Exception):
    """A peer cannot be had or run here; one line says why."""


class Peer(NamedTuple):
    """A running peer: its name with version, and what it was asked to do, by the names of our own operations."""

    name: str
    operations: Mapping[str, Callable[[int, float], Load]]


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@contextmanager
def process(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process for the length of the block; it is stopped by its process id."""
    with log.open("wb") as output:
        started = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(timeout=20)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def wait_for(url: str, started: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when a URL answers 200. Raises NotMeasuredError."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and started.poll() is None:
        try:
            if httpx.get(url, trust_env=False, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise NotMeasuredError(f"it did not start: {log.read_text(errors='replace')[-500:]}")


def run(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> str:
    """The output of a command. Raises NotMeasuredError if it fails or is not there."""
    try:
        done = subprocess.run(
            command, env=dict(environment), capture_output=True, text=True, timeout=seconds, check=True
        )
    except FileNotFoundError:
        raise NotMeasuredError(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise NotMeasuredError(f"{command[0]} took more than {seconds:.0f} s") from None
    except subprocess.CalledProcessError as error:
        raise NotMeasuredError(f"{command[0]} failed: {(error.stderr or error.stdout)[-500:]}") from None
    return done.stdout
