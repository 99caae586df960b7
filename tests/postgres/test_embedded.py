import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from autional.postgres.embedded import server as embedded
from autional.postgres.embedded.server import EmbeddedPostgresError

RUN = """
import asyncio, sys
from pathlib import Path
from autional.postgres.embedded import server as embedded

async def run():
    async with embedded.running(Path(sys.argv[1])) as server:
        print(server.process_id, flush=True)
        await asyncio.sleep(60)

asyncio.run(run())
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    closed = tmp_path / "closed to others"
    closed.mkdir(mode=0o700)
    return closed / "a data folder"


async def ask(server: embedded.EmbeddedPostgres, query: str) -> object:
    connection = await asyncpg.connect(server.url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def ask_until_answered(server: embedded.EmbeddedPostgres, query: str) -> object:
    for _ in range(200):
        try:
            return await ask(server, query)
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.05)
    raise AssertionError("PostgreSQL never came back")


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pid: int) -> None:
    for _ in range(500):
        if not is_running(pid):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")


async def test_starts_stops_and_keeps_what_was_written(data_dir: Path) -> None:
    async with embedded.running(data_dir) as server:
        await ask(server, "create table kept as select 7 as number")
        pid = server.process_id
    assert pid is not None
    assert not is_running(pid)
    async with embedded.running(data_dir) as server:
        assert await ask(server, "select number from kept") == 7
        assert await ask(server, "show fsync") == "on"
        assert await ask(server, "show listen_addresses") == ""


async def test_restarts_a_server_that_was_killed(data_dir: Path) -> None:
    async with embedded.running(data_dir) as server:
        await ask(server, "create table kept as select 7 as number")
        pid = server.process_id
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await gone(pid)
        assert await ask_until_answered(server, "select number from kept") == 7
        assert server.process_id != pid


async def test_a_killed_owner_leaves_no_orphan_and_the_next_start_needs_no_hand(data_dir: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", RUN, str(data_dir)], stdout=subprocess.PIPE)
    assert owner.stdout
    with owner.stdout:
        orphan = int(await asyncio.to_thread(owner.stdout.readline))
        owner.kill()
        owner.wait()
    async with embedded.running(data_dir) as server:
        assert await ask(server, "select 1") == 1
        assert not is_running(orphan)


async def test_a_second_process_shares_the_server_and_takes_it_over(data_dir: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", RUN, str(data_dir)], stdout=subprocess.PIPE)
    assert owner.stdout
    with owner.stdout:
        await asyncio.to_thread(owner.stdout.readline)
        async with embedded.running(data_dir) as server:
            shared = server.process_id is None
            assert shared
            assert await ask(server, "select 1") == 1
            owner.kill()
            owner.wait()
            assert await ask_until_answered(server, "select 2") == 2
            for _ in range(200):
                if server.process_id is not None:
                    break
                await asyncio.sleep(0.05)
            assert server.process_id is not None


async def test_a_path_too_long_for_a_socket_gets_a_short_private_one(tmp_path: Path) -> None:
    async with embedded.running(tmp_path / ("long" * 30)) as server:
        assert await ask(server, "select 1") == 1


async def test_refuses_a_folder_that_others_can_read(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o755)
    with pytest.raises(EmbeddedPostgresError, match="chmod 700"):
        async with embedded.running(data_dir):
            pass


async def test_names_the_version_that_made_the_directory(data_dir: Path) -> None:
    (data_dir / "postgresql").mkdir(parents=True)
    data_dir.chmod(0o700)
    (data_dir / "postgresql" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match="PostgreSQL 12"):
        async with embedded.running(data_dir):
            pass
