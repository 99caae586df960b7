"""Notifications of PostgreSQL (LISTEN), on a connection of their own."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from autional.core.errors import DatabaseUnavailableError
from autional.postgres.connection import connect

_SECONDS = 60.0


async def listen(url: str, channel: str, notified: Callable[[str], None]) -> None:
    """Call a function with the payload of each notification of the next minute.

    It is called once with an empty payload at first, since some may have been missed. Raises
    DatabaseUnavailableError.
    """
    connection = await connect(url)
    try:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(channel, lambda *about: notified(str(about[3])))
        notified("")
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS):
                await lost.wait()
            raise DatabaseUnavailableError("the connection for notifications was lost")
    finally:
        connection.terminate()
