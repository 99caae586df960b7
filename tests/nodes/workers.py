"""Workers of a Citus cluster that are made to be away: gone, silent, or cut off from the network."""

import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from asyncpg import Connection, Record

from autional.core import ids
from autional.postgres.connection import connected

_WORKER_OF = """
select nodename, nodeport from pg_dist_shard_placement
where shardid = get_shard_id_for_distribution_column('autional.sessions', $1::bigint)
"""
_FIRST_PROCESS = r"select split_part(pg_read_file('postmaster.pid'), E'\n', 1)::integer"
Worker = tuple[str, int]
Away = Literal["gone", "silent", "cut off"]


async def worker_of(url: str, tenant: str) -> Worker:
    """The host and port of the worker that has a tenant."""
    async with connected(url) as connection:
        row = await connection.fetchrow(_WORKER_OF, ids.home(tenant))
    assert row
    return row["nodename"], row["nodeport"]


def url_at(url: str, worker: Worker) -> str:
    """The URL of the same database on a worker."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{worker[0]}:{worker[1]}").geturl()


@asynccontextmanager
async def away(url: str, worker: Worker, how: Away) -> AsyncIterator[None]:
    """A worker is away for the length of the block. Silent ones and those cut off have to be of this machine."""
    at = urlsplit(url_at(url, worker))
    async with connected(at._replace(path="/postgres").geturl()) as server:
        if how == "gone":
            async with _gone(server, at.path[1:]):
                yield
            return
        first = await server.fetchval(_FIRST_PROCESS)
    with _silent(first) if how == "silent" else _cut_off(worker[1]):
        yield


@asynccontextmanager
async def _gone(server: "Connection[Record]", database: str) -> AsyncIterator[None]:
    """The database takes no connections, and has none."""
    await server.execute(f"alter database {database} allow_connections false")
    try:
        await server.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'")
        yield
    finally:
        await server.execute(f"alter database {database} allow_connections true")


@contextmanager
def _silent(first: int) -> Iterator[None]:
    """Every process of the server stands still."""
    if os.geteuid() != 0 or "postgres" not in Path(f"/proc/{first}/comm").read_text():
        pytest.skip("the worker is not of this machine")
    stopped = [first]  # first, so that none is added
    try:
        os.kill(first, signal.SIGSTOP)
        for one in Path(f"/proc/{first}/task/{first}/children").read_text().split():
            os.kill(int(one), signal.SIGSTOP)
            stopped.append(int(one))
        yield
    finally:
        for process in reversed(stopped):
            os.kill(process, signal.SIGCONT)


@contextmanager
def _cut_off(port: int) -> Iterator[None]:
    """No packet to or from the port arrives."""
    if os.geteuid() != 0 or shutil.which("iptables") is None:
        pytest.skip("to cut off a worker needs root and iptables")
    rules = [("INPUT", "-p", "tcp", side, str(port), "-j", "DROP") for side in ("--dport", "--sport")]
    try:
        for rule in rules:
            subprocess.run(["iptables", "-w", "-I", *rule], check=True, capture_output=True)
        yield
    finally:
        for rule in rules:
            subprocess.run(["iptables", "-w", "-D", *rule], check=False, capture_output=True)
