"""The revocation log as a stream: one reading of a node for all who listen, and a place from which each goes on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from typing import Any

from autional.core import background, cursors
from autional.core.errors import WORKER_LOST, DatabaseUnavailableError
from autional.core.problems import Problem
from autional.events import log
from autional.events.log import Event
from autional.events.message import message_of, type_of
from autional.events.receipts import Reading, note_readings
from autional.events.subscription import Subscription, server_sent_event
from autional.postgres import notifications
from autional.postgres.database import Database
from autional.postgres.queries import Lookup, look_up
from autional.tenancy import tenants

_PAGE = 500
_LOOK_EVERY = 1.0
_PAUSE = 0.01
_VERIFY_EVERY = 0.5
_NOTE_EVERY = 1.0
_MOST_READINGS = 10_000
_HEARTBEAT_EVERY = 5.0
_CANNOT_VERIFY_FOR = 5.0


class Feed:
    """The logs of the tenants to which somebody listens at this node."""

    def __init__(self, database: Database, cursor_key: bytes) -> None:
        self._database = database
        self._cursor_key = cursor_key
        self._subscriptions: dict[int, set[Subscription]] = {}
        self._tenants: dict[int, str] = {}
        self._positions: dict[int, int] = {}
        self._lags: dict[int, float] = {}
        self._progress_of_log: log.Progress | None = None
        """As it was last read."""
        self._looked_at = 0.0
        self._readings: list[Reading] = []
        self._catching_up: set[Subscription] = set()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._verified_at: dict[object, float] = {}

    def event_id(self, tenant_id: str, position: int) -> str:
        """The id of an event of a tenant, from which a reader goes on."""
        return cursors.write(self._cursor_key, [position], ["revocation log", tenant_id])

    def position_of(self, tenant_id: str, event_id: str) -> int | None:
        """The position in an id; None if it is not one of this tenant's log."""
        try:
            return int(cursors.read(self._cursor_key, event_id, ["revocation log", tenant_id])[0])
        except ValueError:
            return None

    async def stream(self, tenant_id: str, subscription: Subscription, *, reset: bool) -> AsyncGenerator[bytes, None]:
        """The log of a tenant after the position of a subscription, as server-sent events, until that ends.

        It begins with a `reset` where what the reader has seen cannot be continued. Raises DatabaseUnavailableError.
        """
        self._start()
        self._catching_up.add(subscription)
        try:
            if asyncio.get_running_loop().time() - self._looked_at > _LOOK_EVERY:
                await self._look_at_progress()
            first = "reset" if reset else "heartbeat"
            yield self._progress(first, tenant_id, subscription.position)
            while True:
                async for chunk in self._missed(tenant_id, subscription):
                    yield chunk
                if subscription.has_ended or self._join(tenant_id, subscription):
                    break
            self._catching_up.discard(subscription)
            yield self._progress("heartbeat", tenant_id, subscription.position)
            async for chunk in subscription.chunks():
                yield chunk
        finally:
            self._leave(subscription)

    @property
    def readers(self) -> int:
        """How many streams are open here."""
        return len(self._everybody())

    async def close(self) -> None:
        """End every stream."""
        for one in self._everybody():
            one.end("shutdown")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(DatabaseUnavailableError):
            await self._note()

    def _everybody(self) -> list[Subscription]:
        return [*self._catching_up, *(one for listening in self._subscriptions.values() for one in listening)]

    async def _missed(self, tenant_id: str, subscription: Subscription) -> AsyncIterator[bytes]:
        """What the log says after the position of a subscription, as far as it goes now."""
        lists = self._database.share("lists", tenant_id)
        while not subscription.has_ended:
            events = await log.events_after(lists, {subscription.home: subscription.position}, _PAGE)
            if not events:
                return
            subscription.position = events[-1].position
            yield b"".join(self._told(event, tenant_id) for event in events)
            subscription.sent = subscription.position
            self._add_reading(subscription)
            if len(events) < _PAGE:
                return

    def _join(self, tenant_id: str, subscription: Subscription) -> bool:
        """Have a subscription that has read on to where this node is get what comes; False: it has to read on."""
        home = subscription.home
        if self._positions.setdefault(home, subscription.position) > subscription.position:
            return False
        self._tenants[home] = tenant_id
        self._subscriptions.setdefault(home, set()).add(subscription)
        self._changed.set()
        return True

    def _leave(self, subscription: Subscription) -> None:
        home = subscription.home
        self._add_reading(subscription)
        self._catching_up.discard(subscription)
        listening = self._subscriptions.get(home, set())
        listening.discard(subscription)
        if not listening:
            for known in (self._subscriptions, self._tenants, self._positions, self._lags):
                known.pop(home, None)

    def _start(self) -> None:
        if self._tasks:
            return
        works: dict[str, tuple[float, Callable[[], Awaitable[object]]]] = {
            "reading of the revocation log": (_PAUSE, self._read),
            "notifications": (0.1, lambda: notifications.listen(self._database.url, log.CHANNEL, self._wake)),
            "verification of streams": (_VERIFY_EVERY, self._verify),
            "record of streams": (_NOTE_EVERY, self._note),
            "heartbeats of streams": (_HEARTBEAT_EVERY, self._beat),
        }
        self._tasks = [
            asyncio.create_task(background.run_repeatedly(name, pause, work)) for name, (pause, work) in works.items()
        ]

    def _wake(self, payload: str) -> None:
        if not payload or any(int(home) in self._positions for home in payload.split(",")):
            self._changed.set()

    async def _read(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY):
                await self._changed.wait()
        self._changed.clear()
        if not self._positions:
            return False
        positions = dict(self._positions)
        found = await log.events_after(
            self._database.share("hot", None), positions, _PAGE, on_citus=self._database.on_citus
        )
        for home, group in groupby(found, attrgetter("home")):
            events = list(group)
            is_current = self._positions.get(home) == positions[home]  # or everybody left while it was read
            if is_current:
                self._publish(home, events)
            if not is_current or len(events) == _PAGE:
                self._changed.set()
        return False

    def _publish(self, home: int, events: list[Event]) -> None:
        self._positions[home] = events[-1].position
        self._lags[home] = max(self._lags.get(home, 0.0), *(event.lag for event in events))
        for event in events:
            chunk = self._told(event, self._tenants[home])
            for one in self._subscriptions[home]:
                if one.position < event.position:
                    one.give(chunk, event.position)
                    one.slowest = max(one.slowest or 0.0, event.lag)

    async def _note(self) -> None:
        """Write down what everybody was given since the last time."""
        for listening in self._subscriptions.values():
            for one in listening:
                self._add_reading(one)
        readings, self._readings = self._readings, []
        try:
            await note_readings(self._database.share("hot", None), readings)
        except DatabaseUnavailableError:
            self._readings = readings[-_MOST_READINGS:]
            raise

    def _add_reading(self, one: Subscription) -> None:
        if one.sent > one.noted:
            self._readings.append(Reading(one.home, one.reader, one.noted + 1, one.sent, one.slowest))
            one.noted, one.slowest = one.sent, None

    async def _verify(self) -> None:
        """End the streams of callers that may not listen any more (or of which nobody can say)."""
        everybody = self._everybody()
        asked = {one.credential[:2]: one.credential for one in everybody}
        now = asyncio.get_running_loop().time()
        refusals = (_refusal(self._database, credential) for credential in asked.values())
        answers = await asyncio.gather(*refusals, return_exceptions=True)
        failed = [one for one in answers if isinstance(one, BaseException)]
        ended = dict(zip(asked, answers, strict=True))
        self._verified_at = {
            key: self._verified_at.get(key, now) if isinstance(answer, BaseException) else now
            for key, answer in ended.items()
        }
        for one in everybody:
            key = one.credential[:2]
            answer = ended[key]
            if isinstance(answer, str):
                one.end(answer)
            elif isinstance(answer, BaseException) and now - self._verified_at[key] > _CANNOT_VERIFY_FOR:
                one.end("unavailable")
        if failed:
            raise failed[0]

    async def _look_at_progress(self) -> None:
        if self._everybody():
            self._looked_at = asyncio.get_running_loop().time()
            self._progress_of_log = await log.read_progress(self._database.share("hot", None))

    async def _beat(self) -> None:
        await self._look_at_progress()
        away = await self._homes_away()
        for home, listening in self._subscriptions.items():
            if home in away:
                continue  # silence is what its readers judge by
            position = self._positions[home]
            chunk = self._progress("heartbeat", self._tenants[home], position, self._lags.pop(home, 0.0))
            for one in listening:
                if one.position <= position:
                    one.give(chunk, one.position)

    async def _homes_away(self) -> set[int]:
        """Tenants whose worker of a Citus cluster is away: what their logs say is not known."""
        away: set[int] = set()
        if self._progress_of_log is not None and self._progress_of_log.is_partial:
            for home, position in dict(self._positions).items():
                try:
                    await log.events_after(self._database.share("hot", None), {home: position}, 1)
                except WORKER_LOST:
                    away.add(home)
        return away

    def _told(self, event: Event, tenant_id: str) -> bytes:
        event_id = self.event_id(tenant_id, event.position)
        return server_sent_event(type_of(event), message_of(event, tenant_id), event_id)

    def _progress(self, name: str, tenant_id: str, position: int, lag: float = 0.0) -> bytes:
        told: dict[str, Any] = {"position": position, "lag_ms": round(lag * 1000)}
        if self._progress_of_log is not None:
            told |= {"at": self._progress_of_log.at, "waiting_ms": round(self._progress_of_log.waiting * 1000)}
        return server_sent_event(name, told, self.event_id(tenant_id, position))


async def place_after(feed: Feed, database: Database, tenant_id: str, event_id: str | None) -> tuple[int, bool]:
    """The position of an event (None: the last one) to go on from, and whether its reader has to begin anew.

    Raises DatabaseUnavailableError.
    """
    head = await log.head(database.share("hot", tenant_id), tenant_id)
    position = head.position if event_id is None else feed.position_of(tenant_id, event_id)
    if position is None or not head.pruned_to <= position <= head.position:
        return head.position, True
    return position, False


async def _refusal(database: Database, credential: Lookup[Any]) -> str | None:
    """Why a caller may not listen any more; None: it may. Raises DatabaseUnavailableError."""
    try:
        caller = await look_up(database, credential)
        if database.on_citus:
            await tenants.require_enabled(database, caller.tenant_id)
    except Problem as problem:
        return problem.kind.slug
    return None
