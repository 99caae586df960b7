"""A transport that does not close before its client has read the answer."""

import asyncio
from collections.abc import Callable


class LingeringTransport:
    """A transport whose client can read the answer before it closes (RFC 9112 §9.6)."""

    def __init__(self, transport: asyncio.Transport, close_gently: Callable[[], None]) -> None:
        self._transport = transport
        self.close = close_gently
        self.is_closing = transport.is_closing
        self.abort = transport.abort
        self.get_extra_info = transport.get_extra_info
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading
        self.write_eof = transport.write_eof
        self.close_now = transport.close

    def write(self, data: bytes) -> None:
        """Write, unless the client is gone."""
        if not self._transport.is_closing():  # an earlier request of a pipeline may still be answered
            self._transport.write(data)
