"""The server that takes writes, of those that a URL names.

A server that was cut off from the others goes on as the primary until somebody stops it: of several the one of the
latest timeline is used, which each failover raises, and none of before it.
"""

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import asyncpg
import structlog
from asyncpg import Connection, Record
from asyncpg.connect_utils import SessionAttribute

from autional.core.database_urls import servers

_SECONDS = 5.0
_OF_SEVERAL_SECONDS = 1.5  # one that is silent must not hide that another has become the primary
_STANDBY_EVERY = 0.2
_TIMELINE = "select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer"
_latest: dict[str, int] = {}
"""Of each URL with several servers: the latest timeline of a primary."""

log = structlog.get_logger()


class Primary(NamedTuple):
    """A connection to a server that takes writes."""

    timeline: int
    """0 where the URL names a single server, which may have been restored or upgraded."""
    connection: "Connection[Record]"


def latest_timeline(url: str) -> int:
    """The latest timeline that was seen at a URL; 0 where it names a single server."""
    return _latest.get(url, 0)


async def connect_to_primary(
    url: str, settings: dict[str, str], command_seconds: float | None, *, ask_all: bool = False
) -> "Connection[Record]":
    """A connection to the primary. All servers are asked at once: one that is cut off holds nobody up.

    The first time, or where it is asked for, the answers of all are waited for, so that the latest is known; else a
    standby is asked again as long as another server is silent, since it may take over meanwhile. Raises what
    asyncpg raises; ConnectionError where none of several servers can be used.
    """
    several = servers(url)
    ask_all = len(several) > 1 and (ask_all or url not in _latest)
    silent = set() if ask_all else set(several)
    attempts = {
        asyncio.create_task(_asked(one, settings, command_seconds, silent, alone=len(several) == 1)): one
        for one in several
    }
    waiting = set(attempts)
    found: asyncio.Task[Primary] | None = None
    try:
        while waiting and (ask_all or found is None):
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            found = _latest_of(attempts.keys() - waiting, latest_timeline(url))  # which others may have raised
        if found is None:
            raise _reason(attempts)
        if len(several) > 1:
            _note(url, attempts[found], found.result().timeline)
        del attempts[found]
        return found.result().connection
    finally:
        for one in attempts:
            one.add_done_callback(_discarded)
            one.cancel()


async def look_for_newer(url: str) -> None:
    """Ask all servers of a URL which of them is the latest primary."""
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):  # whoever uses it says so
        opened = await connect_to_primary(url, {}, _OF_SEVERAL_SECONDS, ask_all=True)
        opened.terminate()


async def _asked(
    server: str, settings: dict[str, str], command_seconds: float | None, silent: set[str], *, alone: bool
) -> Primary:
    """Connect to a server, and again to a standby as long as there are others that have not answered yet."""
    while True:
        try:
            return await _connect(server, settings, command_seconds, alone=alone)
        except asyncpg.TargetServerAttributeNotMatched:
            if not silent - {server}:
                raise
        finally:
            silent.discard(server)
        await asyncio.sleep(_STANDBY_EVERY)


async def _connect(server: str, settings: dict[str, str], command_seconds: float | None, *, alone: bool) -> Primary:
    opened = await asyncpg.connect(
        server,
        timeout=_SECONDS if alone else _OF_SEVERAL_SECONDS,
        command_timeout=command_seconds,
        statement_cache_size=0,
        server_settings=settings,
        target_session_attrs=SessionAttribute.primary,
    )
    if alone:
        return Primary(0, opened)
    try:
        return Primary(await opened.fetchval(_TIMELINE, timeout=_OF_SEVERAL_SECONDS), opened)
    except BaseException:
        opened.terminate()
        raise


def _latest_of(done: Iterable["asyncio.Task[Primary]"], least: int) -> "asyncio.Task[Primary] | None":
    """The primary of the latest timeline, if that is not before a known one."""
    found = [one for one in done if one.exception() is None and one.result().timeline >= least]
    return max(found, key=lambda one: one.result().timeline, default=None)


def _note(url: str, server: str, timeline: int) -> None:
    former = _latest.get(url)
    _latest[url] = timeline
    if former is not None and former < timeline:
        log.warning("another server is the primary now", server=place_of(server), timeline=timeline)


def _reason(attempts: "dict[asyncio.Task[Primary], str]") -> BaseException:
    """Why no server can be used, each by its name where there are several."""
    failed = [(place_of(server), one.exception()) for one, server in attempts.items()]
    if len(failed) == 1 and failed[0][1]:
        return failed[0][1]
    told = (f"{place}: {cause_of(error) if error else 'a primary of before a failover'}" for place, error in failed)
    return ConnectionError("; ".join(told))


def _discarded(attempt: "asyncio.Task[Primary]") -> None:
    """Close what was opened beside the connection that is used."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().connection.terminate()


def place_of(url: str) -> str:
    """The address of a database, without secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is no URL"
    hosts = parts.netloc.rpartition("@")[2] or "localhost"
    return parse_qs(parts.query).get("host", [hosts])[0] + parts.path


def cause_of(error: BaseException) -> str:
    """Why a server cannot be used, in a line."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        return "it is a standby, and takes no writes"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno) + (f": {error.filename}" if error.filename else "")
    return str(error).partition("\n")[0]
