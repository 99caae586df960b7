"""Connections to PostgreSQL: to the server that takes writes, with the settings and time limits of their work.

A URL may name several servers. A standby is never used, and no server whose clock is behind what was noted.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple

import asyncpg
from asyncpg import Connection, Record

from autional.core.errors import DatabaseUnavailableError
from autional.postgres import codecs
from autional.postgres.primary import cause_of, connect_to_primary, place_of

SCHEMA = "autional"
WorkClass = Literal["hot", "lists", "jobs"]
"""What a connection is for: single sessions and tokens, pages of lists, or what may take long."""

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
_BEHIND = f"select extract(epoch from max(at) - clock_timestamp())::float from {SCHEMA}.heartbeat"  # noqa: S608 - of ours


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
HOT_ON_CITUS = TimeLimits(statement=3, lock=2.5, patience=4, pause=5)
"""There a tenant that is moved to another worker cannot be written for a moment."""


def limits_of(work: WorkClass, *, on_citus: bool) -> TimeLimits:
    """The limits of a class of connections."""
    return HOT_ON_CITUS if on_citus and work == "hot" else LIMITS[work]


class ClockBehindError(DatabaseUnavailableError):
    """The server's clock is behind the time that was noted last, by so many seconds: it is not used."""

    def __init__(self, place: str, seconds: float) -> None:
        super().__init__(
            f"the clock of the database at {place} is {seconds:.3f} seconds behind what it was: it is used when it has"
            " caught up (if it was ahead by mistake before: `autional migrate --reset-clock`)"
        )
        self.seconds = seconds


async def connect(
    url: str, work: WorkClass | None = None, *, pooled: bool = False, on_citus: bool = False
) -> "Connection[Record]":
    """Open a connection to the primary; without a class it has no time limits, and no clock is compared.

    `pooled` says that a pooler in transaction mode is at the URL: settings are then those of the role, and time limits
    are kept from here alone. Raises DatabaseUnavailableError.
    """
    limits = limits_of(work, on_citus=on_citus) if work else None
    settings = _NAME if pooled else _NAME | SETTINGS
    if limits and not pooled:
        settings |= {
            "statement_timeout": f"{limits.statement}s",
            "lock_timeout": f"{limits.lock}s",
            "idle_in_transaction_session_timeout": f"{limits.pause}s",
        }
    try:
        opened = await connect_to_primary(url, settings, limits.statement + _NETWORK_SECONDS if limits else None)
        try:
            if not pooled:
                await opened.execute(_SET_ON_CITUS)
            await codecs.install(opened)
            behind = await opened.fetchval(_BEHIND) if work else None
        except BaseException:
            opened.terminate()
            raise
    except (*LOST, *TIMED_OUT, *_REFUSED, ValueError) as error:
        raise DatabaseUnavailableError(
            f"cannot connect to the database at {place_of(url)}: {cause_of(error)}"
        ) from error
    if behind is not None and behind > 0:
        opened.terminate()
        raise ClockBehindError(place_of(url), behind)
    return opened


@asynccontextmanager
async def connected(url: str) -> "AsyncIterator[Connection[Record]]":
    """A connection without time limits for the length of the block. Raises DatabaseUnavailableError."""
    opened = await connect(url)
    try:
        yield opened
    finally:
        await opened.close()
