"""Server-sent events (HTML, 9.2.6), as they come in pieces."""

from typing import NamedTuple

LONGEST = 1024 * 1024
"""Bytes of one event; more than that is no log."""


class Sent(NamedTuple):
    """A server-sent event."""

    id: str
    name: str
    data: bytes


class Reader:
    """Puts the pieces of a stream together."""

    def __init__(self) -> None:
        self._rest = b""

    def read(self, piece: bytes) -> list[Sent]:
        """The events that are complete now; raises ValueError for one that does not end."""
        *whole, self._rest = (self._rest + piece).split(b"\n\n")
        if len(self._rest) > LONGEST:
            raise ValueError("an event without end")
        return [_sent(one) for one in whole if one.strip()]


def _sent(text: bytes) -> Sent:
    fields: dict[bytes, bytes] = {}
    for line in text.split(b"\n"):
        name, _, value = line.partition(b":")
        fields[name] = value.removeprefix(b" ")
    return Sent(fields.get(b"id", b"").decode(), fields.get(b"event", b"").decode(), fields.get(b"data", b""))
