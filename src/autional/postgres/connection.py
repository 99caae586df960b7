"""Connections to PostgreSQL: to the server that takes writes, with the settings and time limits of their work.

A URL may name several servers. A standby is never used, and no server whose clock is behind what was noted.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

import asyncpg
from asyncpg import Connection, Record
from asyncpg.connect_utils import SessionAttribute

from autional.core.database_urls import servers
from autional.core.errors import DatabaseUnavailableError
from autional.postgres import codecs

SCHEMA = "autional"
WorkClass = Literal["hot", "lists", "jobs"]
"""What a connection is for: single sessions and tokens, pages of lists, or what may take long."""

_CONNECT_SECONDS = 5.0
_OF_SEVERAL_SECONDS = 1.5  # one that is silent must not hide that another has become the primary
_NETWORK_SECONDS = 2.0
_NAME = {"application_name": "autional"}
SETTINGS = {
    "jit": "off",  # compiling a plan of milliseconds takes longer than running it
    "max_parallel_workers_per_gather": "0",  # every query here is small: starting workers costs more than it gives
    "plan_cache_mode": "force_generic_plan",  # statements are prepared once, and so are their plans
    "search_path": SCHEMA,
    "timezone": "UTC",
}
"""What every connection needs; where a pooler hands out connections, the role has it."""
ON_CITUS = {
    "plan_cache_mode": "force_custom_plan",  # which node has a tenant is known once its home is
    "citus.override_table_visibility": "off",  # or the types of a statement take seconds to look up
    "citus.propagate_set_commands": "local",  # who acts (act_by) is known where the tenant is
    "citus.node_connection_timeout": "1s",  # a worker that is silent must not hold up what the others know
}
_SET_ON_CITUS = f"""
select set_config(name, value, false)
from (values {", ".join(f"('{name}', '{value}')" for name, value in ON_CITUS.items())}) as settings (name, value)
where exists (select from pg_extension where extname = 'citus')
"""  # noqa: S608 - of ours
LOST = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server said goodbye to an idle connection
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.ReadOnlySQLTransactionError,  # it has become a standby
    asyncpg.TooManyConnectionsError,
)
_REFUSED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
TIMED_OUT = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)
_STATE = f"""
select
    (select extract(epoch from max(at) - clock_timestamp())::float from {SCHEMA}.heartbeat) as behind,
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer as timeline
"""  # noqa: S608 - of ours
_timelines: dict[str, int] = {}
"""Of each URL with several servers: the latest timeline of a primary, which each failover raises."""


class TimeLimits(NamedTuple):
    """Seconds that a class of connections allows for a statement, a lock, a connection, and between statements.

    The last is how long a node that was stopped within a transaction keeps its locks from the others.
    """

    statement: float
    lock: float
    patience: float
    pause: float


LIMITS: dict[WorkClass, TimeLimits] = {
    "hot": TimeLimits(statement=1, lock=0.7, patience=3, pause=5),
    "lists": TimeLimits(statement=3, lock=2, patience=5, pause=5),
    "jobs": TimeLimits(statement=30, lock=20, patience=10, pause=30),
}


class ClockBehindError(DatabaseUnavailableError):
    """The server's clock is behind the time that was noted last, by so many seconds: it is not used."""

    def __init__(self, place: str, seconds: float) -> None:
        super().__init__(
            f"the clock of the database at {place} is {seconds:.3f} seconds behind what it was: it is used when it has"
            " caught up (if it was ahead by mistake before: `autional migrate --reset-clock`)"
        )
        self.seconds = seconds


async def connect(url: str, work: WorkClass | None = None, *, pooled: bool = False) -> "Connection[Record]":
    """Open a connection to the primary; without a class it has no time limits, and no clock is compared.

    `pooled` says that a pooler in transaction mode is at the URL: settings are then those of the role, and time limits
    are kept from here alone. Raises DatabaseUnavailableError.
    """
    limits = LIMITS[work] if work else None
    settings = _NAME if pooled else _NAME | SETTINGS
    if limits and not pooled:
        settings |= {
            "statement_timeout": f"{limits.statement}s",
            "lock_timeout": f"{limits.lock}s",
            "idle_in_transaction_session_timeout": f"{limits.pause}s",
        }
    try:
        opened = await _primary(url, settings, limits.statement + _NETWORK_SECONDS if limits else None)
        try:
            if not pooled:
                await opened.execute(_SET_ON_CITUS)
            await codecs.install(opened)
            state = await opened.fetchrow(_STATE) if work else None
        except BaseException:
            opened.terminate()
            raise
    except (*LOST, *TIMED_OUT, *_REFUSED, ValueError) as error:
        raise DatabaseUnavailableError(f"cannot connect to the database at {_place(url)}: {_cause(error)}") from error
    try:
        if state is not None:
            _check(url, state["behind"], state["timeline"])
    except DatabaseUnavailableError:
        opened.terminate()
        raise
    return opened


@asynccontextmanager
async def connected(url: str) -> "AsyncIterator[Connection[Record]]":
    """A connection without time limits for the length of the block. Raises DatabaseUnavailableError."""
    opened = await connect(url)
    try:
        yield opened
    finally:
        await opened.close()


def _check(url: str, behind: float | None, timeline: int) -> None:
    """Refuse a server whose clock is behind, or that was the primary before a failover and does not know it yet.

    Raises DatabaseUnavailableError.
    """
    if behind is not None and behind > 0:
        raise ClockBehindError(_place(url), behind)
    if len(servers(url)) > 1:
        latest = _timelines[url] = max(timeline, _timelines.get(url, timeline))
        if timeline < latest:
            raise DatabaseUnavailableError(f"a primary of before a failover answers at {_place(url)}")


def _place(url: str) -> str:
    """The address of a database, without secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is no URL"
    hosts = parts.netloc.rpartition("@")[2] or "localhost"
    return parse_qs(parts.query).get("host", [hosts])[0] + parts.path


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        return "it is a standby, and takes no writes"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno) + (f": {error.filename}" if error.filename else "")
    return str(error).partition("\n")[0]


async def _primary(url: str, settings: dict[str, str], command_seconds: float | None) -> "Connection[Record]":
    """A connection to the primary. All servers are asked at once: one that is cut off holds nobody up.

    Raises what the first server raised that is no standby, where none of them is a primary.
    """
    several = servers(url)
    attempts = [
        asyncio.create_task(
            asyncpg.connect(
                one,
                timeout=_CONNECT_SECONDS if len(several) == 1 else _OF_SEVERAL_SECONDS,
                command_timeout=command_seconds,
                statement_cache_size=0,
                server_settings=settings,
                target_session_attrs=SessionAttribute.primary,
            )
        )
        for one in several
    ]
    waiting = set(attempts)
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                if one.exception() is None:
                    attempts.remove(one)
                    return one.result()
        failed = [error for one in attempts if (error := one.exception())]
        raise next((one for one in failed if not isinstance(one, asyncpg.TargetServerAttributeNotMatched)), failed[0])
    finally:
        for one in attempts:
            one.add_done_callback(_discarded)
            one.cancel()


def _discarded(attempt: "asyncio.Task[Connection[Record]]") -> None:
    """Close what was opened beside the connection that is used."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().terminate()
