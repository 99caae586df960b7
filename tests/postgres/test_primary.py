"""Of several servers the primary is used, and none whose clock is behind what was noted."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from unittest.mock import MagicMock
from urllib.parse import quote

import asyncpg
import pytest
from tests.conftest import as_service
from tests.served import free_port

from autional.core.database_urls import servers
from autional.core.errors import DatabaseUnavailableError
from autional.core.settings import Settings
from autional.postgres import migrations, primary
from autional.postgres.connection import LIMITS, connect
from autional.postgres.database import Database
from autional.postgres.embedded import server as embedded
from autional.postgres.primary import _latest, look_for_newer


def test_a_url_names_several_servers() -> None:
    assert servers("postgresql://u:p@one:1,two:2/db?sslmode=require") == [
        "postgresql://u:p@one:1/db?sslmode=require",
        "postgresql://u:p@two:2/db?sslmode=require",
    ]
    assert servers("postgresql://u@/db?host=/a,/b&port=1,2") == [
        "postgresql://u@/db?host=%2Fa&port=1",
        "postgresql://u@/db?host=%2Fb&port=2",
    ]
    assert servers("postgresql://u@/db?host=/a&port=1") == ["postgresql://u@/db?host=/a&port=1"]


def test_such_a_url_is_a_setting() -> None:
    several = "postgresql://u:p@one:1,two:2/db"
    assert Settings(database_url=several).database_url == several
    for wrong in ("postgresql://u@one:1,two:0/db", "postgresql://u@one:1,two:x/db", "mysql://one:1,two:2/db"):
        with pytest.raises(ValueError, match="database_url: must be a URL"):
            Settings(database_url=wrong)


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts connections and says nothing, as one behind a cut cable."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


async def test_servers_that_are_down_or_silent_hold_nobody_up(url: str, silent: int) -> None:
    socket_of_server = quote(url.partition("host=")[2].partition("&")[0], safe="%/")
    hosts = f"127.0.0.1,127.0.0.1,{socket_of_server}"
    ports = f"{free_port()},{silent},5432"
    several = f"{url.partition('?')[0]}?host={hosts}&port={ports}"
    opened = await connect(several)
    assert await opened.fetchval("select 1") == 1
    await opened.close()


async def test_where_no_server_answers_the_reason_is_told() -> None:
    one, other = free_port(), free_port()
    with pytest.raises(DatabaseUnavailableError, match=rf"127.0.0.1:{one},127.0.0.1:{other}/db: .*refused"):
        await connect(f"postgresql://u:secret@127.0.0.1:{one},127.0.0.1:{other}/db")


_TIMELINE = "select left(pg_walfile_name(pg_current_wal_lsn()), 8)"


async def test_of_two_primaries_the_one_after_the_failover_is_used(tmp_path: Path) -> None:
    """By who starts then, and by who used the former one until now."""
    folders = [tmp_path / "former", tmp_path / "latter"]
    async with AsyncExitStack() as running:
        for folder in folders:
            folder.mkdir(mode=0o700)
            async with embedded.running(folder) as server:
                await migrations.apply(server.url)
        await running.enter_async_context(embedded.running(folders[0]))
        sockets = ",".join(quote(str(folder / "socket"), safe="/") for folder in folders)
        several = f"postgresql://autional@/postgres?host={sockets}&port=5432,5432"
        database = Database(several, 4)

        async def timeline() -> str:
            async with database.share("lists", None).transaction() as queries:
                return str((await queries.composed(_TIMELINE))[0][0])

        assert await timeline() == "00000001"
        (folders[1] / "postgresql" / "recovery.signal").touch()
        recovering = embedded.running(folders[1], settings={"restore_command": "false"})  # to a timeline of its own
        latter = await asyncpg.connect((await running.enter_async_context(recovering)).url)
        while await latter.fetchval("select pg_is_in_recovery()"):
            await asyncio.sleep(0.1)
        await latter.close()
        await look_for_newer(several)
        for _ in range(8):
            assert await timeline() == "00000002"
        _latest.clear()  # as a node that starts now
        for _ in range(8):
            opened = await connect(several)
            assert await opened.fetchval(_TIMELINE) == "00000002"
            await opened.close()
        await database.close()


@pytest.fixture
async def owner(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    opened = await asyncpg.connect(url)
    yield opened
    await opened.close()


async def test_a_server_whose_clock_is_behind_is_not_used_until_it_has_caught_up(
    url: str, database: Database, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await database.beat()
    assert database.clock_behind == 0
    assert await database.row("one")
    await owner.execute("update autional.heartbeat set at = clock_timestamp() + interval '1.5 seconds'")
    await database.beat()
    assert 0 < database.clock_behind <= 1.5
    other = Database(as_service(url), 4)
    for node in (database, other):
        for work in ("hot", "lists", "jobs"):
            with pytest.raises(DatabaseUnavailableError, match="seconds behind what it was"):
                await node.share(work, None).row("one")
    while database.clock_behind > 0:
        await database.beat()
    assert await owner.fetchval("select clock_timestamp() > at from autional.heartbeat")
    for node in (database, other):
        assert await node.row("one")
    await other.close()


async def test_the_heartbeat_never_goes_back(database: Database, owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    await owner.execute("insert into autional.heartbeat (at) values (clock_timestamp() + interval '1 hour')")
    await database.beat()
    assert database.clock_behind > 3590
    assert await owner.fetchval("select at > clock_timestamp() + interval '59 minutes' from autional.heartbeat")


async def test_who_stops_within_a_transaction_gives_its_locks_back(
    database: Database, owner: "asyncpg.Connection[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.beat()
    monkeypatch.setitem(LIMITS, "lists", LIMITS["lists"]._replace(pause=0.2))
    await owner.execute("set lock_timeout = '5s'")

    async def stop_within() -> None:
        async with database.share("lists", None).transaction() as stopped:
            await stopped.composed("select at from heartbeat for update")
            await asyncio.sleep(0.4)
            await owner.execute("update autional.heartbeat set at = at")
            await stopped.row("one")

    with pytest.raises(DatabaseUnavailableError):
        await stop_within()
    assert await database.share("lists", None).row("one")


@pytest.mark.parametrize(("other_is_silent", "asked"), [(True, 3), (False, 1)])
async def test_a_standby_is_asked_again_only_beside_a_silent_server(
    monkeypatch: pytest.MonkeyPatch, other_is_silent: bool, asked: int
) -> None:
    """It may take over at any moment; but where all have answered nobody is made to wait."""
    url, times = "postgresql://u@standby:1,other:2/db", 0
    connection = MagicMock()

    async def answer(server: str, *_: object, **__: object) -> primary.Primary:
        nonlocal times
        if "other" in server:
            await asyncio.sleep(60 if other_is_silent else 0)
            raise ConnectionRefusedError
        times += 1
        if times < 3:
            await asyncio.sleep(0.01)
            raise asyncpg.TargetServerAttributeNotMatched
        return primary.Primary(2, connection)

    monkeypatch.setattr(primary, "_connect", answer)
    monkeypatch.setitem(_latest, url, 1)
    async with asyncio.timeout(5):
        if other_is_silent:
            assert await primary.connect_to_primary(url, {}, None) is connection
        else:
            with pytest.raises(ConnectionError, match="it is a standby"):
                await primary.connect_to_primary(url, {}, None)
    assert times == asked
