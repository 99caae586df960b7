"""Who listens to the log of a tenant: what waits to be sent to it, and what was."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from autional.postgres.queries import Lookup

MOST_WAITING_BYTES = 256 * 1024
"""A reader that lets more than this wait is cut off; it goes on from its last event."""
_encode = msgspec.json.Encoder().encode


class Subscription:
    """Who listens to the log of a tenant."""

    __slots__ = (
        "_awake",
        "_waiting",
        "_waiting_bytes",
        "abort",
        "credential",
        "has_ended",
        "home",
        "noted",
        "position",
        "reader",
        "sent",
        "slowest",
    )

    def __init__(self, home: int, position: int, credential: Lookup[Any], reader: str) -> None:
        self.home = home
        self.reader = reader
        """The API key or session that listens."""
        self.sent = position
        """Of the last event that its connection took."""
        self.noted = position
        """Up to where it is on record what was sent."""
        self.slowest: float | None = None
        """The longest lag, in seconds, of what it was given as it happened since then."""
        self.position = position
        """Of the last event that it was given."""
        self.credential = credential
        """Verifies that the caller may still listen."""
        self.abort: Callable[[], None] = lambda: None
        """Closes the connection, whatever its client has not read yet."""
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._awake = asyncio.Event()
        self.has_ended = False

    def give(self, chunk: bytes, position: int) -> None:
        """Have a chunk sent, unless it was; a reader too slow for it is cut off."""
        if self.has_ended:
            return
        self._waiting_bytes += len(chunk)
        if self._waiting_bytes > MOST_WAITING_BYTES:
            self._waiting.clear()
            self.has_ended = True
            self.abort()
        else:
            self.position = position
            self._waiting.append(chunk)
        self._awake.set()

    def end(self, reason: str | None = None) -> None:
        """End the stream, with a last event that says why; at once if its client does not read."""
        if self._waiting:
            self.abort()
        elif reason is not None:
            self._waiting.append(server_sent_event("end", {"reason": reason}))
        self.has_ended = True
        self._awake.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What is to be sent, as it comes."""
        while True:
            while self._waiting:
                chunk = b"".join(self._waiting)
                self._waiting.clear()
                position = self.position
                yield chunk
                self.sent = position
                self._waiting_bytes = sum(map(len, self._waiting))  # what came while it was being sent
            if self.has_ended:
                return
            self._awake.clear()
            await self._awake.wait()


def server_sent_event(name: str, data: object, event_id: str | None = None) -> bytes:
    """A server-sent event (HTML, 9.2.6)."""
    head = f"id: {event_id}\n" if event_id else ""
    return b"%bevent: %b\ndata: %b\n\n" % (head.encode(), name.encode(), _encode(data))
