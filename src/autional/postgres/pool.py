"""Connections to PostgreSQL: three classes with their own time limits, each shared fairly between tenants."""

import asyncio
import os
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

import asyncpg
from asyncpg import Connection, Record
from asyncpg.prepared_stmt import PreparedStatement

from autional.core.errors import DatabaseBusyError, DatabaseUnavailableError
from autional.core.problems import Problem
from autional.postgres import codecs

SCHEMA = "autional"
WorkClass = Literal["hot", "lists", "jobs"]
"""What a connection is for: single sessions and tokens, pages of lists, or what may take long."""

_CONNECT_SECONDS = 5.0
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
_LOST = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server said goodbye to an idle connection
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)
_REFUSED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
_TIMED_OUT = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)
_FORESEEN = (
    *_TIMED_OUT,
    asyncpg.DeadlockDetectedError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SerializationError,
)
OUTDATED = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)


class TimeLimits(NamedTuple):
    """Seconds that a class of connections allows for a statement, for a lock, and for a connection."""

    statement: float
    lock: float
    patience: float


LIMITS: dict[WorkClass, TimeLimits] = {
    "hot": TimeLimits(statement=1, lock=0.7, patience=3),
    "lists": TimeLimits(statement=3, lock=2, patience=5),
    "jobs": TimeLimits(statement=30, lock=20, patience=10),
}


async def connect(url: str, work: WorkClass | None = None, *, pooled: bool = False) -> "Connection[Record]":
    """Open a connection; without a class it has no time limits. Raises DatabaseUnavailableError.

    `pooled` says that a pooler in transaction mode is at the URL: settings are then those of the role, and time limits
    are kept from here alone.
    """
    limits = LIMITS[work] if work else None
    settings = _NAME if pooled else _NAME | SETTINGS
    if limits and not pooled:
        settings |= {"statement_timeout": f"{limits.statement}s", "lock_timeout": f"{limits.lock}s"}
    try:
        connection = await asyncpg.connect(
            url,
            timeout=_CONNECT_SECONDS,
            command_timeout=limits.statement + _NETWORK_SECONDS if limits else None,
            statement_cache_size=0,
            server_settings=settings,
        )
        try:
            await codecs.install(connection)
        except BaseException:
            connection.terminate()
            raise
    except (*_LOST, *_TIMED_OUT, *_REFUSED, ValueError) as error:
        raise DatabaseUnavailableError(f"cannot connect to the database at {_place(url)}: {_cause(error)}") from error
    return connection


def _place(url: str) -> str:
    """The address of a database, without secrets."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that is no URL"
    return parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0] + port + parts.path


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_CONNECT_SECONDS:.0f} seconds"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno) + (f": {error.filename}" if error.filename else "")
    return str(error).partition("\n")[0]


@contextmanager
def timeouts_as_busy() -> Iterator[None]:
    """Turn a statement that ran out of time into DatabaseBusyError."""
    try:
        yield
    except _TIMED_OUT as error:
        raise DatabaseBusyError(str(error)) from error


class PooledConnection:
    """A slot of a pool: its connection, opened when needed, and the statements prepared on it."""

    def __init__(self, url: str, work: WorkClass, *, pooled: bool) -> None:
        self._url = url
        self._pooled = pooled
        self._work: WorkClass = work
        self._statements: dict[Hashable, PreparedStatement[Record]] = {}
        self._connection: Connection[Record] | None = None
        self._schema = 0
        self._prepared = 0

    async def open(self, schema: int) -> None:
        """Have a connection whose statements were prepared after the last change of the schema.

        Raises DatabaseUnavailableError.
        """
        if self._connection is None or self._connection.is_closed() or self._schema != schema:
            self.close()
            self._statements.clear()
            self._connection = await connect(self._url, self._work, pooled=self._pooled)
            self._schema = schema

    @asynccontextmanager
    async def usable(self) -> "AsyncIterator[Connection[Record]]":
        """The connection. If it is lost it is closed, and opened again for the next user.

        Raises DatabaseUnavailableError.
        """
        connection = self._connection
        if connection is None:
            raise DatabaseUnavailableError("the connection was lost")
        try:
            yield connection
        except OUTDATED:
            raise
        except _LOST as error:
            if isinstance(error, asyncpg.InterfaceError) and not connection.is_closed():
                raise  # the query was called wrongly
            self.close()
            raise DatabaseUnavailableError(str(error)) from error

    async def prepared(
        self, connection: "Connection[Record]", key: Hashable, text: Callable[[], str]
    ) -> "PreparedStatement[Record]":
        """The statement that is kept under a key, prepared at its first use: named, so that its plan is kept too."""
        found = self._statements.get(key)
        if found is None:
            self._prepared += 1  # a name is never used twice: one whose preparation failed here may exist there
            name = f"statement_{self._prepared}"
            found = self._statements[key] = await connection.prepare(text(), name=name)
        return found

    def close(self) -> None:
        """Close the connection; what runs on it is rolled back."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open on it."""
        return self._connection is not None and self._connection.is_in_transaction()


class Pool:
    """The connections of one class. Waiting calls are served in turn, tenant by tenant, for a bounded time.

    No tenant holds more than half of them; work for several tenants at once (None) may hold all.
    """

    def __init__(self, url: str, work: WorkClass, size: int, *, pooled: bool) -> None:
        self._all = [PooledConnection(url, work, pooled=pooled) for _ in range(size)]
        self._idle = deque(self._all)
        self._share = max(1, size // 2)
        self._patience = LIMITS[work].patience
        self._schema = 0
        """Counts the changes of the schema that were noticed."""
        self._held: Counter[str] = Counter()
        self._waiting: OrderedDict[str | None, deque[asyncio.Future[PooledConnection]]] = OrderedDict()

    @property
    def idle(self) -> int:
        """How many connections nobody uses."""
        return len(self._idle)

    @property
    def waiting(self) -> int:
        """How many calls wait for a connection."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def connection(self, tenant_id: str | None) -> AsyncIterator[PooledConnection]:
        """A connection for the length of the block; closed afterwards if anything unexpected happened on it.

        Raises DatabaseBusyError.
        """
        place = await self._taken(tenant_id)
        try:
            await place.open(self._schema)
            yield place
        except (*_FORESEEN, Problem):
            raise
        except OUTDATED:
            self._schema += 1  # what was prepared on the others is outdated too: they are renewed when handed out again
            raise
        except BaseException:
            place.close()
            raise
        finally:
            if place.in_transaction:
                place.close()
            self._released(place, tenant_id)

    def close(self) -> None:
        """Close every connection; running statements are cancelled."""
        for place in self._all:
            place.close()

    async def _taken(self, tenant_id: str | None) -> PooledConnection:
        if self._idle and not self._waiting and self._may_hold(tenant_id):
            return self._given(tenant_id)
        waiting: asyncio.Future[PooledConnection] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant_id, deque()).append(waiting)
        self._hand_out()
        try:
            if waiting.done():
                return waiting.result()
            async with asyncio.timeout(self._patience):
                return await waiting
        except BaseException as error:
            if waiting.done() and not waiting.cancelled():
                self._released(waiting.result(), tenant_id)
            waiting.cancel()
            if isinstance(error, TimeoutError):
                raise DatabaseBusyError("every connection is in use") from None
            raise

    def _released(self, place: PooledConnection, tenant_id: str | None) -> None:
        self._idle.append(place)
        if tenant_id is not None:
            self._held[tenant_id] -= 1
            if not self._held[tenant_id]:
                del self._held[tenant_id]
        self._hand_out()

    def _hand_out(self) -> None:
        """Give idle connections to waiting calls, one per tenant in turn."""
        for tenant_id in list(self._waiting):
            queue = self._waiting[tenant_id]
            while queue and queue[0].done():  # went away
                queue.popleft()
            if not queue:
                del self._waiting[tenant_id]
            elif self._idle and self._may_hold(tenant_id):
                queue.popleft().set_result(self._given(tenant_id))
                self._waiting.move_to_end(tenant_id)

    def _may_hold(self, tenant_id: str | None) -> bool:
        return tenant_id is None or self._held.get(tenant_id, 0) < self._share

    def _given(self, tenant_id: str | None) -> PooledConnection:
        if tenant_id is not None:
            self._held[tenant_id] += 1
        return self._idle.popleft()
