"""Pools of connections to PostgreSQL, each shared fairly between tenants."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
from asyncpg import Connection, Record
from asyncpg.prepared_stmt import PreparedStatement

from autional.core.errors import (
    DatabaseBusyError,
    DatabaseUnavailableError,
    NotOnCitusError,
    WorkerAwayError,
    WorkerSilentError,
)
from autional.core.problems import Problem
from autional.postgres.buckets import Buckets
from autional.postgres.connection import LOST, TIMED_OUT, WorkClass, connect, limits_of
from autional.postgres.primary import latest_timeline

_FORESEEN = (
    *TIMED_OUT,
    asyncpg.DeadlockDetectedError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SerializationError,
)
_MOVED = "distributed query from a query on a shard"
"""What Citus says when a tenant is moved to another worker between the routing of a statement and its work."""
_NOT_COMMITTED = "could not commit transaction"
_IN_DOUBT = "failed to commit transaction"
"""What Citus warns of when a worker was lost between agreeing to a commit and hearing of it: it is brought up later."""
OUTDATED = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)


@contextmanager
def timeouts_as_busy() -> Iterator[None]:
    """Turn a statement that ran out of time into DatabaseBusyError."""
    try:
        yield
    except TIMED_OUT as error:
        raise DatabaseBusyError(str(error)) from error


class PooledConnection:
    """A slot of a pool: its connection, opened when needed, and the statements prepared on it."""

    def __init__(self, url: str, work: WorkClass, buckets: Buckets, *, pooled: bool, on_citus: bool) -> None:
        self._url = url
        self.buckets = buckets
        self._pooled = pooled
        self.on_citus = on_citus
        self._work: WorkClass = work
        self._statements: dict[Hashable, PreparedStatement[Record]] = {}
        self._connection: Connection[Record] | None = None
        self._since = 0, 0
        self._prepared = 0
        self._is_in_doubt = False

    async def open(self, epoch: int) -> None:
        """Have a connection that was opened in this epoch of the pool, and since the last failover.

        Raises DatabaseUnavailableError.
        """
        since = epoch, latest_timeline(self._url)
        if self._connection is None or self._connection.is_closed() or self._since != since:
            self.close()
            self._statements.clear()
            self._connection = await connect(self._url, self._work, pooled=self._pooled, on_citus=self.on_citus)
            if self.on_citus:
                self._connection.add_log_listener(self._heard)
            self._since = since  # of before: should another have become the primary meanwhile, it is opened again

    def _heard(self, _: object, said: asyncpg.PostgresLogMessage) -> None:
        self._is_in_doubt |= _IN_DOUBT in str(said)

    @asynccontextmanager
    async def usable(self) -> "AsyncIterator[Connection[Record]]":
        """The connection. If it is lost it is closed, and opened again for the next user.

        Raises DatabaseUnavailableError.
        """
        connection = self._connection
        if connection is None:
            raise DatabaseUnavailableError("the connection was lost")
        if not connection.is_in_transaction():
            self._is_in_doubt = False
        try:
            yield connection
            if self._is_in_doubt and not connection.is_in_transaction():
                raise WorkerAwayError("a worker has not heard of the commit yet")
        except OUTDATED:
            raise
        except (*LOST, *TIMED_OUT, asyncpg.FeatureNotSupportedError, asyncpg.InternalServerError) as error:
            meant = _said_by_citus(error) if self.on_citus else None
            if meant is not None:
                raise meant from error
            is_misused = isinstance(error, asyncpg.InterfaceError) and not connection.is_closed()
            if is_misused or not isinstance(error, LOST):
                raise
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


def _said_by_citus(error: Exception) -> Exception | None:
    """What an error means where tables are spread over nodes, while the connection itself is whole."""
    if isinstance(error, asyncpg.FeatureNotSupportedError):
        return NotOnCitusError(str(error))
    if isinstance(error, asyncpg.InternalServerError) and _MOVED in str(error):
        return asyncpg.SerializationError(str(error))  # which is repeated
    if isinstance(error, asyncpg.InternalServerError) and _NOT_COMMITTED in str(error):
        return WorkerAwayError(str(error))
    if isinstance(error, asyncpg.PostgresConnectionError) and getattr(error, "severity_en", None) == "ERROR":
        return WorkerAwayError(str(error))
    return WorkerSilentError(str(error)) if isinstance(error, TIMED_OUT) else None


class Pool:
    """The connections of one class. Waiting calls are served in turn, tenant by tenant, for a bounded time.

    No tenant holds more than half of them; work for several tenants at once (None) may hold all.
    """

    def __init__(self, url: str, work: WorkClass, size: int, buckets: Buckets, *, pooled: bool, on_citus: bool) -> None:
        self._all = [PooledConnection(url, work, buckets, pooled=pooled, on_citus=on_citus) for _ in range(size)]
        self._idle = deque(self._all)
        self._share = max(1, size // 2)
        self._patience = limits_of(work, on_citus=on_citus).patience
        self._epoch = 0
        """Connections of an earlier epoch are renewed when they are handed out again."""
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
            await place.open(self._epoch)
            yield place
        except (*_FORESEEN, Problem, WorkerAwayError):
            raise
        except OUTDATED:
            self.renew()  # what was prepared on the others is outdated too
            raise
        except BaseException:
            place.close()
            raise
        finally:
            if place.in_transaction:
                place.close()
            self._released(place, tenant_id)

    def renew(self) -> None:
        """Use no connection again that is open now."""
        self._epoch += 1

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
